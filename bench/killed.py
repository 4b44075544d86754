#!/usr/bin/env python3
"""What a kill -9 of Home Assistant costs: bench/killed.py [SECONDS…], a row for each.

Each row is a new hass that hears a recording of a warning. It is killed so many
seconds after the event came over its websocket (0, 0.05, 2), and started again:
the recording begins anew, so the same message comes again. 45 s a row.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
import os
from pathlib import Path
import signal
import sys
import tempfile
import time
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from eas_core.audio.files import write_wav
from eas_core.modem.encoder import encode_bursts, encode_end_of_message, silence
from script.hass_process import HassProcess, make_configuration
from script.ports import free_port

ROOT = Path(__file__).parent.parent
RATE = 16_000
VOICE_SECONDS = 4.0
WAIT_SECONDS = 90.0
NAME = "Live EAS"
EVENT = "event.live_eas_alert"
MESSAGES = "sensor.live_eas_messages_decoded"
WARNING = "binary_sensor.live_eas_warning_active"
LAST = "sensor.live_eas_last_alert"


@dataclass(frozen=True, slots=True, kw_only=True)
class Killed:
    """What was found: on the disk after the kill, at the next start, and when all was heard again."""

    on_disk: bool
    active_at_start: bool
    last_alert_at_start: str
    told_again: bool
    entries: int
    ended: bool
    messages: int


def write_message(path: Path) -> None:
    """Write a warning with a voice of noise and its end."""
    issued = datetime.now(UTC).strftime("%j%H%M")
    header = f"ZCZC-WXR-TOR-039035+0045-{issued}-KCLE/NWS-"
    noise = np.random.default_rng(1).normal(0, 0.05, round(VOICE_SECONDS * RATE))
    parts = (
        silence(1.0, RATE),
        encode_bursts(header.encode(), RATE),
        noise.astype(np.float32),
        encode_end_of_message(RATE),
        silence(1.0, RATE),
    )
    write_wav(path, np.concatenate(parts), RATE)


async def trial(folder: Path, seconds: float) -> Killed:
    """Kill a hass so many seconds after it has told of an alert, and start it again."""
    port = free_port()
    make_configuration(folder, ROOT / "custom_components" / "eas_station", port)
    # Of files, only those of a media folder may be heard.
    audio = folder / "media" / "warning.wav"
    async with HassProcess(folder, port) as hass:
        await hass.log_in()
        async with hass.websocket() as websocket:
            await websocket.command(type="subscribe_events", event_type="eas_alert")
            await asyncio.to_thread(write_message, audio)
            await hass.set_up("file", name=NAME, path=str(audio), locations=["039035"])
            event = await websocket.wait_for(lambda one: True, WAIT_SECONDS)
            await asyncio.sleep(seconds)
            os.kill(hass.pid, signal.SIGKILL)
        await hass.wait()
    alert_id, received = event["data"]["id"], event["data"]["received"]
    on_disk = await asyncio.to_thread(is_on_disk, folder, alert_id)
    async with HassProcess(folder, port) as hass:
        await hass.log_in()
        async with hass.websocket() as websocket:
            at_start = await states(websocket)
            found = await heard_again(websocket)
            shown = await states(websocket)
    return Killed(
        on_disk=on_disk,
        active_at_start=at_start[WARNING] == "on",
        last_alert_at_start=at_start[LAST],
        told_again=any(one["received"] != received for one in found),
        entries=len(found),
        ended=all(one["ended"] for one in found),
        messages=int(shown[MESSAGES]),
    )


def is_on_disk(folder: Path, alert_id: str) -> bool:
    """Whether an alert is in the history's file."""
    files = (folder / ".storage").glob("eas_station.*.history.*")
    return any(alert_id in path.read_text(encoding="utf-8") for path in files)


async def states(websocket: Any) -> dict[str, str]:
    """Return all states."""
    found = await websocket.command(type="get_states")
    return {one["entity_id"]: one["state"] for one in found}


async def heard_again(websocket: Any) -> list[dict[str, Any]]:
    """Wait for the end of the message that comes again; return the history's entries."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        answer = await websocket.command(
            type="call_service",
            domain="eas_station",
            service="get_alerts",
            service_data={},
            return_response=True,
        )
        found: list[dict[str, Any]] = answer["response"]["alerts"]
        if found and found[0]["ended"]:
            return found
        if time.monotonic() > deadline:
            return found
        await asyncio.sleep(0.5)


async def main() -> None:
    """Print a row for each time of a kill."""
    print(
        "killed after  on disk  active at start  told again  entries  ended  messages"
    )
    for seconds in [float(one) for one in sys.argv[1:]] or [0.0, 0.05, 2.0]:
        with tempfile.TemporaryDirectory() as name:
            found = await trial(Path(name), seconds)
        print(
            f"{seconds:10.2f} s  {found.on_disk!s:7}  {found.active_at_start!s:15}  "
            f"{found.told_again!s:10}  {found.entries:7}  {found.ended!s:5}  "
            f"{found.messages:8}",
            flush=True,
        )


if __name__ == "__main__":
    asyncio.run(main())
