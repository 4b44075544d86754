"""A real hass is killed while it records, and a speaker plays what it recorded."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import os
from pathlib import Path
import shutil
import signal
import time
from typing import Any

import aiohttp
import pytest

from bench.killed import write_message
from script.hass_process import (
    HassError,
    HassProcess,
    Websocket,
    complaints,
    make_configuration,
)
from script.ports import free_port

ROOT = Path(__file__).parents[2]
SECONDS = 90.0
MEDIA = "\nmedia_source:\nstand_in:\n"
SPEAKER = "media_player.bedroom"
START = "media-source://eas_station"


def make_house(folder: Path, port: int) -> None:
    """Home Assistant with a speaker that plays what it is told to."""
    component = ROOT / "custom_components" / "eas_station"
    make_configuration(folder, component, port, more=MEDIA)
    # A package, or the one of the folder that this runs in would come first.
    (folder / "custom_components" / "__init__.py").touch()
    shutil.copytree(
        ROOT / "tests" / "live" / "stand_in",
        folder / "custom_components" / "stand_in",
        ignore=shutil.ignore_patterns("__pycache__"),
    )


@asynccontextmanager
async def running(
    folder: Path, port: int
) -> AsyncIterator[tuple[HassProcess, Websocket]]:
    async with HassProcess(folder, port) as hass:
        await hass.log_in()
        async with hass.websocket() as websocket:
            yield hass, websocket


async def recordings(websocket: Websocket, entry_id: str) -> list[dict[str, Any]]:
    """Return what the media browser lists, the newest first."""
    found: list[dict[str, Any]] = []
    station = await browse(websocket, f"{START}/{entry_id}")
    for day in station:
        if day["can_expand"]:
            found += await browse(websocket, day["media_content_id"])
    return found


async def browse(websocket: Websocket, where: str) -> list[dict[str, Any]]:
    answer = await websocket.command(
        type="media_source/browse_media", media_content_id=where
    )
    children: list[dict[str, Any]] = answer["children"]
    return children


@asynccontextmanager
async def listening(
    hass: HassProcess, websocket: Websocket, media_id: str
) -> AsyncIterator[aiohttp.ClientResponse]:
    """Listen to something as a browser does, which is given a signed path."""
    answer = await websocket.command(
        type="media_source/resolve_media", media_content_id=media_id
    )
    async with (
        aiohttp.ClientSession() as session,
        session.get(hass.url + answer["url"]) as heard,
    ):
        assert heard.status == 200
        yield heard


async def heard_by_speaker(websocket: Websocket, media_id: str) -> dict[str, Any]:
    """Have the speaker play something, and return what it heard."""
    await websocket.command(
        type="call_service",
        domain="media_player",
        service="play_media",
        target={"entity_id": SPEAKER},
        service_data={
            "media": {"media_content_id": media_id, "media_content_type": "music"}
        },
    )
    event = await websocket.wait_for(
        lambda one: one["event_type"] == "stand_in", SECONDS
    )
    heard: dict[str, Any] = event["data"]
    return heard


async def test_what_a_kill_cut_off_is_there_after_a_start_and_a_speaker_plays_the_next(
    tmp_path: Path,
) -> None:
    port, audio = free_port(), tmp_path / "media" / "warning.wav"
    make_house(tmp_path, port)
    async with running(tmp_path, port) as (hass, websocket):
        # The address that a speaker on the network would be given is not served here.
        await websocket.command(type="config/core/update", internal_url=hass.url)
        await websocket.command(type="subscribe_events", event_type="eas_alert")
        await asyncio.to_thread(write_message, audio)
        made = await hass.set_up(
            "file", name="Live EAS", path=str(audio), locations=["039035"]
        )
        alert = (await websocket.wait_for(lambda one: True, SECONDS))["data"]
        cut_off = alert["recording"]
        with pytest.raises(HassError, match="Wait for its end"):
            await websocket.command(
                type="media_source/resolve_media", media_content_id=cut_off
            )
        await asyncio.sleep(2.0)
        os.kill(hass.pid, signal.SIGKILL)
        await hass.wait()

    entry_id = made["result"]["entry_id"]
    async with running(tmp_path, port) as (hass, websocket):
        await websocket.command(type="subscribe_events", event_type="stand_in")
        # The one that was cut off has no end: the message is recorded again.
        listed = await recordings(websocket, entry_id)
        deadline = time.monotonic() + SECONDS
        while len(listed) < 2 and time.monotonic() < deadline:
            await asyncio.sleep(0.2)
            listed = await recordings(websocket, entry_id)
        whole, kept = (one["media_content_id"] for one in listed)
        assert kept == cut_off
        assert all(one["title"].startswith("Tornado Warning, ") for one in listed)
        copy = await heard_by_speaker(websocket, whole)
        first = await heard_by_speaker(websocket, f"{cut_off}/whole")
        voice = await heard_by_speaker(websocket, f"{whole}/voice")
        async with listening(hass, websocket, f"{START}/{entry_id}/live/main") as heard:
            await heard.content.readexactly(6_000)
            began = time.monotonic()
            assert await hass.stop() == 0
            assert time.monotonic() - began < 30, "who listens holds no end"

    # Noise for a voice, of four seconds and −26 dBFS.
    for played in (copy, voice):
        assert played["mime_type"] == "audio/mpeg"
        assert 3.0 < played["seconds"] < 5.5
        assert -32 < played["dbfs"] < -24
    # From its begin to two seconds after the event.
    assert first["mime_type"] == "audio/flac"
    assert first["seconds"] > 4.0
    assert complaints(hass.log) == []
