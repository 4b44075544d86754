"""The engine: one source, read and decoded on threads of its own."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
import logging
import threading
from typing import Final

from ..audio.block import AudioBlock
from ..clock import Clock, SystemClock
from ..modem.decoded import Decoded
from ..sources.source import Source, SourceError, SourceErrorReason
from .alerts import AlertList
from .backoff import Backoff
from .block_queue import BlockQueue
from .hearing import Hearing
from .options import StationOptions
from .records import (
    Alert,
    Counters,
    LevelReading,
    SourceState,
    SourceStatus,
    StationRecord,
)

_LOGGER = logging.getLogger(__name__)

STOP_SECONDS: Final = 2.0

type Listener = Callable[[StationRecord], None]


class Station:
    """Hears one source and tells its listeners what it hears.

    `start` and `stop` may be called from any thread, again and again; `stop`
    returns within two seconds. Listeners are called on the station's threads
    and must be quick. A source that fails is opened again for ever.
    """

    def __init__(
        self, source: Source, options: StationOptions, clock: Clock | None = None
    ) -> None:
        """Take the source, what is set, and the clock that everything goes by."""
        self._source = source
        self._options = options
        self._clock = clock or SystemClock()
        self._alerts = AlertList(options.channel, options.history)
        self._hearing = Hearing(options, self._alerts, self._clock)
        self._listeners: tuple[Listener, ...] = ()
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._threads: list[Future[None]] = []
        self._stop = threading.Event()
        self._queue = BlockQueue(options.queue_seconds)
        self._dropped_before = 0
        self._failures = 0
        self._loud_at = 0.0
        self._level: LevelReading | None = None
        self._status = SourceStatus(state=SourceState.STOPPED, since=self._clock.now())

    @property
    def options(self) -> StationOptions:
        """What is set."""
        return self._options

    @property
    def status(self) -> SourceStatus:
        """How the source does."""
        return self._status

    @property
    def level(self) -> LevelReading | None:
        """The newest level, None before the first."""
        return self._level

    @property
    def active_alerts(self) -> tuple[Alert, ...]:
        """The alerts whose life is not over."""
        return self._alerts.active(self._clock.now())

    @property
    def recent_messages(self) -> tuple[Decoded, ...]:
        """The newest messages as the decoder gave them, for diagnostics."""
        return tuple(self._hearing.recent)

    @property
    def running(self) -> bool:
        """Whether it was started, and neither stopped nor at its source's end."""
        return any(not thread.done() for thread in self._threads)

    @property
    def counters(self) -> Counters:
        """What was counted since the station was made."""
        return Counters(
            messages=self._hearing.messages,
            duplicates=self._alerts.duplicates,
            ends_of_message=self._hearing.ends_of_message,
            malformed=self._hearing.malformed,
            samples=self._hearing.samples,
            samples_lost=self._hearing.samples_lost,
            blocks_dropped=self._dropped_before + self._queue.dropped,
            source_failures=self._failures,
        )

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call the listener with every record from now on; return what ends that."""
        with self._lock:
            self._listeners = (*self._listeners, listener)

        def unsubscribe() -> None:
            with self._lock:
                self._listeners = tuple(
                    kept for kept in self._listeners if kept is not listener
                )

        return unsubscribe

    def start(self) -> None:
        """Begin to hear; nothing happens where it does already."""
        with self._lock:
            if self.running:
                return
            self._stop = threading.Event()
            self._dropped_before += self._queue.dropped
            self._queue = BlockQueue(self._options.queue_seconds)
            self._pool = ThreadPoolExecutor(2, thread_name_prefix="eas-station")
            self._threads = [
                self._pool.submit(self._read, self._stop, self._queue),
                self._pool.submit(self._work, self._queue),
            ]
            self._pool.shutdown(wait=False)

    def stop(self) -> None:
        """End hearing and wait for the threads, at most two seconds."""
        with self._lock:
            self._stop.set()
            self._queue.close()
            threads = self._threads
        _, late = wait(threads, STOP_SECONDS)
        if late:
            _LOGGER.warning(
                "The source %s did not stop in %.0f s; it is left behind",
                self._source.kind,
                STOP_SECONDS,
            )
        if self._status.state is not SourceState.STOPPED:
            self._set_status(SourceState.STOPPED)

    def _tell(self, record: StationRecord) -> None:
        for listener in self._listeners:
            try:
                listener(record)
            except Exception:  # a listener's fault must not end the hearing
                _LOGGER.exception("A listener failed on %s", type(record).__name__)

    def _set_status(
        self,
        state: SourceState,
        reason: SourceErrorReason | None = None,
        hint: str | None = None,
    ) -> None:
        status = SourceStatus(
            state=state, since=self._clock.now(), reason=reason, hint=hint
        )
        old = self._status
        if (old.state, old.reason, old.hint) == (state, reason, hint):
            return
        self._status = status
        self._tell(status)

    def _read(self, stop: threading.Event, queue: BlockQueue) -> None:
        """Read the source for as long as there is one."""
        backoff = Backoff()
        self._set_status(SourceState.STARTING)
        while not stop.is_set():
            opened = self._clock.monotonic()
            error = self._read_once(stop, queue)
            if stop.is_set():
                break
            if error is None:
                queue.end()
                return
            self._failures += 1
            self._set_status(SourceState.DOWN, error.reason, error.hint)
            heard = self._clock.monotonic() - opened
            self._clock.wait(stop, backoff.failed(heard))
        queue.close()

    def _read_once(
        self, stop: threading.Event, queue: BlockQueue
    ) -> SourceError | None:
        """Read until the source ends (None) or fails."""
        try:
            for block in self._source.blocks(self._clock, stop):
                if not isinstance(block, AudioBlock):
                    return SourceError(
                        SourceErrorReason.INVALID_OPTION,
                        "Choose a source of audio: this one gives radio samples.",
                    )
                if not queue.put(block, wait=not self._source.live):
                    return None
                if self._status.state in (SourceState.STARTING, SourceState.DOWN):
                    self._loud_at = self._clock.monotonic()
                    self._set_status(SourceState.HEARING)
        except SourceError as error:
            return error
        except Exception as error:  # in ways that its library alone knows
            _LOGGER.exception("The source %s failed", self._source.kind)
            return SourceError(
                SourceErrorReason.BROKEN,
                f"Look at the log: the source failed with {type(error).__name__}.",
            )
        return None

    def _work(self, queue: BlockQueue) -> None:
        """Decode what is read, until the source ends."""
        while (block := queue.get()) is not None:
            try:
                for record in self._hearing.hear(block):
                    self._note(record)
            except Exception:  # nor one block that cannot be decoded
                _LOGGER.exception("A block of audio could not be decoded")
        for record in self._hearing.finish():
            self._note(record)
        if not self._stop.is_set():
            self._set_status(
                SourceState.STOPPED,
                SourceErrorReason.ENDED,
                "The source has come to its end.",
            )

    def _note(self, record: StationRecord) -> None:
        if isinstance(record, LevelReading):
            self._level = record
            self._weigh_level(record)
        self._tell(record)

    def _weigh_level(self, level: LevelReading) -> None:
        """Tell hearing from quiet: loud now, or not for long enough."""
        now = self._clock.monotonic()
        state = self._status.state
        if level.rms_dbfs >= self._options.quiet_dbfs:
            self._loud_at = now
            if state is SourceState.QUIET:
                self._set_status(SourceState.HEARING)
        elif (
            state is SourceState.HEARING
            and now - self._loud_at > self._options.quiet_seconds
        ):
            self._set_status(SourceState.QUIET)
