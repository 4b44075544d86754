"""A dongle at this machine's USB, through pyrtlsdr."""

from collections.abc import Iterator
from dataclasses import dataclass, field
import threading
from typing import ClassVar

from ..audio.block import Block
from ..clock import Clock
from ..radio.plan import Tuning
from .dongle import DongleOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class DongleFound:
    """A dongle that is plugged in; `serial` is what it is opened by."""

    serial: str
    name: str


def find_dongles() -> list[DongleFound]:
    """Return the dongles at this machine; raises SourceError(NO_LIBRARY, LIBRARY_UNUSABLE).

    Calls into librtlsdr: not for an event loop, and best in a child process
    (`isolated.find_in_child`).
    """
    return []


@dataclass(frozen=True, kw_only=True)
class RtlSdrSource:
    """The IQ samples of the dongle with this serial number, and of no other."""

    kind: ClassVar = "rtl_sdr"
    live: ClassVar = True

    serial: str
    tuning: Tuning
    dongle: DongleOptions = field(default_factory=DongleOptions)

    def blocks(self, clock: Clock, stop: threading.Event) -> Iterator[Block]:
        """Yield IqBlocks. Native code: run it by IsolatedSource."""
        yield from ()
