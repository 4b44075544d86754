"""A disk that is full: what is told of it, what is left, and how it ends."""

from collections.abc import Callable, Iterator
import ctypes
import errno
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.eas_station.const import DOMAIN, EVENT_ALERT
from custom_components.eas_station.eas_core.audio.encoding import Encoder
from custom_components.eas_station.eas_core.station import (
    RecordingEnd,
    RecordingIndex,
    recording_writer,
)
from custom_components.eas_station.recordings import recording_folder
from tests.integration.recorded import at_once, noise, recording_entry, spoken
from tests.integration.waiting import shown_state, until

PROBLEM = "binary_sensor.home_eas_recording_problem"
DISK_BYTES = 3_000_000
ROOM_BYTES = 200_000
"""Less than a message needs."""


class Disk:
    """A small disk that others fill."""

    def __init__(self, folder: Path) -> None:
        self._filler = folder / "filler"

    def fill(self, but: int) -> None:
        """Leave so many bytes."""
        self._filler.write_bytes(bytes(DISK_BYTES - but))

    def clear(self) -> None:
        self._filler.unlink()


@pytest.fixture
def disk(hass: HomeAssistant, tmp_path: Path) -> Iterator[Disk]:
    """Put the media on a disk of three megabytes: a real one where that is allowed."""
    folder = tmp_path / "media"
    folder.mkdir()
    libc = ctypes.CDLL(None, use_errno=True)
    options = f"size={DISK_BYTES}".encode()
    if libc.mount(b"tmpfs", str(folder).encode(), b"tmpfs", 0, options) == 0:
        yield Disk(folder)
        libc.umount2(str(folder).encode(), 2)
        return
    # Not root: what a full disk does, done by what asks and writes.
    with (
        patch("shutil.disk_usage", _usage(folder)),
        patch.object(Encoder, "write", _refusing(folder)),
    ):
        yield Disk(folder)


def _free(folder: Path) -> int:
    files = (each.stat() for each in folder.rglob("*") if each.is_file())
    return DISK_BYTES - sum(each.st_size for each in files)


def _usage(folder: Path) -> Callable[[Path], Any]:
    return lambda path: SimpleNamespace(free=max(0, _free(folder)))


def _refusing(folder: Path) -> Callable[[Encoder, Any], None]:
    write = Encoder.write

    def refuse(encoder: Encoder, pcm: Any) -> None:
        if _free(folder) <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(encoder, pcm)

    return refuse


def issue_of(hass: HomeAssistant) -> ir.IssueEntry | None:
    return ir.async_get(hass).async_get_issue(DOMAIN, "recording_recording_entry")


@pytest.mark.parametrize(
    "floor_mb", [0, 2.5], ids=["full in mid-write", "below the floor"]
)
async def test_a_full_disk_is_a_repair_until_there_is_room(
    hass: HomeAssistant, tmp_path: Path, header: str, disk: Disk, floor_mb: float
) -> None:
    audio = (
        spoken(header, voice=8.0) + noise(600.0, 0.02)[: len(spoken(header, voice=8.0))]
    )
    entry = recording_entry(tmp_path / "on_air.wav", audio, floor_mb=floor_mb)
    alerts = async_capture_events(hass, EVENT_ALERT)
    await hass.async_add_executor_job(disk.fill, ROOM_BYTES)
    entry.add_to_hass(hass)
    with at_once(held=True), patch.object(recording_writer, "LOOK_SECONDS", 0.2):
        assert await hass.config_entries.async_setup(entry.entry_id)
        await until(hass, lambda: issue_of(hass) is not None and bool(alerts))
        issue = issue_of(hass)
        assert issue is not None
        assert issue.translation_key == "recording_low_space"
        assert shown_state(hass, PROBLEM).state == "on"
        assert alerts[0].data["event"] == "Tornado Warning", "it is told as ever"
        await hass.async_add_executor_job(disk.clear)
        await until(hass, lambda: issue_of(hass) is None)
        assert shown_state(hass, PROBLEM).state == "off"
        index = RecordingIndex(recording_folder(hass, entry.entry_id))
        if floor_mb:
            assert index.entries() == ()
        else:
            # What was written before it was full.
            await until(hass, lambda: bool(index.entries()))
            (left,) = index.entries()
            assert index.read(left.name).ended_by is RecordingEnd.DISK
            assert 0 < left.duration_s < 20
        assert await hass.config_entries.async_unload(entry.entry_id)
