"""What api.weather.gov answers, in its own format."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web
from aiohttp.test_utils import TestServer

HOST = "https://api.weather.gov"
OHIO = ZoneInfo("America/New_York")


def feature(
    identity: str = "urn:oid:2.49.0.1.840.0.1.001.1",
    *,
    sent: datetime | None = None,
    code: str = "TOR",
    places: list[str] | None = None,
    geometry: object = None,
    **changed: Any,
) -> dict[str, Any]:
    """Return one alert: a tornado warning of half an hour for two counties of Ohio."""
    begun = (sent or datetime.now(UTC)).astimezone(OHIO)
    over = begun + timedelta(minutes=30)
    codes = ["039035", "039173"] if places is None else places
    url = f"{HOST}/alerts/{identity}"
    properties = {
        "@id": url,
        "@type": "wx:Alert",
        "id": identity,
        "areaDesc": "Cuyahoga, OH; Wood, OH",
        "geocode": {"SAME": codes, "UGC": [f"OHC{one[3:]}" for one in codes]},
        "affectedZones": [f"{HOST}/zones/county/OHC{one[3:]}" for one in codes],
        "references": [],
        "sent": begun.isoformat(),
        "effective": begun.isoformat(),
        "onset": begun.isoformat(),
        "expires": over.isoformat(),
        "ends": over.isoformat(),
        "status": "Actual",
        "messageType": "Alert",
        "category": "Met",
        "severity": "Extreme",
        "certainty": "Observed",
        "urgency": "Immediate",
        "event": "Tornado Warning",
        "sender": "w-nws.webmaster@noaa.gov",
        "senderName": "NWS Cleveland OH",
        "headline": "Tornado Warning issued by NWS Cleveland OH",
        "description": "At 230 PM EDT, a tornado was near Parma.\n\nHAZARD...Tornado.",
        "instruction": "TAKE COVER NOW!",
        "response": "Shelter",
        "parameters": {"AWIPSidentifier": ["TORCLE"], "EAS-ORG": ["WXR"]},
        "scope": "Public",
        "code": "IPAWSv1.0",
        "language": "en-US",
        "web": "http://www.weather.gov",
        "eventCode": {"SAME": [code], "NationalWeatherService": ["TOW"]},
    }
    return {
        "id": url,
        "type": "Feature",
        "geometry": geometry,
        "properties": properties | changed,
    }


def collection(*features: dict[str, Any]) -> dict[str, Any]:
    """Return an answer with these alerts."""
    return {
        "@context": {"@version": "1.1"},
        "type": "FeatureCollection",
        "features": list(features),
        "title": "Current watches, warnings, and advisories for Ohio",
        "updated": datetime.now(UTC).isoformat(timespec="seconds"),
    }


type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def answer(*features: dict[str, Any], **headers: str) -> Handler:
    """Return an answer with these alerts; headers are named with underscores."""

    async def handle(request: web.Request) -> web.Response:
        return web.json_response(
            collection(*features),
            content_type="application/geo+json",
            headers={key.replace("_", "-"): value for key, value in headers.items()},
        )

    return handle


def status(number: int, **headers: str) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        return web.Response(status=number, headers=named, text="no")

    return handle


async def hang(request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(5)
    return web.Response()


class NwsServer:
    """Answers each request with the next of its answers, the last again and again."""

    def __init__(self) -> None:
        self.answers: list[Handler] = [answer()]
        self.requests: list[web.Request] = []
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._server = TestServer(app, host="127.0.0.1")

    async def start(self) -> str:
        """Begin to serve; return the base address."""
        await self._server.start_server()
        return str(self._server.make_url("")).rstrip("/")

    async def stop(self) -> None:
        await self._server.close()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        handle = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return await handle(request)
