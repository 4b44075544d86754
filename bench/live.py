#!/usr/bin/env python3
"""What listening live costs, and how soon a recording plays: bench/live.py [LISTENERS …].

A real hass hears the simulator. First the time from the event of an end of message
until the recording's address is resolved, and its copy fetched. Then for each number
of listeners (0 1 10 50) over HTTP: the CPU of its process over twenty seconds, and
the longest time to the first audio. Three minutes in all.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
import sys
import tempfile
import time

import aiohttp

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.hass_cost import cpu_seconds
from script.hass_process import HassError, HassProcess, Websocket, make_configuration
from script.ports import free_port

ROOT = Path(__file__).parent.parent
SECONDS = 20.0
WAIT_SECONDS = 120.0


@asynccontextmanager
async def listener(url: str, first: list[float]) -> AsyncIterator[None]:
    """Listen in the background; note when the first audio came."""

    async def listen() -> None:
        began = time.monotonic()
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            answer.raise_for_status()
            async for _ in answer.content.iter_any():
                if began:
                    first.append(time.monotonic() - began)
                    began = 0.0

    task = asyncio.create_task(listen())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def listen(hass: HassProcess, url: str, count: int) -> tuple[float, float]:
    """Return the share of a core that so many listeners and all else take, and the longest wait."""
    first: list[float] = []
    async with AsyncExitStack() as stack:
        for _ in range(count):
            await stack.enter_async_context(listener(hass.url + url, first))
        await asyncio.sleep(2.0)
        before, began = cpu_seconds(hass.pid), time.monotonic()
        await asyncio.sleep(SECONDS)
        used = cpu_seconds(hass.pid) - before
        share = used / (time.monotonic() - began)
    assert len(first) == count, "some heard nothing"
    return share, max(first, default=0.0)


async def resolved(websocket: Websocket, media_id: str) -> str:
    """Return the signed path of something as soon as it plays."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            answer = await websocket.command(
                type="media_source/resolve_media", media_content_id=media_id
            )
        except HassError:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.02)
        else:
            return str(answer["url"])


async def playable(hass: HassProcess, websocket: Websocket) -> tuple[float, float]:
    """Return the seconds from an end of message until its recording plays, and is fetched."""
    end = await websocket.wait_for(lambda one: True, WAIT_SECONDS)
    began = time.monotonic()
    url = await resolved(websocket, end["data"]["recording"])
    plays = time.monotonic() - began
    async with (
        aiohttp.ClientSession() as session,
        session.get(hass.url + url) as answer,
    ):
        answer.raise_for_status()
        await answer.read()
    return plays, time.monotonic() - began


async def main() -> None:
    """Print the tables."""
    counts = [int(each) for each in sys.argv[1:]] or [0, 1, 10, 50]
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        component = ROOT / "custom_components" / "eas_station"
        make_configuration(folder, component, port, more="\nmedia_source:\n")
        async with HassProcess(folder, port) as hass:
            await hass.log_in()
            async with hass.websocket() as websocket:
                made = await hass.set_up("simulator", first_alert_seconds=5)
                entry_id = made["result"]["entry_id"]
                await websocket.command(
                    type="subscribe_events", event_type="eas_end_of_message"
                )
                plays, fetched = await playable(hass, websocket)
                print(
                    f"after the event of an end: plays {plays:.2f} s, fetched {fetched:.2f} s"
                )
                url = await resolved(
                    websocket, f"media-source://eas_station/{entry_id}/live/main"
                )
            print("listeners  CPU of a core  longest wait for audio")
            for count in counts:
                share, wait = await listen(hass, url, count)
                print(f"{count:9}  {share:13.1%}  {wait:20.2f} s", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
