"""What of a recording is played: the copy for people, unless a part is asked for by its name."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback

from .const import DOMAIN
from .coordinator import EasStationConfigEntry
from .eas_core.station import RecordingError, RecordingIndex
from .eas_core.station.recording_cut import PARTS, cut_part
from .recordings import recording_folder

WHOLE: Final = "whole"
"""With SAME bursts and the attention signal: for whoever asks for it, and no loudspeaker."""

ASKED_FOR: Final = (*PARTS, WHOLE)

MIME_TYPES: Final = {"mp3": "audio/mpeg", "opus": "audio/ogg", "flac": "audio/flac"}
RECORDING_URL: Final = f"/api/{DOMAIN}/recording"
LIVE_URL: Final = f"/api/{DOMAIN}/live"
LIVE_MIME_TYPE: Final = MIME_TYPES["mp3"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Playable:
    """Something to be played: a file, or where it was cut out of one its bytes."""

    mime_type: str
    path: Path | None = None
    data: bytes = b""


def recording_url(entry_id: str, name: str, part: str | None = None) -> str:
    """Return where Home Assistant serves a recording, or a part of it; to be signed."""
    steps = (entry_id, name) if part is None else (entry_id, name, part)
    return "/".join((RECORDING_URL, *(quote(step, safe="") for step in steps)))


def live_url(entry_id: str, channel: str) -> str:
    """Return where Home Assistant serves what a channel hears now; to be signed."""
    return "/".join((LIVE_URL, entry_id, quote(channel, safe="")))


@callback
def station_entry(hass: HomeAssistant, entry_id: str) -> EasStationConfigEntry | None:
    """Return an entry of this integration, loaded or not."""
    entry = hass.config_entries.async_get_entry(entry_id)
    return entry if entry is not None and entry.domain == DOMAIN else None


@callback
def recording_index(
    hass: HomeAssistant, entry: EasStationConfigEntry
) -> RecordingIndex:
    """Return an entry's recordings, also where it records no more."""
    kept = (
        entry.runtime_data.recordings
        if entry.state is ConfigEntryState.LOADED
        else None
    )
    return kept or RecordingIndex(recording_folder(hass, entry.entry_id))


def find_playable(index: RecordingIndex, name: str, part: str | None) -> Playable:
    """Return what is to be played; not for the event loop.

    Raises EasError where there is none.
    """
    if part in PARTS:
        data, form = cut_part(index, name, part)
        return Playable(mime_type=MIME_TYPES[form.name], data=data)
    if part not in (None, WHOLE):
        raise RecordingError(f"Choose one of {', '.join(ASKED_FOR)}.")
    recording = index.read(name)
    file = recording.whole if part == WHOLE else recording.copy
    if file is None:
        raise RecordingError(
            f"Choose another recording: in {name} nothing is for people to hear."
        )
    path = index.path(name, "whole" if part == WHOLE else "copy")
    return Playable(
        mime_type=MIME_TYPES.get(file.codec, "application/octet-stream"), path=path
    )
