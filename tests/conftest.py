"""How tests are shared out where several are run at once: `pytest -n 4 --dist loadscope`."""

from typing import Any, Final

import pytest
from xdist.scheduler import LoadScopeScheduling

LONGEST_FIRST: Final = (
    "tests/live/",
    "tests/release/test_release.py",
    "tests/browser/",
    "tests/core/sources/",
    "tests/core/station/",
)
"""Or the last to begin would be waited for while nobody else has anything to do."""


class ByFile(LoadScopeScheduling):  # type: ignore[misc]
    """Gives whole files away, in order, and the browser's folder, whose tests share a hass."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.split("::", 1)[0]
        return "tests/browser" if path.startswith("tests/browser/") else path


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile | None:
    """Share out by file where that is asked for by scope."""
    return ByFile(config, log) if config.getoption("dist") == "loadscope" else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Begin with what takes longest; alone, in the usual order."""
    if hasattr(config, "workerinput"):
        items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    for turn, start in enumerate(LONGEST_FIRST):
        if item.nodeid.startswith(start):
            return turn
    return len(LONGEST_FIRST)
