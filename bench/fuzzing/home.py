"""A Home Assistant with a station that says nothing by itself, as its own tests have it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
import logging
from pathlib import Path
import traceback
from typing import Any, Final, override
from unittest.mock import patch

from homeassistant import loader
from homeassistant.core import HomeAssistant
from homeassistant.helpers import frame
from homeassistant.helpers.storage import Store
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_test_home_assistant,
)

from bench.fuzzing.target import WrongAnswerError

# Home Assistant looks for custom components where this package was imported from.
import custom_components  # noqa: F401
from custom_components.eas_station.eas_core.station import Station

OURS: Final = "custom_components/eas_station"
ENTRY: Final = "simulator_entry"
DATA: Final = {
    "source": "simulator",
    "locations": ["039035"],
    "call_sign": "KSIM/NWS",
    "first_alert_seconds": 3600,
    "interval_minutes": 60,
}
CALM_SECONDS: Final = 60.0
"""In which Home Assistant must have come to rest after a case."""

REAL: Final = {
    name: getattr(Store, name)
    for name in ("_async_load", "_async_write_data", "async_remove")
}


class Logged(logging.Handler):
    """Notes what is logged with a traceback through our files: nobody expected that."""

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__(logging.ERROR)
        self.texts: list[str] = []

    @override
    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            return
        files = [each.filename for each in traceback.extract_tb(error.__traceback__)]
        ours = [file for file in files if OURS in file or "eas_core" in file]
        if ours:
            told = f"{record.getMessage():.200}: {error!r:.300} at {ours[-1]}"
            self.texts.append(told)

    def check(self) -> None:
        """Raise WrongAnswerError where something was noted since the last time."""
        texts, self.texts = self.texts, []
        if texts:
            raise WrongAnswerError("; ".join(texts))


@contextmanager
def logged() -> Iterator[Logged]:
    """Note what is logged meanwhile."""
    noted, root = Logged(), logging.getLogger()
    root.addHandler(noted)
    try:
        yield noted
    finally:
        root.removeHandler(noted)


@asynccontextmanager
async def home(folder: Path) -> AsyncIterator[HomeAssistant]:
    """Give a Home Assistant that keeps its files in a folder, and stop it."""
    # The tests' harness may have put its own storage in their place.
    with patch.multiple(Store, **REAL), patch.object(Station, "start"):
        async with async_test_home_assistant(config_dir=str(folder)) as hass:
            frame.async_setup(hass)
            hass.data.pop(loader.DATA_CUSTOM_COMPONENTS)
            hass.config.latitude, hass.config.longitude = 41.50, -81.69
            hass.config.media_dirs = {"local": str(folder / "media")}
            assert await async_setup_component(hass, "homeassistant", {})
            assert await async_setup_component(hass, "media_source", {})
            yield hass
            await calm(hass)
            for entry in hass.config_entries.async_loaded_entries("eas_station"):
                await hass.config_entries.async_unload(entry.entry_id)
            await hass.async_stop(force=True)


def station_entry(**changed: Any) -> MockConfigEntry:
    """Return the entry of the simulator."""
    usual = {
        "title": "Home EAS",
        "unique_id": "simulator",
        "entry_id": ENTRY,
        "data": DATA,
    }
    return MockConfigEntry(domain="eas_station", **(usual | changed))


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Set an entry up."""
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await calm(hass)


async def calm(hass: HomeAssistant) -> None:
    """Wait until nothing is under way."""
    async with asyncio.timeout(CALM_SECONDS):
        await hass.async_block_till_done()
