"""The commands that return where a recording or a channel can be heard, for a while."""

from datetime import timedelta
from typing import Any, Final

from homeassistant.components.http.auth import async_sign_path
from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.const import ERR_NOT_FOUND
from homeassistant.components.websocket_api.decorators import websocket_command
from homeassistant.core import HomeAssistant
import probatio

from ..const import DOMAIN
from ..eas_core.errors import EasError
from ..eas_core.station import RecordingError, RecordingIndex
from ..eas_core.station.recording_cut import PARTS, part_spans
from ..playing import (
    ASKED_FOR,
    LIVE_MIME_TYPE,
    MIME_TYPES,
    WHOLE,
    find_playable,
    live_url,
    recording_index,
    recording_url,
)
from ..recordings import URI_SCHEME
from .access import ATTR_ENTRY, OF_STATION, CommandError, answering, asked_station

SIGNED_FOR: Final = timedelta(minutes=15)
"""Longer than a recording is, with pauses: a player asks for more as it goes."""

LIVE_SIGNED_FOR: Final = timedelta(minutes=2)
"""To begin to listen; who listens goes on."""

URI_START: Final = f"{URI_SCHEME}{DOMAIN}/"


def _signed(hass: HomeAssistant, path: str, lasting: timedelta) -> str:
    """Return a path as it is, with what lets a player in; signing it alone takes its quotes away."""
    return f"{path}?{async_sign_path(hass, path, lasting).partition('?')[2]}"


@websocket_command(
    {
        probatio.Required("type"): "eas_station/recording",
        **OF_STATION,
        probatio.Exclusive("name", "which"): str,
        probatio.Exclusive("recording", "which"): str,
        probatio.Optional("part"): probatio.In(ASKED_FOR),
    }
)
@answering
async def recording(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> dict[str, Any]:
    """Return where a recording's copy can be played, or the part that is asked for."""
    entry_id, name = _named(msg)
    entry = asked_station(hass, connection, {ATTR_ENTRY: entry_id} if entry_id else {})
    index, part = recording_index(hass, entry), msg.get("part")
    try:
        mime_type, seconds = await hass.async_add_executor_job(
            _describe, index, name, part
        )
    except EasError as error:
        raise CommandError(
            ERR_NOT_FOUND,
            translation_key="unplayable",
            translation_placeholders={"hint": str(error)},
        ) from error
    path = recording_url(entry.entry_id, name, part)
    return {
        "url": _signed(hass, path, SIGNED_FOR),
        "mime_type": mime_type,
        "duration_s": round(seconds, 1),
    }


def _named(msg: dict[str, Any]) -> tuple[str | None, str]:
    """Return the entry and the name of a recording, by what events call it or its name."""
    entry_id: str | None = msg.get(ATTR_ENTRY)
    if "name" in msg:
        return entry_id, msg["name"]
    uri = msg.get("recording")
    if uri is None:
        raise probatio.Invalid("recording or name is needed")
    of_entry, _, name = uri.removeprefix(URI_START).partition("/")
    if not uri.startswith(URI_START) or entry_id not in (None, of_entry):
        raise CommandError(
            ERR_NOT_FOUND,
            translation_key="no_such_recording",
            translation_placeholders={"recording": uri},
        )
    return of_entry, name


def _describe(index: RecordingIndex, name: str, part: str | None) -> tuple[str, float]:
    """Return the type and length in seconds of what will be played; raises EasError."""
    known = index.read(name)
    if part in PARTS:
        seconds = sum(end - start for start, end in part_spans(known, part))
        if not seconds:
            raise RecordingError(f"Play another part: {name} has no {part}.")
        codec = known.copy.codec if known.copy else "mp3"
        return MIME_TYPES.get(codec, MIME_TYPES["mp3"]), seconds
    found = find_playable(index, name, part)
    copied = None if part == WHOLE else known.copy
    return found.mime_type, copied.duration_s if copied else known.duration_s


@websocket_command(
    {
        probatio.Required("type"): "eas_station/live",
        **OF_STATION,
        probatio.Required("channel"): str,
    }
)
@answering
async def live(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> dict[str, Any]:
    """Return where a channel can be heard now."""
    entry, channel = asked_station(hass, connection, msg), msg["channel"]
    channels = entry.runtime_data.listenable
    if channel not in channels:
        raise CommandError(
            ERR_NOT_FOUND,
            translation_key="no_such_channel",
            translation_placeholders={
                "station": entry.title,
                "channels": ", ".join(channels),
            },
        )
    path = live_url(entry.entry_id, channel)
    return {
        "url": _signed(hass, path, LIVE_SIGNED_FOR),
        "mime_type": LIVE_MIME_TYPE,
    }
