"""Children that know the odd source."""

from collections.abc import Iterator
from pathlib import Path
import sys

import pytest

from eas_core.sources import child_process
from tests.core.sources.isolated import odd
from tests.core.sources.isolated.isolation import children, make_tree


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library with the odd source in it; the path of its `child_main.py`."""
    return make_tree(tmp_path_factory.mktemp("tree"))


@pytest.fixture
def odd_child(tree: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Start children from that tree; none of them is left at the end."""
    monkeypatch.setattr(child_process, "_MAIN", tree)
    monkeypatch.setitem(sys.modules, odd.MODULE, odd)
    before = children()
    yield
    assert children() == before
