"""Live listening over HTTP: by many, by who is slow, and no longer than the station is loaded."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
import socket
import time
from typing import Any
from unittest.mock import patch

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient
from homeassistant.components.http.auth import async_sign_path
from homeassistant.components.media_source import (
    Unresolvable,
    async_browse_media,
    async_resolve_media,
)
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import numpy as np
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from eas_core.audio.files import read_blocks
from tests.integration.recorded import noise, recording_entry
from tests.integration.waiting import seen, station_threads

type HttpClient = TestClient[Any, Any]
type Client = Callable[[], Awaitable[HttpClient]]

URL = "/api/eas_station/live/recording_entry/main"
BYTES_A_SECOND = 6000

pytestmark = pytest.mark.usefixtures("loopback")


@pytest.fixture
async def station(
    hass: HomeAssistant, tmp_path: Path
) -> AsyncIterator[MockConfigEntry]:
    """A station that hears a voice without end."""
    assert await async_setup_component(hass, "media_source", {})
    entry = recording_entry(tmp_path / "on_air.wav", noise(30.0))
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(entry, data={**entry.data, "loop": True})
    assert await hass.config_entries.async_setup(entry.entry_id)
    yield entry
    await hass.config_entries.async_unload(entry.entry_id)
    await seen(lambda: not encoders())


def encoders() -> list[str]:
    names = [thread.name for thread in station_threads()]
    return [name for name in names if name.startswith("eas-station-live")]


async def read(answer: ClientResponse, seconds: float) -> bytes:
    """Read so much audio, as a player does."""
    data = b""
    async with asyncio.timeout(20):
        while len(data) < seconds * BYTES_A_SECOND:
            data += await answer.content.readany()
    return data


def played(data: bytes, path: Path) -> np.ndarray:
    path.write_bytes(data)
    return np.concatenate([block.samples for block in read_blocks(path)])


async def test_many_listen_to_one_encoder_and_none_holds_another(
    hass: HomeAssistant, station: MockConfigEntry, hass_client: Client, tmp_path: Path
) -> None:
    client = await hass_client()
    assert encoders() == []
    started = time.monotonic()
    first = await client.get(URL)
    assert first.status == HTTPStatus.OK
    assert first.headers["Content-Type"] == "audio/mpeg"
    assert first.headers["Cache-Control"] == "no-store"
    assert first.headers["Transfer-Encoding"] == "chunked"
    data = await read(first, 0.1)
    assert time.monotonic() - started < 2
    never, gone = await client.get(URL), await client.get(URL)
    await read(gone, 0.5)
    gone.close()
    data += await read(first, 2.0)
    second = await client.get(URL)
    heard = await read(second, 1.5)
    assert len(encoders()) == 1
    for each in (data, heard):
        audio = await hass.async_add_executor_job(played, each, tmp_path / "x.mp3")
        assert np.std(audio) > 0.02
    for answer in (never, first, second):
        assert len(encoders()) == 1
        answer.close()
    await seen(lambda: not encoders())


async def test_who_takes_nothing_is_let_go_and_the_others_hear_on(
    hass: HomeAssistant, station: MockConfigEntry, hass_client: Client
) -> None:
    client = await hass_client()
    other = await client.get(URL)
    live = station.runtime_data.station.live
    (quick,) = live._running["main"]._listeners
    with (
        patch("custom_components.eas_station.live_view.STUCK_SECONDS", 0.3),
        socket.socket() as never,
    ):
        never.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        never.setblocking(False)
        await hass.loop.sock_connect(never, ("127.0.0.1", client.port or 0))
        signed = async_sign_path(hass, URL, timedelta(minutes=1), use_content_user=True)
        request = f"GET {signed} HTTP/1.1\r\nHost: x\r\n\r\n"
        await hass.loop.sock_sendall(never, request.encode())
        await seen(lambda: len(live._running["main"]._listeners) == 2)
        slow = live._running["main"]._listeners[1]

        def is_let_go() -> bool:
            # Hours of audio, that its machine has no room for.
            slow.put([bytes(600)] * 100)
            return len(live._running["main"]._listeners) == 1

        await seen(is_let_go)
    assert slow.lost_frames > 0
    assert quick.lost_frames == 0
    await read(other, 1.0)
    other.close()


async def test_an_entry_that_is_unloaded_ends_it(
    hass: HomeAssistant, station: MockConfigEntry, hass_client: Client
) -> None:
    client = await hass_client()
    answers = [await client.get(URL) for _ in range(2)]
    await read(answers[0], 0.5)
    assert await hass.config_entries.async_unload(station.entry_id)
    async with asyncio.timeout(10):
        for answer in answers:
            await answer.content.read()
            assert answer.content.at_eof()
    await seen(lambda: not encoders())
    assert (await client.get(URL)).status == HTTPStatus.NOT_FOUND


async def test_a_source_that_is_opened_anew_is_heard_on(
    hass: HomeAssistant, station: MockConfigEntry, hass_client: Client
) -> None:
    client = await hass_client()
    answer = await client.get(URL)
    await read(answer, 0.5)
    await hass.services.async_call("eas_station", "restart_source", {}, blocking=True)
    await read(answer, 3.0)
    answer.close()


async def test_only_who_is_logged_in_or_has_a_signed_path_listens(
    hass: HomeAssistant, station: MockConfigEntry, hass_client_no_auth: Client
) -> None:
    client = await hass_client_no_auth()
    assert (await client.get(URL)).status == HTTPStatus.UNAUTHORIZED
    signed = async_sign_path(hass, URL, timedelta(minutes=1), use_content_user=True)
    answer = await client.get(signed)
    assert await read(answer, 0.2)
    answer.close()


async def test_what_cannot_be_listened_to_says_so(
    hass: HomeAssistant, station: MockConfigEntry, hass_client: Client
) -> None:
    client = await hass_client()
    for there in ("nobody/main", "recording_entry/162.550", "recording_entry/main2"):
        url = f"/api/eas_station/live/{there}"
        assert (await client.get(url)).status == HTTPStatus.NOT_FOUND
        assert (await client.head(url)).status == HTTPStatus.NOT_FOUND
    head = await client.head(URL)
    assert (head.status, head.headers["Content-Type"]) == (HTTPStatus.OK, "audio/mpeg")
    with patch(
        "custom_components.eas_station.eas_core.station.live.can_encode",
        return_value=False,
    ):
        answer = await client.get(URL)
        assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
        assert "encodes no MP3" in (await answer.json())["message"]


async def test_live_channels_are_among_the_media(
    hass: HomeAssistant, station: MockConfigEntry, hass_client: Client
) -> None:
    root = "media-source://eas_station/recording_entry"
    (item,) = (await async_browse_media(hass, root)).children or ()
    assert item.title == "Live: Home EAS"
    assert item.can_play
    media = await async_resolve_media(hass, item.media_content_id, None)
    assert (media.url, media.mime_type) == (URL, "audio/mpeg")
    client = await hass_client()
    answer = await client.get(media.url)
    assert await read(answer, 0.2)
    answer.close()
    for wrong in ("live", "live/162.550", "live/main/main", "live/../main"):
        with pytest.raises(Unresolvable):
            await async_resolve_media(hass, f"{root}/{wrong}", None)
    assert await hass.config_entries.async_unload(station.entry_id)
    with pytest.raises(Unresolvable):
        await async_resolve_media(hass, f"{root}/live/main", None)


async def test_a_station_whose_ears_are_elsewhere_has_nothing_live(
    hass: HomeAssistant, hass_client: Client
) -> None:
    assert await async_setup_component(hass, "media_source", {})
    data = {"source": "agents", "base_topic": "eas_station", "locations": ["039035"]}
    entry = MockConfigEntry(
        domain="eas_station", title="Attic", data=data, entry_id="agents"
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    root = await async_browse_media(hass, "media-source://eas_station/agents")
    assert not root.children
    client = await hass_client()
    answer = await client.get("/api/eas_station/live/agents/main")
    assert answer.status == HTTPStatus.NOT_FOUND
