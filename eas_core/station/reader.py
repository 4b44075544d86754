"""The thread that reads a source, and opens it again for as long as it is wanted."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future
import logging
import threading
from typing import Final

from ..audio.block import AudioBlock, Block
from ..audio.block_queue import BlockQueue
from ..clock import Clock
from ..modem.constants import SampleRateError, check_sample_rate
from ..sources.source import Source, SourceError, SourceErrorReason
from .backoff import Backoff
from .records import SourceState, SourceStatus

_LOGGER = logging.getLogger(__name__)

STALL_SECONDS: Final = 9.4
"""A live source gives its blocks many times a second; each has a limit of its own
that is less, this one is for a driver that hangs in it."""

OPEN_SECONDS: Final = 60.0
"""For the first block: a stream's host name, connection and format take their time."""


class Readings:
    """What is counted over all readers of a station."""

    def __init__(self) -> None:
        """Begin at none."""
        self.failures: Counter[SourceErrorReason] = Counter()
        self.opened = 0
        self.block_at: float | None = None
        self.backoff = Backoff()


class SourceReader:
    """Reads one source into a queue, on a thread that it is given.

    A reader that hangs in its driver is abandoned: what it gives from then on
    is let fall, and another one takes its place.
    """

    def __init__(
        self,
        source: Source,
        queue: BlockQueue[SourceStatus],
        readings: Readings,
        clock: Clock,
        *,
        takes_radio: bool,
    ) -> None:
        """Take where blocks and what happens go to."""
        self._source = source
        self._queue = queue
        self._readings = readings
        self._clock = clock
        self._takes_radio = takes_radio
        self._waiting: tuple[float, float] | None = None
        self.stop = threading.Event()
        self.done: Future[None] = Future()

    def stalled(self) -> bool:
        """Whether the source has been silent for longer than it may."""
        waiting = self._waiting
        if waiting is None or not self._source.live or self.stop.is_set():
            return False
        since, seconds = waiting
        return self._clock.monotonic() - since > seconds

    def run(self, wait_first: float = 0.0) -> None:
        """Read until the source ends or the reader is stopped."""
        try:
            if not wait_first or not self._clock.wait(self.stop, wait_first):
                self._read()
        finally:
            self.done.set_result(None)

    def _read(self) -> None:
        while not self.stop.is_set():
            self._post(SourceState.STARTING)
            self._readings.opened += 1
            heard, error = self._read_once()
            if self.stop.is_set():
                return
            if error is None:
                self._queue.end()
                return
            self._readings.failures[error.reason] += 1
            self._post(SourceState.DOWN, error)
            self._clock.wait(self.stop, self._readings.backoff.failed(heard))

    def _post(self, state: SourceState, error: SourceError | None = None) -> None:
        self._queue.post(
            SourceStatus(
                state=state,
                since=self._clock.now(),
                reason=error.reason if error else None,
                hint=error.hint if error else None,
            )
        )

    def _read_once(self) -> tuple[float, SourceError | None]:
        """Read until the source ends (None) or fails; say how long it was heard."""
        heard = 0.0
        self._waiting = (self._clock.monotonic(), OPEN_SECONDS)
        blocks: Iterator[Block] | None = None
        try:
            # A source that is no generator may fail at once.
            blocks = self._source.blocks(self._clock, self.stop)
            for block in blocks:
                self._waiting = None
                if self.stop.is_set():
                    break
                if isinstance(block, AudioBlock) is self._takes_radio:
                    return heard, _wrong_kind(self._takes_radio)
                if isinstance(block, AudioBlock):
                    check_sample_rate(block.sample_rate)
                if not heard:
                    self._post(SourceState.HEARING)
                now = self._readings.block_at = self._clock.monotonic()
                if not self._queue.put(block, wait=not self._source.live):
                    break
                heard += len(block.samples) / block.sample_rate
                self._waiting = (now, STALL_SECONDS)
        except SourceError as error:
            return heard, error
        except SampleRateError as error:
            return heard, SourceError(SourceErrorReason.INVALID_OPTION, str(error))
        except Exception as error:  # in ways that its library alone knows
            # It is tried again each minute, and is counted from here.
            known = self._readings.failures[SourceErrorReason.BROKEN]
            level = logging.DEBUG if known else logging.ERROR
            kind = self._source.kind
            _LOGGER.log(level, "The source %s failed", kind, exc_info=True)
            return heard, SourceError(
                SourceErrorReason.BROKEN,
                f"Look at the log: the source failed with {type(error).__name__}.",
            )
        finally:
            self._waiting = None
            if close := getattr(blocks, "close", None):
                close()
        return heard, None


def age(at: float | None, now: float) -> float | None:
    """Return how many seconds ago something was, None where it never was."""
    return None if at is None else now - at


def _wrong_kind(takes_radio: bool) -> SourceError:
    hint = (
        "Choose a source of radio samples: this one gives audio."
        if takes_radio
        else "Choose a source of audio: this one gives radio samples."
    )
    return SourceError(SourceErrorReason.INVALID_OPTION, hint)
