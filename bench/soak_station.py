"""A span of a soak: `Station` with seven channels, as fast as it decodes, its clock the script's."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
import os
from pathlib import Path
import signal
import threading
import time
from typing import Any, Final

import numpy as np

from bench.soak_air import Air
from bench.soak_script import Script
from bench.soak_truth import Truth
from bench.soak_verdict import Told
from bench.soak_watch import Fault, Watch
from eas_core.audio.block import Block
from eas_core.clock import Clock, SystemClock
from eas_core.radio.plan import nwr_plan
from eas_core.sources.isolated import IsolatedSource
from eas_core.sources.rtl_tcp import RtlTcpSource
from eas_core.station import (
    Alert,
    RecordingFinished,
    RecordingOptions,
    Station,
    StationOptions,
)

PATIENCE_SECONDS: Final = 90.0
WEIGHTS: Final = {
    "capture killed (SIGKILL)": 45,
    "capture stopped (SIGSTOP)": 6,
    "connection cut in mid-burst": 45,
    "rtl_tcp server gone": 35,
    "rtl_tcp server stalled": 6,
    "garbage IQ": 35,
    "no rtl_tcp answers": 15,
    "samples lost": 40,
    "station stopped and started": 25,
    "outage of 20 s and more": 8,
    "clock stepped +1 h": 10,
    "clock stepped -1 h": 10,
    "recordings' disk full": 12,
}
"""How often each is drawn, of the sum."""


GOES_ON: Final = (
    "garbage IQ",
    "samples lost",
    "clock stepped +1 h",
    "clock stepped -1 h",
    "recordings' disk full",
)
"""Of which the source is not opened anew."""

STORMY: Final = 0.4
"""Of the moments, in which all faults are; in the others nothing excuses anything."""

MID_BURST: Final = 0.7
"""Of the faults, which come while a header is on the air."""


QUEUED_SECONDS: Final = 0.5
"""What may wait in the station, of the ten seconds after which the oldest is dropped."""

AFTER_SECONDS: Final = 0.5
"""After the last moment: the next one begins with nothing on the air."""


class ScriptClock:
    """The script's time by how far the air is; `step` makes it wrong. Waits are cut short."""

    def __init__(self, script: Script, air: Air) -> None:
        """Take both."""
        self._script = script
        self._air = air
        self.step = timedelta()
        self.away = 0.0

    def now(self) -> datetime:
        """Return the scripted time."""
        return self._script.now(self._air.position) + self.step

    def monotonic(self) -> float:
        """Return the machine's, and what outages were longer than they were."""
        return time.monotonic() + self.away

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait for a fifth of a second at most."""
        return event.wait(min(seconds, 0.2))


class Witnessed:
    """A source whose blocks are handed to the truth as well; the air waits for the slower of both."""

    kind: Final = "rtl_tcp"
    live: Final = True

    def __init__(self, inner: IsolatedSource, truth: Truth, air: Air) -> None:
        """Take what is witnessed, and who is told."""
        self.inner = inner
        self.blocks_seen = 0
        self.given_air = 0.0
        """Where the newest block is: what is told when a source ends was heard by then."""
        self.station: Station | None = None
        self._truth, self._air = truth, air
        self.opening = 0
        self.waits = False
        """Whether it gives nothing more for now: what was given is heard to its end."""

    def blocks(self, clock: Clock, stop: threading.Event) -> Iterator[Block]:
        """Yield the blocks of one opening."""
        self.opening += 1
        opening = self.opening
        for block in self.inner.blocks(SystemClock(), stop):
            while self._behind() and not stop.wait(0.002):
                pass
            while self.waits and not stop.wait(0.002):
                pass
            if stop.is_set():
                return
            self.given_air = self._air.position
            self._truth.take(opening, block, self.given_air, clock.now())
            self.blocks_seen += 1
            yield block
            self._air.heard.value += len(block.samples) / block.sample_rate

    def is_heard(self) -> bool:
        """Whether the station has taken all that it was given."""
        run = None if self.station is None else self.station._run  # noqa: SLF001
        return run is None or run.queue.held_seconds <= 0

    def _behind(self) -> bool:
        """Whether the station has not taken what it was given."""
        run = None if self.station is None else self.station._run  # noqa: SLF001
        return run is not None and run.queue.held_seconds > QUEUED_SECONDS


@dataclass
class Span:
    """What came of it."""

    told: list[Told]
    faults: list[Fault]
    finished: list[RecordingFinished]
    watch: Watch
    states: dict[str, int] = field(default_factory=dict)
    alive: bool = False
    dropped: int = 0
    decode_failures: int = 0
    moment: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0


class Soaked:
    """A station on the air of a script, and what can be done to it."""

    def __init__(self, script: Script, air: Air, truth: Truth, folder: Path) -> None:
        """Make it; it does not hear yet."""
        self.air, self.folder = air, folder
        self.clock = ScriptClock(script, air)
        tuning = nwr_plan().tuning
        inner = RtlTcpSource(host="127.0.0.1", port=air.port, tuning=tuning)
        self.source = Witnessed(IsolatedSource(inner), truth, air)
        recording = RecordingOptions(
            folder=str(folder), keep_mb=1e6, floor_mb=5.0, ring_seconds=30.0
        )
        options = StationOptions(
            name="soak",
            radio=nwr_plan(),
            pre_roll_seconds=2.0,
            recording=recording,
        )
        self.station = self.source.station = Station(self.source, options, self.clock)
        self.names = [channel.name for channel in nwr_plan().channels]
        self.told: list[Told] = []
        self.finished: list[RecordingFinished] = []
        self._failures = 0
        self.station.listen(self._note)

    def _note(self, record: object) -> None:
        if isinstance(record, RecordingFinished):
            self.finished.append(record)
        if isinstance(record, Alert):
            self.told.append(
                Told(
                    header=record.header,
                    channels=tuple(self.names.index(one) for one in record.channels),
                    air=self.source.given_air,
                    id=record.id,
                    recording=record.recording,
                )
            )

    def until(self, done: Any, seconds: float = PATIENCE_SECONDS) -> bool:
        """Wait until something is so; return whether it came to be."""
        deadline = time.monotonic() + seconds
        while not done():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def passes(self, seconds: float) -> None:
        """Wait until so much air was heard."""
        end = self.air.position + seconds
        self.until(lambda: self.air.position >= end)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the child."""
        pid = self.source.inner.pid
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def do(self, kind: str, rng: np.random.Generator) -> Fault:
        """Let a fault happen and be over; return how it went."""
        fault = Fault(kind_of_fault=kind, air=self.air.position)
        seconds = float(rng.uniform(0.2, 4.0))
        before = self.source.opening
        self._failures = self.station.counters.source_failures
        self._break(kind, seconds)
        mended = time.monotonic()
        fault.survived = kind in GOES_ON or self.until(
            lambda: self.source.opening > before
        )
        seen = self.source.blocks_seen
        fault.survived &= self.until(lambda: self.source.blocks_seen > seen)
        fault.recovered_s = time.monotonic() - mended
        fault.until = self.air.position
        return fault

    def _fails(self) -> None:
        """Wait until the source has failed once more than before the fault, and all that it gave is settled.

        What is told from then on was heard after it, however busy this machine is.
        """
        self.until(lambda: self.station.counters.source_failures > self._failures, 30.0)
        self.until(self.source.is_heard)
        # In one round the worker takes its last block, in the next that it failed.
        seen = self.station.health.rounds
        self.until(lambda: self.station.health.rounds > seen + 2)

    def _break(self, kind: str, seconds: float) -> None:
        """Do what the kind says; it is mended when this returns."""
        air = self.air
        match kind:
            case "capture killed (SIGKILL)":
                self.signal(signal.SIGKILL)
                air.do("skip", seconds)
            case "capture stopped (SIGSTOP)":
                self.signal(signal.SIGSTOP)
                self._fails()
                air.do("skip", 6.0)
            case "connection cut in mid-burst":
                air.do("cut")
                air.do("skip", seconds)
            case "rtl_tcp server gone" | "outage of 20 s and more":
                air.do("gone")
                self._fails()
                if kind.startswith("outage"):
                    self.clock.away += 20.0
                    seconds += 20.0
                air.do("skip", seconds)
                air.do("back")
            case "rtl_tcp server stalled":
                air.do("stall")
                self._fails()
                air.do("skip", 6.0)
                air.do("resume")
            case "garbage IQ":
                air.do("garbage")
                self.passes(seconds)
                air.do("resume")
            case "no rtl_tcp answers":
                air.do("garbage")
                air.do("cut")
                self._fails()
                air.do("skip", seconds)
                air.do("resume")
            case "samples lost":
                air.do("skip", seconds / 2)
            case "station stopped and started":
                self.source.waits = True
                self.until(self.source.is_heard)
                self.station.stop()
                self.source.waits = False
                air.do("skip", seconds)
                self.station.start()
            case "clock stepped +1 h" | "clock stepped -1 h":
                self.clock.step = timedelta(hours=1 if "+" in kind else -1)
                self.passes(4 * seconds)
                self.clock.step = timedelta()
            case "recordings' disk full":
                with filled(self.folder):
                    self.passes(4 * seconds)


