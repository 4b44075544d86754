"""Whatever the Weather Service answers, or does not, an alert is told in time and as it is."""

import asyncio
from datetime import timedelta
from typing import Any

from aiohttp import web
from homeassistant.core import Event, HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from tests.integration.alerts import alert, asking, tell
from tests.integration.waiting import until
from tests.nws_api import Handler, NwsServer, answer, feature, hang, status


def body(content: bytes, **headers: str) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        return web.Response(body=content, headers=named)

    return handle


async def drip(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(50):
        await response.write(b" ")
        await asyncio.sleep(0.1)
    return response


async def flood(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    response.enable_compression()
    await response.prepare(request)
    for _ in range(50):
        await response.write(b" " * 100_000)
    return response


async def hang_up(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b"{")
    assert request.transport is not None
    request.transport.close()
    return response


FAULTS: dict[str, tuple[Handler, str]] = {
    "500": (status(500), "status_500"),
    "503": (status(503, Retry_After="0"), "status_503"),
    "429": (status(429), "status_429"),
    "404": (status(404), "status_404"),
    "odd Retry-After": (status(503, Retry_After="soon"), "status_503"),
    "redirect": (status(301, Location="http://127.0.0.1:1/"), "status_301"),
    "304 out of the blue": (status(304), "status_304"),
    "garbage": (body(b"\x00\xff<html>"), "not_alerts"),
    "another format": (body(b'{"@graph": []}'), "not_alerts"),
    "nothing": (body(b""), "not_alerts"),
    "no gzip": (body(b"no", Content_Encoding="gzip"), "unreachable"),
    "hanging": (hang, "timed_out"),
    "dripping": (drip, "timed_out"),
    "huge": (flood, "too_large"),
    "hung up": (hang_up, "unreachable"),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_an_answer_that_is_bad_is_told_once_harms_nothing_and_is_asked_for_again(
    hass: HomeAssistant,
    file_entry: MockConfigEntry,
    nws: NwsServer,
    caplog: pytest.LogCaptureFixture,
    fault: str,
) -> None:
    handler, reason = FAULTS[fault]
    alerts: list[Event[Any]] = async_capture_events(hass, "eas_alert")
    told: list[Event[Any]] = async_capture_events(hass, "eas_alert_text")
    tornado = alert()
    nws.answers = [handler, handler, answer(feature(sent=tornado.issued))]
    coordinator = await asking(hass, file_entry)
    await tell(hass, coordinator, tornado)
    assert [event.data["id"] for event in alerts] == [tornado.id]
    await until(hass, lambda: bool(told))
    counters = coordinator.text_counters.nws
    assert (counters.failed, counters.last_error) == (2, reason)
    warned = [
        record.message
        for record in caplog.records
        if record.levelname == "WARNING" and record.name.endswith(".nws_texts")
    ]
    assert len(warned) == 1


@pytest.mark.parametrize("way", ["seconds", "date"])
async def test_who_asks_to_wait_is_left_alone(
    hass: HomeAssistant, file_entry: MockConfigEntry, nws: NwsServer, way: str
) -> None:
    later = dt_util.utcnow() + timedelta(minutes=10)
    wait = "600" if way == "seconds" else later.strftime("%a, %d %b %Y %H:%M:%S GMT")
    nws.answers = [status(429, Retry_After=wait)]
    coordinator = await asking(hass, file_entry)
    await tell(hass, coordinator, alert(), alert("SVR"))
    counters = coordinator.text_counters.nws
    await until(hass, lambda: counters.unmatched == 2)
    assert len(nws.requests) == 1
    assert counters.last_error == "asked_to_wait"
