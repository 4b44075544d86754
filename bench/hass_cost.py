#!/usr/bin/env python3
"""What the station costs a Home Assistant: bench/hass_cost.py [SECONDS].

Starts the same hass twice in an empty configuration, without a station and with
the simulator's, and prints resident memory and CPU over the last SECONDS (60).
"""

import asyncio
from pathlib import Path
import sys
import tempfile

sys.path.insert(0, str(Path(__file__).parent.parent))

from script.hass_process import HassProcess, make_configuration
from script.ports import free_port

ROOT = Path(__file__).parent.parent
SETTLE = 30.0
TICKS_A_SECOND = 100.0


def resident_mb(pid: int) -> float:
    """Return the resident memory of a process in MB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process has used."""
    fields = (
        Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")")[1].split()
    )
    return (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND


async def measure(seconds: float, *, station: bool) -> tuple[float, float]:
    """Return MB resident and percent of one core."""
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        make_configuration(folder, ROOT / "custom_components" / "eas_station", port)
        async with HassProcess(folder, port) as hass:
            await hass.log_in()
            if station:
                await hass.set_up("simulator", name="Bench EAS", first_alert_seconds=5)
            await asyncio.sleep(SETTLE)
            before = cpu_seconds(hass.pid)
            await asyncio.sleep(seconds)
            used = cpu_seconds(hass.pid) - before
            return resident_mb(hass.pid), 100 * used / seconds


async def main() -> None:
    """Measure both and print the table."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    alone = await measure(seconds, station=False)
    heard = await measure(seconds, station=True)
    print("                   memory       CPU of one core")
    for title, (memory, processor) in (
        ("without a station", alone),
        ("with the simulator", heard),
        ("grows by", (heard[0] - alone[0], heard[1] - alone[1])),
    ):
        print(f"{title:19} {memory:7.1f} MB {processor:8.2f} %")


if __name__ == "__main__":
    asyncio.run(main())