class filled:  # noqa: N801
    """A disk with nothing left, for a while."""

    def __init__(self, folder: Path) -> None:
        """Take a folder of it."""
        self._path = folder / "filler"

    def __enter__(self) -> None:
        """Write until there is no room."""
        status = os.statvfs(self._path.parent)
        free = status.f_bavail * status.f_frsize
        with suppress(OSError), self._path.open("wb", buffering=0) as filler:
            os.posix_fallocate(filler.fileno(), 0, free - (1 << 20))
            while filler.write(bytes(1 << 12)):
                pass

    def __exit__(self, *unused: object) -> None:
        """Give it back."""
        self._path.unlink()


def draw(
    script: Script, count: int, rng: np.random.Generator, *, can_fill: bool
) -> list[tuple[float, str]]:
    """Return when (seconds of air) which fault comes: most of them while a header is sent."""
    kinds = [one for one in WEIGHTS if can_fill or "disk" not in one]
    weights = np.array([WEIGHTS[one] for one in kinds], float)
    drawn = rng.choice(len(kinds), count, p=weights / weights.sum())
    stormy = rng.random(len(script.moments)) < STORMY
    stormy[int(rng.integers(len(stormy)))] = True
    hit = [one for one in script.sent if stormy[one.moment]]
    times = []
    for _ in range(count):
        sent = hit[int(rng.integers(len(hit)))]
        moment = script.moments[sent.moment]
        low, high = (
            (sent.start, sent.header_end)
            if rng.random() < MID_BURST
            else (moment.start, moment.end)
        )
        times.append(float(rng.uniform(low, high)))
    return sorted((at, kinds[index]) for at, index in zip(times, drawn, strict=True))


