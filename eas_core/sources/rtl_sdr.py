"""A dongle at this machine's USB, through pyrtlsdr."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
import threading
from typing import ClassVar, Final

from ..audio.block import Block, IqBlock
from ..clock import Clock
from ..radio.plan import Tuning
from .dongle import DongleOptions
from .iq import complex_from_u8
from .rtl_sdr_dongle import list_dongles, unreadable
from .rtl_sdr_library import load_library
from .rtl_sdr_reader import DongleReader, RawSamples
from .source import SourceError, SourceErrorReason

OPEN_SECONDS: Final = 10.0
"""A dongle opens within two, also at a busy USB hub."""

STALL_SECONDS: Final = 5.0
LOOK_SECONDS: Final = 0.1
"""How often `stop` is looked at while nothing comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DongleFound:
    """A dongle that is plugged in; `serial` is what it is opened by.

    Where it is not `unique`, another one has the same serial, and neither can
    be opened: many are sold as 00000001.
    """

    serial: str
    name: str
    unique: bool = True


def find_dongles() -> list[DongleFound]:
    """Return the dongles at this machine; raises SourceError(NO_LIBRARY, LIBRARY_UNUSABLE, NO_PERMISSION, BROKEN).

    The last two where there are dongles and none tells its serial. Calls into
    librtlsdr: not for an event loop, and best in a child process
    (`isolated.find_in_child`).
    """
    listed = list_dongles(load_library())
    known = [each for each in listed if each.code == 0]
    if listed and not known:
        raise unreadable(listed)
    count = Counter(each.serial for each in known)
    return [
        DongleFound(serial=each.serial, name=each.name, unique=count[each.serial] == 1)
        for each in known
    ]


@dataclass(frozen=True, kw_only=True)
class RtlSdrSource:
    """The IQ samples of the dongle with this serial number, and of no other."""

    kind: ClassVar = "rtl_sdr"
    live: ClassVar = True

    serial: str
    tuning: Tuning
    dongle: DongleOptions = field(default_factory=DongleOptions)

    def blocks(self, clock: Clock, stop: threading.Event) -> Iterator[Block]:
        """Yield IqBlocks of about 50 ms. Native code: run it by IsolatedSource.

        librtlsdr says nothing of lost samples: `loss.SampleClock` finds those of
        50 ms and more, a second after. Raises SourceError(NO_LIBRARY,
        LIBRARY_UNUSABLE, NOT_FOUND, INVALID_OPTION, NO_PERMISSION, BUSY,
        UNPLUGGED, STALLED, BROKEN).
        """
        reader = DongleReader(self.serial, self.tuning, self.dongle, clock)
        reader.start()
        try:
            since = clock.monotonic()
            was_open = False
            while not stop.is_set():
                if part := reader.get(LOOK_SECONDS):
                    yield self._block(part)
                    since = clock.monotonic()
                elif reader.is_open and not was_open:
                    was_open, since = True, clock.monotonic()
                else:
                    self._judge(reader, clock.monotonic() - since)
        finally:
            reader.close()

    def _block(self, part: RawSamples) -> IqBlock:
        return IqBlock(
            samples=complex_from_u8(part.raw),
            sample_rate=self.tuning.sample_rate,
            first_sample=part.first_sample,
            center_frequency=self.tuning.center_frequency,
        )

    def _judge(self, reader: DongleReader, silent_seconds: float) -> None:
        """Raise SourceError where nothing came for too long."""
        if not reader.is_alive():
            raise SourceError(
                SourceErrorReason.BROKEN,
                f"Look at the log: what reads the dongle {self.serial} ended.",
            )
        limit = STALL_SECONDS if reader.is_open else OPEN_SECONDS
        if silent_seconds > limit:
            what = "sends no samples" if reader.is_open else "does not open"
            raise SourceError(
                SourceErrorReason.STALLED,
                f"Unplug the dongle {self.serial} and plug it in again: it {what}.",
            )
