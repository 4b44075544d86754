#!/usr/bin/env python3
"""What hearing a radio costs: bench/capture.py [SECONDS] [--channels N …].

The project's simulator serves seven channels as rtl_tcp does, in a process of
its own; a station hears one of them, then all seven, for SECONDS (60) each.
Prints the CPU of the station's process (of one core): the median of five seconds,
which is hearing, and the mean, in which there is a message, too; memory at a tenth of
the time and at the end; and what was dropped, lost and decoded. With --child the
dongle's source runs in a child process whose CPU and memory are counted too.
"""

import argparse
import os
from pathlib import Path
import resource
from statistics import median
import subprocess
import sys
import time

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.hass_cost import cpu_seconds, resident_mb
from bench.soak_watch import children
from eas_core.radio.plan import NWR_CHANNELS, nwr_plan
from eas_core.sources.isolated import IsolatedSource
from eas_core.sources.rtl_tcp import RtlTcpSource
from eas_core.sources.source import Source
from eas_core.station import Alert, Station, StationOptions, StationRecord
from script.ports import free_port

ROOT = Path(__file__).parent.parent
SETTLE_SECONDS = 5.0
WINDOW_SECONDS = 5.0


def measure(port: int, count: int, seconds: float, *, child: bool) -> str:
    """Hear so many channels for so long; return a row of the table."""
    plan = nwr_plan(NWR_CHANNELS[-count:])
    source: Source = RtlTcpSource(host="127.0.0.1", port=port, tuning=plan.tuning)
    if child:
        source = IsolatedSource(source)
    before = set(children(os.getpid()))
    station = Station(source, StationOptions(name="bench", radio=plan))
    alerts: list[Alert] = []

    def note(record: StationRecord) -> None:
        if isinstance(record, Alert):
            alerts.append(record)

    station.listen(note)
    station.start()
    time.sleep(SETTLE_SECONDS)
    own = [pid for pid in children(os.getpid()) if pid not in before]

    def used() -> float:
        return time.process_time() + sum(cpu_seconds(pid) for pid in own)

    def memory() -> float:
        return resident_mb(os.getpid()) + sum(resident_mb(pid) for pid in own)

    shares, early = [], memory()
    begun = start, cpu = time.monotonic(), used()
    while time.monotonic() < begun[0] + seconds:
        time.sleep(WINDOW_SECONDS)
        now, spent = time.monotonic(), used()
        shares.append((spent - cpu) / (now - start))
        start, cpu = now, spent
        if start < begun[0] + seconds / 10 + WINDOW_SECONDS:
            early = memory()
    mean = (cpu - begun[1]) / (start - begun[0])
    late, health = memory(), station.health
    station.stop()
    return (
        f"{count:8} {100 * median(shares):6.1f} % {100 * mean:6.1f} %"
        f" {early:9.1f} {late:9.1f}"
        f" {health.counters.blocks_dropped:8} {health.counters.samples_lost:8}"
        f" {len(alerts):7} {health.status.state}"
    )


def main() -> None:
    """Serve, hear, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", nargs="?", type=float, default=60.0)
    parser.add_argument("--channels", type=int, nargs="*", default=[1, 7])
    parser.add_argument("--child", action="store_true")
    arguments = parser.parse_args()
    port = free_port()
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "eas_core", "simulate"),
            *("--rtl-tcp", f"127.0.0.1:{port}", "--first", "10", "--interval", "60"),
        ],
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
    )
    try:
        time.sleep(3.0)
        print(
            "channels  hearing     mean  MB early   MB late  dropped     lost  alerts state"
        )
        for count in arguments.channels:
            print(
                measure(port, count, arguments.seconds, child=arguments.child),
                flush=True,
            )
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"peak of this process {peak:.1f} MB; simulator at {port}, its own process"
        )
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