def soak(
    script: Script,
    air: Air,
    truth: Truth,
    folder: Path,
    faults: int,
    *,
    can_fill: bool,
    minutes: float,
) -> Span:
    """Hear all of a script with so many faults, or as much of it as comes in so many minutes."""
    rng = np.random.default_rng(script.seed + 1)
    soaked = Soaked(script, air, truth, folder)
    span = Span(soaked.told, [], soaked.finished, Watch())
    began, cpu = time.monotonic(), time.process_time()
    soaked.station.start()
    soaked.until(lambda: soaked.source.blocks_seen > 0)

    def is_late() -> bool:
        return time.monotonic() - began > 60 * minutes

    for at, kind in draw(script, faults, rng, can_fill=can_fill):
        while air.position < at and not is_late():
            time.sleep(0.02)
        if is_late():
            break
        wall_s = time.monotonic() - began
        span.faults.append(soaked.do(kind, rng))
        span.faults[-1].wall_s = wall_s
    while air.position < script.seconds and not is_late():
        time.sleep(0.02)
    span.moment = script.moment(air.position)
    while air.position < script.moments[span.moment].end + AFTER_SECONDS:
        time.sleep(0.02)
    span.alive = soaked.station.running and soaked.source.blocks_seen > 0
    soaked.source.waits = True
    soaked.until(soaked.source.is_heard)
    soaked.station.stop()
    counters = soaked.station.counters
    span.dropped, span.decode_failures = (
        counters.blocks_dropped,
        counters.decode_failures,
    )
    span.wall_s = time.monotonic() - began
    span.cpu_s = time.process_time() - cpu
    span.watch.close()
    return span
