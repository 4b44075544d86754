"""What holds for all tests: whom they are shared out to, and what Python and Home Assistant may not say.

Several are run at once by `pytest -n 3 --dist loadscope`.
"""

from collections.abc import Iterator
import logging
import re
from typing import Any, Final

from hypothesis import settings
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

UNHEALTHY: Final = re.compile(
    "Detected blocking call|from a thread other than the event loop"
    "|never retrieved|was destroyed but it is pending|[Uu]nclosed "
)
"""What asyncio and Home Assistant log of a fault that no test would fail for."""

# How long an example takes says what else the machine does.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


class Unhealthy(logging.Handler):
    """Keeps what is logged of faults."""

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Take what anybody logs."""
        message = record.getMessage()
        if UNHEALTHY.search(message):
            self.said.append(f"{record.name}: {message}")


@pytest.fixture(autouse=True)
def healthy() -> Iterator[None]:
    """Fail a test that leaves tasks or connections behind, blocks the loop or touches it from elsewhere."""
    handler = Unhealthy()
    logging.getLogger().addHandler(handler)
    yield
    logging.getLogger().removeHandler(handler)
    assert handler.said == []


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
