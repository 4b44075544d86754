#!/usr/bin/env python3
"""An agent's recording on its way to hass: bench/agent_recording.py [RECORDINGS] [SECONDS].

A real agent has RECORDINGS (5, at most 10) recordings of messages of SECONDS (120) on its disk,
whose voice is noise that FLAC hardly makes smaller, and tells of them one after the
other through a real Mosquitto to a real hass. Prints how long each takes from the
agent's word to its last piece here and until it can be played, the bytes that went over
the wire, and the lag of hass's loop meanwhile beside that at rest.
"""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
import os
from pathlib import Path
import sys
import tempfile
import time
from typing import Final

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np

from bench.fleet import EVENTS, BrokerMeter, set_up, shown
from bench.loop_lag import lags_of, running as running_hass
from script.ports import free_port
from tests.core.agent.recorded import record
from tests.core.agent.told import alert as told_alert, config, running as running_agent
from tests.peers.mosquitto import mosquitto

SETTLE: Final = 15.0
REST: Final = 20.0
LONGEST: Final = 120.0
LOOK: Final = 0.01


def until_there(media: Path, suffix: str) -> float:
    """Wait for a file with that suffix in the folder; return when it was there (monotonic)."""
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline:
        if any(path.name.endswith(suffix) for path in media.rglob("*")):
            return time.monotonic()
        time.sleep(LOOK)
    raise TimeoutError(suffix)


async def fetch_one(
    folder: Path, broker_port: int, number: int, seconds: float
) -> tuple[float, float, int]:
    """Have an agent tell of a recording; return seconds to its pieces, to be played, and its bytes."""
    now = datetime.now(UTC)
    header = f"ZCZC-WXR-{EVENTS[number]}-039035+0100-{now:%j%H%M}-KCLE/NWS-"
    alert = told_alert(header=header, now=now)
    recordings, media = folder / f"agent-{number}", folder / "hass" / "media"
    finished = await asyncio.to_thread(record, recordings, alert, seconds)
    settings = config(folder / f"spool-{number}", broker_port)
    with running_agent(settings, recordings) as station:
        station.say(replace(alert, recording=finished.name))
        await asyncio.sleep(3.0)
        begun = time.monotonic()
        station.say(finished)
        whole, played = await asyncio.gather(
            asyncio.to_thread(until_there, media, f"{finished.name}.flac.part"),
            asyncio.to_thread(until_there, media, f"{finished.name}.json"),
        )
    size = len(await asyncio.to_thread(Path(finished.path).read_bytes))
    return whole - begun, played - begun, size


async def measure(folder: Path, broker_port: int, count: int, seconds: float) -> None:
    """Fetch so many, and print."""
    meter = BrokerMeter(broker_port)
    async with running_hass(folder / "hass", free_port()) as hass:
        await set_up(hass, broker_port)
        await asyncio.sleep(SETTLE)
        await lags_of(hass)
        await asyncio.sleep(REST)
        resting = await lags_of(hass)
        before = dict(meter.counted)
        took = [
            await fetch_one(folder, broker_port, number, seconds)
            for number in range(count)
        ]
        busy = await lags_of(hass)
        await asyncio.sleep(2.0)
        sent = (meter.counted["sent"] - before["sent"]) / count
        whole, played, sizes = zip(*took, strict=True)
        load = os.getloadavg()[0]
        print(f"{count} recordings with {seconds:g} s of voice, load {load:.1f}")
        print(f"  FLAC of {np.mean(sizes) / 1e6:.2f} MB, {sent / 1e6:.2f} MB sent")
        print(f"{'ms':34} {'p50':>9} {'p99':>9} {'max':>9}")
        print(shown("told to the last piece", [*whole]))
        print(shown("told to playable", [*played]))
        print(shown("loop lag at rest", [float(one) for one in resting], 1e-3))
        print(shown("loop lag while they come", [float(one) for one in busy], 1e-3))


async def main() -> None:
    """Read what is asked for."""
    count = min(int(sys.argv[1]) if len(sys.argv) > 1 else 5, len(EVENTS))
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 120.0
    more = "allow_anonymous true\nsys_interval 1"
    with (
        mosquitto(lambda folder: more) as broker,
        tempfile.TemporaryDirectory() as name,
    ):
        await measure(Path(name), broker.port, count, seconds)


if __name__ == "__main__":
    asyncio.run(main())
