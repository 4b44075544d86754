#!/usr/bin/env python3
"""What a child process costs: bench/child.py [SECONDS].

Hears a stream from a server of its own and a stand-in dongle (gcc and pyrtlsdr
are needed), each in a child process. Prints the time from the start to Python's
first sign of life and to the first block, the child's memory and CPU (of one
core) after SECONDS (10), the time that a stop takes, and how old the newest sample
gets in a station whose child is killed and segfaults twice each, 35 s
apart, so that each is a first failure.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
import os
from pathlib import Path
import signal
import struct
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np

from bench.hass_cost import cpu_seconds, resident_mb
from eas_core.clock import SystemClock
from eas_core.radio.plan import RadioPlan, nwr_plan
from eas_core.sources.isolated import IsolatedSource
from eas_core.sources.rtl_sdr import RtlSdrSource
from eas_core.sources.stream import StreamSource
from eas_core.station import Station, StationOptions
from tests.peers.web import WebServer, ok
from tests.standin import Standin

RATE = 16_000
SERIAL = "00000101"
KILLS = (signal.SIGKILL, signal.SIGSEGV) * 2
APART_SECONDS = 35.0


@contextmanager
def stream() -> Iterator[IsolatedSource]:
    """Serve noise as WAV without an end, two seconds at once and then at its own pace.

    Icecast begins with 64 KiB, which is that much of this.
    """
    noise = 2000 * np.random.default_rng(1).standard_normal(RATE // 10)
    sizes = struct.pack("<IHHIIHH", 16, 1, 1, RATE, 2 * RATE, 2, 16)
    head = b"RIFF\xff\xff\xff\xffWAVEfmt " + sizes + b"data\xff\xff\xff\xff"

    def answer() -> Iterable[bytes]:
        tenth = noise.astype("<i2").tobytes()
        yield ok("audio/wav") + head + 20 * tenth
        yield from web.trickle(tenth, 0.1)

    with WebServer() as web:
        web.answers["/noise.wav"] = answer
        yield IsolatedSource(StreamSource(url=f"{web.address}/noise.wav"))


@contextmanager
def dongle() -> Iterator[IsolatedSource]:
    """Plug in a stand-in that serves noise."""
    with tempfile.TemporaryDirectory() as name:
        noise = Path(name) / "noise.u8"
        samples = np.random.default_rng(1).normal(127.5, 20, 2 * 240_000)
        noise.write_bytes(samples.astype(np.uint8).tobytes())
        standin = Standin(Path(name) / "standin")
        standin.add(SERIAL, iq=noise)
        os.environ.update(standin.variables)
        yield IsolatedSource(RtlSdrSource(serial=SERIAL, tuning=nwr_plan().tuning))


def measure(source: IsolatedSource, seconds: float) -> str:
    """Hear for so long; return start, first block, memory, CPU and stop."""
    stop = threading.Event()
    blocks = source.blocks(SystemClock(), stop)
    beat_at: list[float] = []

    def watch() -> None:
        while not source.beat.cpu_seconds:
            time.sleep(0.001)
        beat_at.append(time.monotonic())

    watcher = threading.Thread(target=watch)
    watcher.start()
    began = time.monotonic()
    next(blocks)
    first = time.monotonic() - began
    watcher.join()
    assert source.pid is not None
    used = cpu_seconds(source.pid)
    while time.monotonic() < began + first + seconds:
        next(blocks)
    used = (cpu_seconds(source.pid) - used) / seconds
    memory = resident_mb(source.pid)
    asked = time.monotonic()
    stop.set()
    assert next(blocks, None) is None
    stopped = time.monotonic() - asked
    return (
        f"{beat_at[0] - began:8.2f} {first:12.2f} {memory:7.0f} "
        f"{100 * used:6.1f} {stopped:7.2f}"
    )


def longest_silence(source: IsolatedSource, plan: RadioPlan | None) -> float:
    """Return how old the newest sample got in a station whose child is killed."""
    station = Station(source, StationOptions(name="bench", radio=plan))
    ages: list[float] = []

    def listen(seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            ages.append(station.health.last_sample_age_s or 0.0)
            time.sleep(0.02)

    station.start()
    for number in KILLS:
        listen(APART_SECONDS)
        assert source.pid is not None
        os.kill(source.pid, number)
    listen(10.0)
    station.stop()
    return max(ages)


def main() -> None:
    """Print the table."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    print("source     start s  first block s  RSS MB  CPU %  stop s  a crash costs s")
    for name, make, plan in (
        ("stream", stream, None),
        ("dongle", dongle, nwr_plan()),
    ):
        with make() as source:
            row = measure(source, seconds)
            print(f"{name:9} {row} {longest_silence(source, plan):16.1f}", flush=True)


if __name__ == "__main__":
    main()
