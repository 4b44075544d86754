#!/usr/bin/env python3
"""How much longer Home Assistant takes to start with a station: bench/start.py [STARTS].

One configuration is empty, the other has a station that hears seven channels of the
simulated rtl_tcp. Each is started STARTS (5) times, in turn, after a first time that
compiles what changed. Prints the middle of how long hass says that it took, and of the
processor time of the threads that start it, which what else the machine does bends
less: the event loop's and the one that imports.
"""

import asyncio
from contextlib import AsyncExitStack
import json
import os
from pathlib import Path
import re
import statistics
import sys
import tempfile
from typing import Final

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.hass_cost import TICKS_A_SECOND
from bench.loop_lag import running
from script.hass_process import HassProcess
from script.ports import free_port
from script.simulated_radio import set_up_radio, simulated_radio

STARTING_THREADS: Final = ("python", "ImportExecutor")
_STARTED: Final = re.compile(r"Home Assistant initialized in ([\d.]+)s")

type Start = tuple[float, ...]
"""Seconds: what hass says, and the processor time of each of STARTING_THREADS."""


def thread_seconds(pid: int) -> dict[str, float]:
    """Return the processor time of a process's threads, by the beginnings of their names."""
    seconds = dict.fromkeys(STARTING_THREADS, 0.0)
    for task in Path(f"/proc/{pid}/task").iterdir():
        name, _, fields = (task / "stat").read_text(encoding="utf-8").rpartition(")")
        for beginning in STARTING_THREADS:
            if name.partition("(")[2].startswith(beginning):
                user, system = fields.split()[11:13]
                seconds[beginning] += (int(user) + int(system)) / TICKS_A_SECOND
    return seconds


def forget_the_internet(folder: Path) -> None:
    """Take out what onboarding adds that waits for hosts which a closed network does not have."""
    path = folder / ".storage/core.config_entries"
    stored = json.loads(path.read_text(encoding="utf-8"))
    entries = stored["data"]["entries"]
    stored["data"]["entries"] = [
        entry for entry in entries if entry["domain"] != "radio_browser"
    ]
    path.write_text(json.dumps(stored), encoding="utf-8")


async def start(folder: Path, port: int) -> Start:
    """Start hass once more, and end it."""
    (folder / "hass.log").write_bytes(b"")
    async with HassProcess(folder, port) as hass:
        # That waits for the end of the start.
        await hass.log_in()
        said, seconds = _STARTED.search(hass.log), thread_seconds(hass.pid)
        says = float(said[1]) if said else float("nan")
        return says, *(seconds[name] for name in STARTING_THREADS)


async def main() -> None:
    """Measure and print."""
    starts = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    async with AsyncExitStack() as stack:
        empty, station = (
            (Path(stack.enter_context(tempfile.TemporaryDirectory())), free_port())
            for _ in range(2)
        )
        radio = await stack.enter_async_context(simulated_radio(first_alert=10_000))
        async with running(*empty):
            pass
        async with running(*station) as hass:
            await set_up_radio(hass, "Bench Radio", radio.port)
        for folder, _ in (empty, station):
            forget_the_internet(folder)
        took: dict[str, list[Start]] = {"empty hass": [], "with the station": []}
        for _ in range(starts):
            for title, home in zip(took, (empty, station), strict=True):
                took[title].append(await start(*home))
    print("start of hass, s     it says   CPU: loop   imports")
    middles = {
        title: [statistics.median(column) for column in zip(*of_all, strict=True)]
        for title, of_all in took.items()
    }
    alone, heard = middles.values()
    middles["the station adds"] = [b - a for a, b in zip(alone, heard, strict=True)]
    for title, (says, loop, imports) in middles.items():
        print(f"{title:19} {says:8.2f} {loop:11.2f} {imports:9.2f}")
    print(f"load of the machine: {os.getloadavg()[0]:.1f} at {os.cpu_count()} cores")


if __name__ == "__main__":
    asyncio.run(main())
