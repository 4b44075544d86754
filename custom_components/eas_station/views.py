"""Recordings over HTTP, for those who may read the station or hold a signed path of one who may."""

from functools import lru_cache
from http import HTTPStatus
from typing import Final

from aiohttp import hdrs, web
from homeassistant.components.http.const import KEY_HASS_USER
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.http import KEY_HASS, HomeAssistantView

from .eas_core.errors import EasError
from .live_view import LiveView
from .permission import check_may_read
from .playing import (
    RECORDING_URL,
    Playable,
    find_playable,
    recording_index,
    station_entry,
)

KEPT_PARTS: Final = 4
"""A browser asks for a piece again and again while it plays; each is less than a megabyte."""


@callback
def async_register_views(hass: HomeAssistant) -> None:
    """Serve what can be heard."""
    hass.http.register_view(RecordingView())
    hass.http.register_view(LiveView())


class RecordingView(HomeAssistantView):
    """Serves a recording's copy, or what `part` asks for; piecewise, so that players can seek."""

    url = f"{RECORDING_URL}/{{entry_id}}/{{name}}"
    name = "api:eas_station:recording"

    def __init__(self) -> None:
        """Keep the last parts that were cut out."""
        # What Home Assistant signs for players cannot have a query.
        self.extra_urls = [f"{self.url}/{{part}}"]
        self._find = lru_cache(KEPT_PARTS)(find_playable)

    async def get(
        self, request: web.Request, entry_id: str, name: str, part: str | None = None
    ) -> web.StreamResponse:
        """Return the audio, or the piece of it that is asked for."""
        hass = request.app[KEY_HASS]
        entry = station_entry(hass, entry_id)
        if entry is None:
            return self.json_message("There is no such station.", HTTPStatus.NOT_FOUND)
        check_may_read(hass, request[KEY_HASS_USER], entry)
        index = recording_index(hass, entry)
        wanted = part or request.query.get("part")
        find = self._find if wanted else find_playable
        try:
            found = await hass.async_add_executor_job(find, index, name, wanted)
        except EasError as error:
            return self.json_message(str(error), HTTPStatus.NOT_FOUND)
        headers: dict[str, str] = {
            hdrs.CONTENT_TYPE: found.mime_type,
            hdrs.CACHE_CONTROL: "private",
        }
        if found.path is not None:
            return web.FileResponse(found.path, headers=headers)
        return _piece(request, found, headers)

    head = get


def _piece(
    request: web.Request, found: Playable, headers: dict[str, str]
) -> web.Response:
    """Return as much of what is in memory as is asked for."""
    size = len(found.data)
    headers[hdrs.ACCEPT_RANGES] = "bytes"
    try:
        wanted = request.http_range
        start, stop, _ = wanted.indices(size)
    except ValueError:
        start = stop = -1
    if (start, stop) == (0, size):
        return web.Response(body=found.data, headers=headers)
    if not 0 <= start < stop:
        headers[hdrs.CONTENT_RANGE] = f"bytes */{size}"
        status = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
        return web.Response(status=status, headers=headers)
    headers[hdrs.CONTENT_RANGE] = f"bytes {start}-{stop - 1}/{size}"
    status = HTTPStatus.PARTIAL_CONTENT
    return web.Response(body=found.data[start:stop], status=status, headers=headers)
