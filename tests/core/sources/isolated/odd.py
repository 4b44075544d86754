"""A source with every fault that native code can have, and searches with some.

For tests alone: `isolation.tree` makes it a module of the library's copy that a
child process loads.
"""

from collections.abc import Iterator
import ctypes
from dataclasses import dataclass, field
from enum import Enum, StrEnum
import importlib
import os
from pathlib import Path
import subprocess
import sys
import threading
import time
from typing import ClassVar, Final, Literal

import numpy as np

from eas_core.audio.block import AudioBlock, Block, IqBlock
from eas_core.clock import Clock
from eas_core.radio.plan import Tuning
from eas_core.sources.dongle import DongleOptions
from eas_core.sources.source import SourceError, SourceErrorReason

MODULE: Final = "eas_core.sources.odd"
RATE: Final = 16_000
BLOCK: Final = 1_600


class Fault(StrEnum):
    """What happens after `blocks` blocks."""

    NONE = "none"
    END = "end"
    REFUSED = "refused"
    ECHO = "echo"
    BUG = "bug"
    SEGFAULT = "segfault"
    EXIT = "exit"
    QUIET = "quiet"
    HANG = "hang"
    HOLD_GIL = "hold_gil"
    HOG = "hog"


class Paint(Enum):
    """An enum whose values are no strings."""

    RED = 1
    BLUE = 2


@dataclass(frozen=True, kw_only=True)
class Odd:
    """Seeded noise until its fault; values of all kinds that a source may have."""

    __module__ = MODULE
    kind: ClassVar = "odd"

    fault: Fault = Fault.NONE
    blocks_before: int = 3
    live: bool = True
    radio: bool = False
    words: str = ""
    closes_at: Path | None = None
    companion: bool = False
    pieces: int = BLOCK
    speed: float = 1.0
    amplitude: float = 1.0
    tuning: Tuning | None = None
    dongle: DongleOptions = field(default_factory=DongleOptions)
    paint: Paint = Paint.RED
    mode: Literal["one", "two"] = "one"
    places: tuple[str, ...] = ()
    pair: tuple[int, float] = (0, 0.0)

    def blocks(self, clock: Clock, stop: threading.Event) -> Iterator[Block]:
        """Yield noise at the world's pace, or as fast as can be, then do the fault."""
        self._speak()
        try:
            for number in range(sys.maxsize):
                if number == self.blocks_before:
                    self._fail(stop)
                    if self.fault is Fault.END:
                        return
                if stop.is_set() or self._paced(clock, stop):
                    return
                yield self._block(number)
        finally:
            if self.closes_at and self.closes_at.parent.exists():
                self.closes_at.write_text("closed")

    def _paced(self, clock: Clock, stop: threading.Event) -> bool:
        return self.live and clock.wait(stop, self.pieces / RATE / self.speed)

    def _block(self, number: int) -> Block:
        noise = np.random.default_rng(number).standard_normal((2, self.pieces), "f4")
        noise *= self.amplitude
        first = number * self.pieces
        if self.radio:
            return IqBlock(
                samples=(noise[0] + 1j * noise[1]).astype(np.complex64),
                sample_rate=RATE,
                first_sample=first,
                center_frequency=162_487_500,
            )
        return AudioBlock(samples=noise[0], sample_rate=RATE, first_sample=first)

    def _speak(self) -> None:
        if self.words:
            print(self.words, file=sys.stderr, flush=True)
            libc = ctypes.CDLL(None)
            libc.puts(b"native words on standard output")
            libc.fflush(None)
        if self.companion:
            process = subprocess.Popen(["sleep", "1000"])
            print("companion", process.pid, file=sys.stderr, flush=True)

    def _fail(self, stop: threading.Event) -> None:
        match self.fault:
            case Fault.REFUSED:
                raise SourceError(SourceErrorReason.NO_PERMISSION, f"Add {self.words}.")
            case Fault.ECHO:
                raise SourceError(SourceErrorReason.INVALID_OPTION, repr(self))
            case Fault.BUG:
                raise KeyError("a fault of the source's own")
            case Fault.SEGFAULT:
                ctypes.string_at(0)
            case Fault.EXIT:
                os._exit(3)
            case Fault.QUIET:
                stop.wait()
            case Fault.HANG:
                time.sleep(1000)
            case Fault.HOLD_GIL:
                ctypes.PyDLL(None).sleep(1000)
            case Fault.HOG:
                bytearray(3 << 30)


@dataclass(frozen=True, slots=True, kw_only=True)
class OddDevice:
    """What a search finds."""

    name: str
    channels: int


def find_odd() -> list[OddDevice]:
    """Return two devices, and print where a search must not."""
    print("a driver's greeting")
    return [
        OddDevice(name="first · ünï", channels=1),
        OddDevice(name="second", channels=2),
    ]


def find_surroundings() -> list[OddDevice]:
    """Return where the child imports from, where it is, and a variable of its environment."""
    folders = [*sys.path, str(Path.cwd()), os.environ.get("RTLSDR_TEST", "")]
    return [OddDevice(name=folder, channels=0) for folder in folders]


def find_marker() -> list[OddDevice]:
    """Return a package that is beyond this interpreter's own."""
    marker = importlib.import_module("eas_marker")
    return [OddDevice(name=marker.NAME, channels=0)]


def find_refused() -> list[OddDevice]:
    """Raise what a search raises."""
    raise SourceError(SourceErrorReason.NO_LIBRARY, "Install the library.")


def find_bug() -> list[OddDevice]:
    """Raise what no search should."""
    raise KeyError("a fault of the search's own")


def find_hang() -> list[OddDevice]:
    """Never return."""
    time.sleep(1000)
    return []


def measure(device: str, times: int) -> OddDevice | None:
    """Return what was asked for, some of it."""
    return OddDevice(name=device * times, channels=times) if times else None


def find_segfault() -> list[OddDevice]:
    """Crash in native code."""
    ctypes.string_at(0)
    return []


for _find in (
    find_odd,
    find_surroundings,
    find_marker,
    find_refused,
    find_bug,
    find_hang,
    measure,
    find_segfault,
):
    _find.__module__ = MODULE
