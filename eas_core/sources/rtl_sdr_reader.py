"""The thread that opens and reads a dongle, so that nobody else waits for a driver."""

from collections import deque
from dataclasses import dataclass
import threading
from typing import Final

from ..clock import Clock
from ..radio.plan import Tuning
from .dongle import DongleOptions
from .loss import SampleClock
from .rtl_sdr_dongle import Dongle, open_dongle
from .rtl_sdr_library import load_library
from .source import SourceError

BLOCK_SECONDS: Final = 0.05
HANDED_OVER: Final = 40
"""Buffers that wait to be used, two seconds of them."""

USB_BYTES: Final = 512
"""What librtlsdr's buffers are a multiple of."""

CLOSE_SECONDS: Final = 0.8
CLOSE_TRIES: Final = 16
"""librtlsdr looks for a cancel at each buffer, and once a second where none come."""


@dataclass(frozen=True, slots=True)
class RawSamples:
    """Bytes I, Q, I, Q …; `first_sample` counts those that were lost too."""

    raw: bytes
    first_sample: int


class DongleReader(threading.Thread):
    """Reads by `rtlsdr_read_async` into a bounded hand-over.

    That call keeps 15 buffers with the kernel, 0.75 s, so that nothing is lost
    while this process is held up, and it can be cancelled. `rtlsdr_read_sync`
    keeps none between two calls, and never returns from a dongle that stalls.

    The thread is a daemon: where the driver hangs in opening or closing it is
    left behind, for the end of the process.
    """

    def __init__(
        self, serial: str, tuning: Tuning, options: DongleOptions, clock: Clock
    ) -> None:
        """Take what to open and how."""
        super().__init__(name=f"rtl_sdr {serial}", daemon=True)
        self.is_open = False
        self._serial = serial
        self._tuning = tuning
        self._options = options
        self._clock = clock
        self._sample_clock = SampleClock(tuning.sample_rate)
        self._position = 0
        self._half = b""
        self._waiting: deque[RawSamples] = deque(maxlen=HANDED_OVER)
        self._changed = threading.Condition()
        self._dongle: Dongle | None = None
        self._stopping = False
        self._error: SourceError | None = None

    def run(self) -> None:
        """Open, read until closed, and close."""
        try:
            dongle = open_dongle(load_library(), self._serial)
        except SourceError as error:
            self._fail(error)
            return
        try:
            self._read(dongle)
        except SourceError as error:
            # Before it is closed, which may hang.
            self._fail(error)
        finally:
            with self._changed:
                self._dongle = None
            dongle.close()

    def get(self, seconds: float) -> RawSamples | None:
        """Return the oldest samples, or None where none come in time; raises SourceError as the dongle fails."""
        with self._changed:
            if not self._waiting and self.is_alive() and not self._error:
                self._changed.wait(seconds)
            if self._waiting:
                return self._waiting.popleft()
            if self._error:
                raise self._error
            return None

    def close(self) -> None:
        """Stop; returns within a second, whatever the driver does."""
        self._stopping = True
        for _ in range(CLOSE_TRIES):
            with self._changed:
                if self._dongle:
                    self._dongle.cancel()
            self.join(CLOSE_SECONDS / CLOSE_TRIES)

    def _read(self, dongle: Dongle) -> None:
        dongle.tune(self._tuning, self._options)
        with self._changed:
            self._dongle = dongle
            self.is_open = True
        if not self._stopping:
            dongle.read(self._take, _buffer_bytes(self._tuning.sample_rate))

    def _fail(self, error: SourceError) -> None:
        with self._changed:
            self._error = error
            self._changed.notify_all()

    def _take(self, raw: bytes) -> None:
        """Take a buffer; runs inside librtlsdr."""
        if self._stopping and self._dongle:
            self._dongle.cancel()
            return
        raw = self._half + raw
        count = len(raw) // 2
        self._half = raw[2 * count :]
        missing = self._sample_clock.missing(count, self._clock.monotonic())
        self._position += missing
        with self._changed:
            self._waiting.append(RawSamples(raw[: 2 * count], self._position))
            self._changed.notify_all()
        self._position += count


def _buffer_bytes(sample_rate: int) -> int:
    """Return the size of about `BLOCK_SECONDS` of samples."""
    return round(2 * sample_rate * BLOCK_SECONDS / USB_BYTES) * USB_BYTES
