"""The engine: one source, read and decoded on threads of its own."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
import logging
import threading
from typing import Final

from ..audio.block import AudioBlock, IqBlock
from ..audio.block_queue import BlockQueue
from ..clock import Clock, SystemClock
from ..modem.constants import SampleRateError, check_sample_rate
from ..modem.decoded import Decoded
from ..sources.source import Source, SourceError, SourceErrorReason
from .alerts import AlertList
from .backoff import Backoff
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

STOP_SECONDS: Final = 1.8
"""What is waited for the threads, so that all of a stop takes less than two."""

type Listener = Callable[[StationRecord], None]


@dataclass(slots=True, eq=False)
class _Run:
    """What lives from a start to its stop: a thread that reads, one that works."""

    queue: BlockQueue[SourceStatus]
    stop: threading.Event = field(default_factory=threading.Event)
    reader: Future[None] = field(default_factory=Future)
    worker: Future[None] = field(default_factory=Future)
    worker_thread: int | None = None


class Station:
    """Hears one source and tells its listeners what it hears.

    `start` and `stop` may be called from any thread and from a listener, again
    and again; `stop` returns within two seconds, and a source that does not
    heed it is left behind. Listeners are called on the station's worker thread,
    but for the last `stopped`, which comes from where `stop` was called; they
    must be quick. A source that fails is opened again for ever.
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
        self._run: _Run | None = None
        self._dropped_before = 0
        self._failures = 0
        self._decode_failures = 0
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
        return self._hearing.recent

    @property
    def pre_roll(self) -> AudioBlock | None:
        """The newest `pre_roll_seconds` of audio, or as much as there is."""
        return self._hearing.pre_roll

    @property
    def running(self) -> bool:
        """Whether it was started, and neither stopped nor at its source's end."""
        run = self._run
        return run is not None and not run.stop.is_set() and not run.worker.done()

    @property
    def counters(self) -> Counters:
        """What was counted since the station was made."""
        run = self._run
        return Counters(
            messages=self._hearing.messages,
            duplicates=self._alerts.duplicates,
            ends_of_message=self._hearing.ends_of_message,
            malformed=self._hearing.malformed,
            samples=self._hearing.samples,
            samples_lost=self._hearing.samples_lost,
            blocks_dropped=self._dropped_before + (run.queue.dropped if run else 0),
            source_failures=self._failures,
            decode_failures=self._decode_failures,
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
            before = self._run
            if before is not None:
                self._dropped_before += before.queue.dropped
            run = self._run = _Run(BlockQueue(self._options.queue_seconds))
            pool = ThreadPoolExecutor(2, thread_name_prefix="eas-station")
            run.worker = pool.submit(self._work, run, before)
            run.reader = pool.submit(self._read, run)
            pool.shutdown(wait=False)

    def stop(self) -> None:
        """End hearing and wait for the threads, less than two seconds."""
        with self._lock:
            run = self._run
            if run is None:
                return
            again = run.stop.is_set()
            run.stop.set()
            run.queue.close()
        threads = {run.reader, run.worker}
        if run.worker_thread == threading.get_ident():
            threads.remove(run.worker)
        _, late = wait(threads, STOP_SECONDS)
        if late and not again:
            _LOGGER.warning(
                "The source %s did not stop in time; it is left behind",
                self._source.kind,
            )
        with self._lock:
            told = again or self._run is not run
        if not told and self._status.state is not SourceState.STOPPED:
            self._set_status(self._status_now(SourceState.STOPPED))

    def _status_now(
        self,
        state: SourceState,
        reason: SourceErrorReason | None = None,
        hint: str | None = None,
    ) -> SourceStatus:
        return SourceStatus(
            state=state, since=self._clock.now(), reason=reason, hint=hint
        )

    def _set_status(self, status: SourceStatus) -> None:
        old = self._status
        if (old.state, old.reason, old.hint) != (
            status.state,
            status.reason,
            status.hint,
        ):
            self._status = status
            self._tell(status)

    def _tell(self, record: StationRecord) -> None:
        for listener in self._listeners:
            try:
                listener(record)
            except Exception:  # a listener's fault must not end the hearing
                _LOGGER.exception("A listener failed on %s", type(record).__name__)

    def _read(self, run: _Run) -> None:
        """Read the source for as long as there is one."""
        backoff = Backoff()
        run.queue.post(self._status_now(SourceState.STARTING))
        while not run.stop.is_set():
            heard, error = self._read_once(run)
            if run.stop.is_set():
                return
            if error is None:
                run.queue.end()
                return
            self._failures += 1
            run.queue.post(self._status_now(SourceState.DOWN, error.reason, error.hint))
            self._clock.wait(run.stop, backoff.failed(heard))

    def _read_once(self, run: _Run) -> tuple[float, SourceError | None]:
        """Read until the source ends (None) or fails; say how long it was heard."""
        heard = 0.0
        try:
            for block in self._source.blocks(self._clock, run.stop):
                if not isinstance(block, AudioBlock):
                    return heard, SourceError(
                        SourceErrorReason.INVALID_OPTION,
                        "Choose a source of audio: this one gives radio samples.",
                    )
                check_sample_rate(block.sample_rate)
                if not heard:
                    run.queue.post(self._status_now(SourceState.HEARING))
                if not run.queue.put(block, wait=not self._source.live):
                    break
                heard += len(block.samples) / block.sample_rate
        except SourceError as error:
            return heard, error
        except SampleRateError as error:
            return heard, SourceError(SourceErrorReason.INVALID_OPTION, str(error))
        except Exception as error:  # in ways that its library alone knows
            _LOGGER.exception("The source %s failed", self._source.kind)
            return heard, SourceError(
                SourceErrorReason.BROKEN,
                f"Look at the log: the source failed with {type(error).__name__}.",
            )
        return heard, None

    def _work(self, run: _Run, before: _Run | None) -> None:
        """Tell what is read, until the source ends or the station is stopped."""
        run.worker_thread = threading.get_ident()
        if before is not None:
            # Two at once would cut each other's audio to pieces.
            wait([before.worker])
        while (item := run.queue.get()) is not None:
            if isinstance(item, AudioBlock):
                self._note(run, self._hearing.hear(item))
                continue
            if isinstance(item, IqBlock):
                continue
            if item.state is SourceState.DOWN:
                self._note(run, self._hearing.finish())
            self._loud_at = self._clock.monotonic()
            self._set_status(item)
        self._note(run, self._hearing.finish())
        if not run.stop.is_set():
            self._set_status(
                self._status_now(
                    SourceState.STOPPED,
                    SourceErrorReason.ENDED,
                    "The source has come to its end.",
                )
            )

    def _note(self, run: _Run, records: Iterator[StationRecord]) -> None:
        try:
            for record in records:
                if isinstance(record, LevelReading):
                    self._level = record
                    self._weigh_level(run, record)
                self._tell(record)
        except Exception:  # nor may audio that cannot be decoded
            if not self._decode_failures:
                _LOGGER.exception("Audio could not be decoded; it is counted from here")
            self._decode_failures += 1
            self._hearing.abandon()

    def _weigh_level(self, run: _Run, level: LevelReading) -> None:
        """Tell hearing from quiet: loud now, or not for long enough."""
        now = self._clock.monotonic()
        state = self._status.state
        if run.stop.is_set():
            return
        if level.rms_dbfs >= self._options.quiet_dbfs:
            self._loud_at = now
            if state is SourceState.QUIET:
                self._set_status(self._status_now(SourceState.HEARING))
        elif (
            state is SourceState.HEARING
            and now - self._loud_at > self._options.quiet_seconds
        ):
            self._set_status(self._status_now(SourceState.QUIET))
