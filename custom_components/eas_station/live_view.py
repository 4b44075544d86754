"""Live audio over HTTP, for as long as the client listens and the station is loaded."""

import asyncio
from http import HTTPStatus
from typing import Final

from aiohttp import hdrs, web
from homeassistant.components.http.const import KEY_HASS_USER
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.http import KEY_HASS, HomeAssistantView

from .eas_core.errors import EasError
from .eas_core.station import LiveListener
from .permission import check_may_read
from .playing import LIVE_MIME_TYPE, LIVE_URL, station_entry
from .source_coordinator import SourceCoordinator

STUCK_SECONDS: Final = 30.0
"""A client that takes nothing for so long is let go."""

END_SECONDS: Final = 2.0
"""What a client may take to read the rest when the station is unloaded."""

HEADERS: Final = {hdrs.CONTENT_TYPE: LIVE_MIME_TYPE, hdrs.CACHE_CONTROL: "no-store"}


class LiveView(HomeAssistantView):
    """Serves what a channel hears, without end: bursts and tones are silence in it."""

    url = f"{LIVE_URL}/{{entry_id}}/{{channel}}"
    name = "api:eas_station:live"

    async def get(
        self, request: web.Request, entry_id: str, channel: str
    ) -> web.StreamResponse:
        """Stream until the client leaves or the station is unloaded."""
        hass = request.app[KEY_HASS]
        source = _source(request, entry_id, channel)
        if source is None:
            return self.json_message("There is no such channel.", HTTPStatus.NOT_FOUND)
        client = _Client(hass, request)
        try:
            await client.listen(source, channel)
        except EasError as error:
            return self.json_message(str(error), HTTPStatus.SERVICE_UNAVAILABLE)
        return await client.stream()

    async def head(
        self, request: web.Request, entry_id: str, channel: str
    ) -> web.Response:
        """Say what it would be; some players ask first."""
        if _source(request, entry_id, channel) is None:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        return web.Response(headers=HEADERS)


@callback
def _source(
    request: web.Request, entry_id: str, channel: str
) -> SourceCoordinator | None:
    """Return whose channel is asked for; raises Unauthorized where the user may not read the station."""
    hass = request.app[KEY_HASS]
    entry = station_entry(hass, entry_id)
    if entry is None or entry.state is not ConfigEntryState.LOADED:
        return None
    check_may_read(hass, request[KEY_HASS_USER], entry)
    return entry.runtime_data.listenable.get(channel)


class _Client:
    """One who listens. What it does not take in time is lost to it alone."""

    def __init__(self, hass: HomeAssistant, request: web.Request) -> None:
        self._hass = hass
        self._request = request
        self._awake = asyncio.Event()
        self._listener: LiveListener | None = None
        self._end: asyncio.TimerHandle | None = None

    async def listen(self, source: SourceCoordinator, channel: str) -> None:
        """Begin; raises LiveError."""
        self._listener = await self._hass.async_add_executor_job(
            source.station.live.listen, channel, self._from_thread
        )

    async def stream(self) -> web.StreamResponse:
        """Give all that is heard."""
        listener = self._listener
        assert listener is not None
        response = web.StreamResponse(headers=HEADERS)
        try:
            await response.prepare(self._request)
            while not listener.ended:
                await self._awake.wait()
                self._awake.clear()
                if data := listener.read():
                    async with asyncio.timeout(STUCK_SECONDS):
                        await response.write(data)
            await response.write_eof()
        except ConnectionError, TimeoutError:
            self._cut()
        finally:
            if self._end is not None:
                self._end.cancel()
            listener.leave()
        return response

    def _from_thread(self) -> None:
        self._hass.loop.call_soon_threadsafe(self._async_wake)

    @callback
    def _async_wake(self) -> None:
        self._awake.set()
        ended = self._listener is not None and self._listener.ended
        if ended and self._end is None:
            self._end = self._hass.loop.call_later(END_SECONDS, self._cut)

    @callback
    def _cut(self) -> None:
        """Let go of who takes nothing."""
        if self._request.transport is not None:
            self._request.transport.abort()
