#!/usr/bin/env python3
"""How late Home Assistant's event loop is with a station: bench/loop_lag.py [MINUTES].

Two real hass run at the same time, so that both meet the same machine: one empty,
one with a station that hears seven channels of the simulated rtl_tcp, each channel
decoded, a message a minute on six of them. In both loops a component asks every 10 ms
to be called and notes how much later it is. Prints p50, p99, p99.9 and the longest lag
over MINUTES (10), and the processor time of each hass with its children and of the
simulator. bench/start.py measures how long they take to start.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
import shutil
import sys
import tempfile
from typing import Final

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np

from bench.hass_cost import cpu_seconds, resident_mb
from script.hass_process import HassProcess, make_configuration
from script.ports import free_port
from script.simulated_radio import set_up_radio, simulated_radio

ROOT: Final = Path(__file__).parent.parent
PROBE: Final = ROOT / "bench" / "loop_lag_probe"
MESSAGE_EVERY: Final = 60.0
SETTLE: Final = 20.0
TAKE_EVERY: Final = 60.0
OF_OTHER_HOSTS: Final = ("met", "radio_browser", "google_translate")
QUANTILES: Final = (0.5, 0.99, 0.999, 1.0)


def family(pid: int) -> list[int]:
    """Return a process and all that came of it."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8").rsplit(")")[1].split()
        except OSError:
            continue
        parents[int(stat.parent.name)] = int(fields[1])
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def family_cpu(pid: int) -> float:
    """Return the seconds of processor time that a process and its children used."""
    return sum(cpu_seconds(one) for one in family(pid))


@asynccontextmanager
async def running(folder: Path, port: int) -> AsyncIterator[HassProcess]:
    """Start hass with the probe in a folder; again at the port that it knows."""
    component = ROOT / "custom_components" / "eas_station"
    make_configuration(folder, component, port, more="loop_lag_probe:\n")
    probe = folder / "custom_components" / "loop_lag_probe"
    shutil.copytree(
        PROBE, probe, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__")
    )
    # A package, or the one of the folder that this runs in would come first.
    (folder / "custom_components" / "__init__.py").touch()
    async with HassProcess(folder, port) as hass:
        await hass.log_in()
        await leave_the_internet_alone(hass)
        yield hass


async def leave_the_internet_alone(hass: HassProcess) -> None:
    """Disable what onboarding sets up that waits for other hosts."""
    async with hass.websocket() as websocket:
        for entry in await websocket.command(type="config_entries/get"):
            if entry["domain"] in OF_OTHER_HOSTS and entry["disabled_by"] is None:
                await websocket.command(
                    type="config_entries/disable",
                    entry_id=entry["entry_id"],
                    disabled_by="user",
                )


async def lags_of(hass: HassProcess) -> list[int]:
    """Take what the probe has noted since it was last asked, in microseconds."""
    async with hass.websocket() as websocket:
        taken: list[int] = await websocket.command(type="loop_lag/take")
    return taken


def print_lags(lags: dict[str, list[int]]) -> None:
    """Print the table of lags in milliseconds."""
    print("\nlag of the loop, ms        p50      p99    p99.9      max    samples")
    rows = {}
    for title, taken in lags.items():
        rows[title] = np.quantile(np.array(taken) / 1000, QUANTILES)
        shown = " ".join(f"{value:8.2f}" for value in rows[title])
        print(f"{title:20} {shown} {len(taken):10}")
    empty, station = rows.values()
    shown = " ".join(f"{value:8.2f}" for value in station - empty)
    print(f"{'the station adds':20} {shown}")


async def main() -> None:
    """Measure and print."""
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    async with AsyncExitStack() as stack:
        homes = [
            (Path(stack.enter_context(tempfile.TemporaryDirectory())), free_port())
            for _ in range(2)
        ]
        radio = await stack.enter_async_context(
            simulated_radio(first_alert=SETTLE + 5, interval=MESSAGE_EVERY)
        )
        async with running(*homes[0]) as empty, running(*homes[1]) as station:
            hasses = {"empty hass": empty, "with the station": station}
            await set_up_radio(station, "Bench Radio", radio.port)
            await asyncio.sleep(SETTLE)
            lags: dict[str, list[int]] = {title: [] for title in hasses}
            pids = {title: hass.pid for title, hass in hasses.items()}
            pids["the simulator"] = radio.pid
            before = {title: family_cpu(pid) for title, pid in pids.items()}
            for hass in hasses.values():
                await lags_of(hass)
            left = 60 * minutes
            while left > 0:
                await asyncio.sleep(min(left, TAKE_EVERY))
                left -= TAKE_EVERY
                for title, hass in hasses.items():
                    lags[title] += await lags_of(hass)
            print_lags(lags)
            print("\n                     CPU of one core, %   memory, MB")
            for title, pid in pids.items():
                used = 100 * (family_cpu(pid) - before[title]) / (60 * minutes)
                memory = sum(resident_mb(one) for one in family(pid))
                print(f"{title:20} {used:19.1f} {memory:12.0f}")
            async with station.websocket() as websocket:
                states = {
                    state["entity_id"]: state["state"]
                    for state in await websocket.command(type="get_states")
                }
            print(f"messages decoded: {states['sensor.bench_radio_messages_decoded']}")


if __name__ == "__main__":
    asyncio.run(main())
