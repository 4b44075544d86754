"""Stations that record what a test sends, as fast as it can be heard."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
import threading
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
import numpy as np
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.eas_station.const import (
    CONF_LOCATIONS,
    CONF_LOOP,
    CONF_PATH,
    CONF_SOURCE,
    DOMAIN,
    SOURCE_FILE,
)
from custom_components.eas_station.coordinator import EasStationCoordinator
from custom_components.eas_station.eas_core.audio.block import AudioBlock
from custom_components.eas_station.eas_core.clock import Clock
from custom_components.eas_station.eas_core.sources.file import FileSource
from custom_components.eas_station.eas_core.station import RecordingFinished
from eas_core.audio.files import write_wav
from eas_core.modem.encoder import encode_message
from tests.integration.waiting import until

RATE = 16_000


def noise(seconds: float, level: float = 0.05) -> np.ndarray:
    """A voice: nothing that a decoder would hear."""
    rng = np.random.default_rng(1)
    return (level * rng.standard_normal(round(seconds * RATE))).astype(np.float32)


def spoken(header: str, voice: float = 4.0) -> np.ndarray:
    """A message with an attention signal and a voice."""
    message = encode_message(
        header, RATE, attention="nwr", attention_seconds=3.0, voice=noise(voice)
    )
    return np.concatenate((noise(1.0), message, noise(1.0)))


def recording_entry(path: Path, audio: np.ndarray, **options: Any) -> MockConfigEntry:
    """A station that hears this once; the disk may be as full as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_wav(path, audio, RATE)
    return MockConfigEntry(
        domain=DOMAIN,
        title="Home EAS",
        unique_id=f"file:{path}",
        entry_id="recording_entry",
        data={
            CONF_SOURCE: SOURCE_FILE,
            CONF_LOCATIONS: ["039035"],
            CONF_PATH: str(path),
            CONF_LOOP: False,
        },
        options={"floor_mb": 0} | options,
    )


class HeldFile(FileSource):
    """A file after whose end nothing comes, and the station goes on."""

    def blocks(self, clock: Clock, stop: threading.Event) -> Iterator[AudioBlock]:
        yield from super().blocks(clock, stop)
        stop.wait()


@contextmanager
def at_once(*, held: bool = False) -> Iterator[None]:
    """Let files be heard as fast as can be; the station may go on after their end."""
    kind = HeldFile if held else FileSource

    def source(path: str, *, loop: bool, live: bool) -> FileSource:
        return kind(path, loop=loop)

    with patch("custom_components.eas_station.sources.FileSource", source):
        yield


async def record(
    hass: HomeAssistant, entry: MockConfigEntry
) -> tuple[EasStationCoordinator, list[RecordingFinished]]:
    """Set the entry up, and hear its file to the end."""
    entry.add_to_hass(hass)
    finished: list[RecordingFinished] = []
    with at_once():
        assert await hass.config_entries.async_setup(entry.entry_id)
        coordinator: EasStationCoordinator = entry.runtime_data

        def take(moment: object) -> None:
            if isinstance(moment, RecordingFinished):
                finished.append(moment)

        coordinator.async_listen_moments(take)
        await until(hass, lambda: not coordinator.station.running)
    await hass.async_block_till_done()
    return coordinator, finished
