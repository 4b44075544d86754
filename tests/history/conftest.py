"""Histories on a real disk."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
import pytest

from custom_components.eas_station.history import AlertHistory
from tests.loop_checks import blocking_calls_checked

ENTRY = "01JENTRY"


REAL = {
    name: getattr(Store, name)
    for name in ("_async_load", "_async_write_data", "async_remove")
}
"""What the test harness replaces by a dictionary."""


@pytest.fixture(autouse=True, scope="session")
def blocking_calls() -> Iterator[None]:
    """Let what blocks the event loop be found."""
    with blocking_calls_checked():
        yield


@pytest.fixture(autouse=True)
def storage(hass: HomeAssistant, tmp_path: Path) -> Iterator[Path]:
    """Let Home Assistant keep its files in a folder of the test's; yield it."""
    hass.config.config_dir = str(tmp_path)
    folder = tmp_path / ".storage"
    folder.mkdir()
    with patch.multiple(Store, **REAL):
        yield folder


@pytest.fixture
def small_files() -> Iterator[None]:
    """Let a file hold four entries, and a history five files."""
    with (
        patch("custom_components.eas_station.history.ENTRIES_A_FILE", 4),
        patch("custom_components.eas_station.history.MOST_FILES", 5),
    ):
        yield


async def opened(hass: HomeAssistant, entry_id: str = ENTRY) -> AlertHistory:
    """Return a history as the next start of Home Assistant finds it."""
    history = AlertHistory(hass, entry_id)
    await history.async_load(dt_util.utcnow())
    return history


async def ids(history: AlertHistory, **asked: Any) -> list[str]:
    """Return the ids of all that is asked for, newest first."""
    page = await history.async_page(10_000, **asked)
    return [entry["id"] for entry in page["entries"]]


def file_names(storage: Path, pattern: str = "*") -> list[str]:
    """Return the names of the files that are there."""
    return sorted(path.name for path in storage.glob(pattern))
