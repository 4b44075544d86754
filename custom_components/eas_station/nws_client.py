"""Asking api.weather.gov, as politely as its rules want it: one request at a time, and seldom.

One client serves all stations: an answer does for all alerts of a minute.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

import aiohttp
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.util.hass_dict import HassKey
from homeassistant.util.json import json_loads

from .const import DOMAIN
from .eas_core import __version__
from .eas_core.station.written import WrittenAlert, WrittenError, parse_written

BASE_URL = "https://api.weather.gov"
USER_AGENT: Final = (
    f"(EAS Station for Home Assistant {__version__}, "
    "https://github.com/eas-station/eas-station-ha)"
)
FRESH_SECONDS = 60.0
"""So long an answer does for other alerts, too."""

APART_SECONDS = 5.0
"""Between two requests, at least."""

LIMIT_SECONDS = 20.0
MOST_BYTES = 6_000_000
"""Of an answer: all of a large state on its worst day are 2 MB."""

PIECE_BYTES: Final = 65_536
MOST_ANSWERS: Final = 8
LONGEST_WAIT_SECONDS: Final = 900.0
SHORTEST_WAIT_SECONDS: Final = 30.0
"""After an error that does not say how long to wait."""

_CLIENT: HassKey[NwsClient] = HassKey(f"{DOMAIN}_nws_client")


class NwsError(Exception):
    """No answer; `reason` is for counting, the text tells more."""

    def __init__(self, reason: str, text: str = "") -> None:
        """Keep why."""
        super().__init__(text or reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was answered, when on the loop's clock, and by what to ask whether it still holds."""

    at: float
    alerts: tuple[WrittenAlert, ...]
    etag: str | None
    modified: str | None


@callback
def nws_client(hass: HomeAssistant) -> NwsClient:
    """Return the client that all stations share."""
    return hass.data.setdefault(_CLIENT, NwsClient(hass))


class NwsClient:
    """Asks for the alerts in force in some states and waters."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Ask nothing yet."""
        self._hass = hass
        self._turn = asyncio.Lock()
        self._answers: OrderedDict[tuple[str, ...], Answer] = OrderedDict()
        self._next_at = 0.0
        self._not_before = 0.0

    async def async_alerts(self, areas: tuple[str, ...]) -> tuple[WrittenAlert, ...]:
        """Return the alerts of areas such as OH, at most a minute old; raises NwsError."""
        async with self._turn:
            known = self._answers.get(areas)
            now = self._hass.loop.time()
            if known is not None and now - known.at < FRESH_SECONDS:
                return known.alerts
            if now < self._not_before:
                raise NwsError("asked_to_wait")
            await asyncio.sleep(self._next_at - now)
            answer = await self._async_ask(areas, known)
            self._answers[areas] = answer
            self._answers.move_to_end(areas)
            while len(self._answers) > MOST_ANSWERS:
                self._answers.popitem(last=False)
            return answer.alerts

    async def _async_ask(self, areas: tuple[str, ...], known: Answer | None) -> Answer:
        try:
            async with asyncio.timeout(LIMIT_SECONDS):
                return await self._async_request(areas, known)
        except TimeoutError as error:
            self._wait(SHORTEST_WAIT_SECONDS)
            raise NwsError("timed_out") from error
        except (aiohttp.ClientError, OSError) as error:
            self._wait(SHORTEST_WAIT_SECONDS)
            raise NwsError("unreachable", str(error)) from error
        finally:
            self._next_at = self._hass.loop.time() + APART_SECONDS

    async def _async_request(
        self, areas: tuple[str, ...], known: Answer | None
    ) -> Answer:
        headers = {"User-Agent": USER_AGENT, "Accept": "application/geo+json"}
        if known is not None and known.etag:
            headers["If-None-Match"] = known.etag
        if known is not None and known.modified:
            headers["If-Modified-Since"] = known.modified
        session = async_get_clientsession(self._hass)
        async with session.get(
            f"{BASE_URL}/alerts/active",
            params={"area": ",".join(areas), "status": "actual"},
            headers=headers,
            # Nobody else is told what is asked.
            allow_redirects=False,
        ) as response:
            now = self._hass.loop.time()
            if response.status == HTTPStatus.NOT_MODIFIED and known is not None:
                return replace(known, at=now)
            if response.status != HTTPStatus.OK:
                asked = _retry_after(response.headers.get("Retry-After"))
                self._wait(SHORTEST_WAIT_SECONDS if asked is None else asked)
                raise NwsError(f"status_{response.status}")
            return Answer(
                at=now,
                alerts=await self._async_read(response),
                etag=response.headers.get("ETag"),
                modified=response.headers.get("Last-Modified"),
            )

    async def _async_read(
        self, response: aiohttp.ClientResponse
    ) -> tuple[WrittenAlert, ...]:
        text = bytearray()
        async for piece in response.content.iter_chunked(PIECE_BYTES):
            text += piece
            if len(text) > MOST_BYTES:
                self._wait(SHORTEST_WAIT_SECONDS)
                raise NwsError("too_large")
        try:
            return await self._hass.async_add_executor_job(
                parse_written, bytes(text), json_loads
            )
        except WrittenError as error:
            self._wait(SHORTEST_WAIT_SECONDS)
            raise NwsError("not_alerts", str(error)) from error

    def _wait(self, seconds: float) -> None:
        self._not_before = self._hass.loop.time() + min(seconds, LONGEST_WAIT_SECONDS)


def _retry_after(value: str | None) -> float | None:
    """Return the seconds that a Retry-After header asks for; it has them or a date."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    aware = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())
