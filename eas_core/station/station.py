"""The engine: one source, read and decoded on threads of its own."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
import logging
import threading
import time
from typing import Final

from ..audio.block import AudioBlock, Block, IqBlock
from ..audio.block_queue import BlockQueue
from ..clock import Clock, SystemClock
from ..fault_log import FaultLog
from ..modem.decoded import Decoded
from ..sources.source import Source, SourceErrorReason
from .ears import BROKEN, Ears
from .listeners import Listener, Listeners
from .live import LiveAudio
from .options import StationOptions
from .reader import Readings, SourceReader, age
from .recordings import RecordingIndex
from .records import (
    Alert,
    Counters,
    Health,
    LevelReading,
    RecordingEnd,
    RecordingFinished,
    SourceState,
    SourceStatus,
    StationRecord,
)
from .self_test import SelfTest, SelfTestError, SelfTests
from .watch import HINTS, SourceWatch

_LOGGER = logging.getLogger(__name__)

STOP_SECONDS: Final = 1.8
"""What is waited for the threads, so that all of a stop takes less than two."""

LOOK_SECONDS: Final = 1.0
"""How often is looked whether the source still gives something."""

STALLED_HINT: Final = (
    "Look at the receiver: its driver has hung and is being opened again."
)


@dataclass(slots=True, eq=False)
class _Run:
    """What lives from a start to its stop: a thread that reads, one that works."""

    queue: BlockQueue[SourceStatus]
    reader: SourceReader
    started: float
    stop: threading.Event = field(default_factory=threading.Event)
    worker: Future[None] = field(default_factory=Future)
    worker_thread: int | None = None
    heard_to: float = 0.0
    dropped: int = 0


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
        """Take the source, what is set, and the clock that everything goes by.

        Raises PlanError where no radio can hear `options.radio`.
        """
        self._source = source
        self._options = options
        self._clock = clock or SystemClock()
        self._ears = Ears(options, self._clock)
        self._watch = SourceWatch(tuple(self._ears.hearings), options, self._clock)
        self._readings = Readings()
        self._self_tests = SelfTests(options, self._clock)
        self._logger = FaultLog(_LOGGER)
        self._listeners = Listeners(self._logger)
        self._tell = self._listeners.tell
        self._lock = threading.Lock()
        self._run: _Run | None = None
        self._dropped_before = 0
        self._rounds = 0
        self._cpu_seconds = 0.0
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
        return self._ears.alerts.active(self._clock.now())

    @property
    def recent_alerts(self) -> tuple[Alert, ...]:
        """The newest alerts, active or not, newest last; self-tests are none."""
        return self._ears.alerts.known

    def self_test(self, location: str) -> Future[SelfTest]:
        """Decode a test for a place (PSSCCC) that is made here, never played, and told.

        Raises HeaderError, and SelfTestError where it does not run; so may the result.
        """
        if not self.running:
            raise SelfTestError("Start the station first.")
        return self._self_tests.ask(location)

    @property
    def recent_messages(self) -> tuple[Decoded, ...]:
        """The newest messages as the decoder gave them, for diagnostics."""
        return self._ears.recent

    def pre_roll(self, channel: str | None = None) -> AudioBlock | None:
        """Return a channel's newest `pre_roll_seconds` of audio, or as much as there is.

        Of the first channel where none is named; None where nothing was heard.
        """
        hearings = self._ears.hearings
        return hearings[channel or next(iter(hearings))].pre_roll

    @property
    def recordings(self) -> RecordingIndex | None:
        """The list of what is recorded, None where nothing is; not for an event loop."""
        return self._ears.recorder.index

    def save_recording(
        self, channel: str | None = None, seconds: float | None = None
    ) -> Future[RecordingFinished]:
        """Write the newest audio of a channel, or as much as `ring_seconds` keeps.

        Of the first channel where none is named. Raises RecordingError where
        nothing was heard or nothing is recorded, and so may the result.
        """
        return self._ears.save(channel, seconds)

    @property
    def live(self) -> LiveAudio:
        """Where its channels are listened to, over stops and starts."""
        return self._ears.live

    @property
    def running(self) -> bool:
        """Whether it was started, and neither stopped nor at its source's end."""
        run = self._run
        return run is not None and not run.stop.is_set() and not run.worker.done()

    @property
    def counters(self) -> Counters:
        """What was counted since the station was made."""
        run = self._run
        hearings = tuple(self._ears.hearings.values())
        return Counters(
            messages=sum(each.messages for each in hearings),
            duplicates=self._ears.alerts.duplicates,
            ends_of_message=sum(each.ends_of_message for each in hearings),
            malformed=sum(each.malformed for each in hearings),
            samples=hearings[0].samples,
            samples_lost=hearings[0].samples_lost,
            blocks_dropped=self._dropped_before + (run.queue.dropped if run else 0),
            source_failures=self._readings.failures.total(),
            decode_failures=self._ears.decode_failures,
        )

    @property
    def health(self) -> Health:
        """How the station does; may be asked on any thread."""
        run, now = self._run, self._clock.monotonic()
        return Health(
            status=self._status,
            channels=self._watch.health,
            counters=self.counters,
            uptime_s=now - run.started if run and self.running else None,
            last_sample_age_s=age(self._readings.block_at, now),
            last_signal_age_s=age(self._watch.signal_at, now),
            restarts=max(0, self._readings.opened - 1),
            failures=tuple(self._readings.failures.most_common()),
            lost_share=self._watch.lost.value + self._watch.dropped.value,
            queued_s=run.queue.held_seconds if run else 0.0,
            cpu_seconds=self._cpu_seconds,
            rounds=self._rounds,
            recording_problem=self._ears.recorder.problem,
            decided=self._ears.decided.latency,
        )

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call the listener with every record from now on; return what ends that."""
        return self._listeners.add(listener)

    def take_source(self, source: Source) -> None:
        """Hear another source from the next opening on; it must give the same kind of samples."""
        self._source = source

    def start(self) -> None:
        """Begin to hear; nothing happens where it does already."""
        with self._lock:
            if self.running:
                return
            before = self._run
            if before is not None:
                self._dropped_before += before.queue.dropped
            queue = BlockQueue[SourceStatus](self._options.queue_seconds)
            run = self._run = _Run(
                queue, self._new_reader(queue), self._clock.monotonic()
            )
            pool = ThreadPoolExecutor(1, thread_name_prefix="eas-station-work")
            run.worker = pool.submit(self._work, run, before)
            pool.shutdown(wait=False)
            self._start_reader(run.reader)

    def stop(self) -> None:
        """End hearing and wait for the threads, less than two seconds."""
        with self._lock:
            run = self._run
            if run is None:
                return
            again = run.stop.is_set()
            run.stop.set()
            run.reader.stop.set()
            run.queue.close()
        threads = {run.reader.done, run.worker}
        if run.worker_thread == threading.get_ident():
            threads.remove(run.worker)
        _, late = wait(threads, STOP_SECONDS)
        # Of a decoder that hangs tells whoever looks at its pulse.
        if run.reader.done in late and not again:
            kind = self._source.kind
            _LOGGER.warning("The source %s did not stop; it is left behind", kind)
        with self._lock:
            told = again or self._run is not run
        if not told and self._status.state is not SourceState.STOPPED:
            self._set_status(SourceState.STOPPED)

    def _new_reader(self, queue: BlockQueue[SourceStatus]) -> SourceReader:
        return SourceReader(
            self._source,
            queue,
            self._readings,
            self._clock,
            takes_radio=self._ears.takes_radio,
        )

    def _start_reader(self, reader: SourceReader, wait_first: float = 0.0) -> None:
        # A driver that hangs must not keep the program from its end.
        threading.Thread(
            target=reader.run, args=(wait_first,), name="eas-station-read", daemon=True
        ).start()

    def _set_status(
        self,
        state: SourceState,
        reason: SourceErrorReason | None = None,
        hint: str | None = None,
    ) -> None:
        old = self._status
        if (old.state, old.reason, old.hint) != (state, reason, hint):
            self._status = SourceStatus(
                state=state, since=self._clock.now(), reason=reason, hint=hint
            )
            self._tell((self._status,))

    def _work(self, run: _Run, before: _Run | None) -> None:
        """Tell what is read, until the source ends or the station is stopped."""
        run.worker_thread = threading.get_ident()
        if before is not None:
            # Two at once would cut each other's audio to pieces.
            wait([before.worker])
        self._safely(self._ears.recorder.start)
        used = time.thread_time()
        while True:
            self._rounds += 1
            self._safely(self._attend)
            try:
                item = run.queue.get(LOOK_SECONDS)
            except TimeoutError:
                self._safely(self._look_for_stall, run)
                continue
            if item is None:
                break
            if isinstance(item, AudioBlock | IqBlock):
                self._safely(self._hear, run, item)
            else:
                self._safely(self._take_status, item)
            now = time.thread_time()
            self._cpu_seconds += now - used
            used = now
        self._safely(self._finish, run)
        if not run.stop.is_set():
            ended = SourceErrorReason.ENDED
            self._set_status(SourceState.STOPPED, ended, HINTS[ended])
        self._self_tests.refuse()

    def _safely[*Given](self, do: Callable[[*Given], None], *given: *Given) -> None:
        """Do what may fail in ways that nobody has thought of; the hearing goes on."""
        try:
            do(*given)
        except Exception:
            self._logger.exception(BROKEN)
            self._ears.decode_failures += 1

    def _attend(self) -> None:
        self._tell(self._ears.recorder.attend())
        self._tell(self._self_tests.make())

    def _finish(self, run: _Run) -> None:
        """Settle and record what was heard to the last."""
        self._note(self._ears.finish())
        why = RecordingEnd.STOPPED if run.stop.is_set() else RecordingEnd.SOURCE_ENDED
        self._tell(self._ears.recorder.finish(why, run.stop))
        if run.stop.is_set():
            self._ears.forget_audio()

    def _take_status(self, status: SourceStatus) -> None:
        """Take what happened to the source, in order with its blocks."""
        if status.state is SourceState.HEARING:
            # It gives samples; whether something is in them shows in a moment.
            self._watch.opened()
            if not self._ears.takes_radio:
                self._set_status(SourceState.HEARING)
            return
        if status.state is SourceState.DOWN:
            self._note(self._ears.finish())
        elif self._status.state is SourceState.DOWN:
            # It is tried again: until something comes, it is as it was.
            return
        self._set_status(status.state, status.reason, status.hint)

    def _hear(self, run: _Run, block: Block) -> None:
        self._weigh_losses(run, block)
        self._note(self._ears.hear(block))
        if run.stop.is_set():
            return
        changed, (state, reason) = self._watch.judge()
        self._tell(changed)
        if state is not SourceState.STARTING:
            self._set_status(state, reason, HINTS[reason] if reason else None)

    def _weigh_losses(self, run: _Run, block: Block) -> None:
        """Tell what the source lost from what was dropped here, and what is clipped."""
        first, end = (
            sample / block.sample_rate
            for sample in (block.first_sample, block.first_sample + len(block.samples))
        )
        dropped = run.queue.dropped
        self._watch.weigh(block, first - run.heard_to, here=dropped > run.dropped)
        run.heard_to, run.dropped = end, dropped

    def _note(self, records: Iterable[StationRecord]) -> None:
        for record in records:
            self._watch.take(record)
            if isinstance(record, LevelReading):
                self._level = record
            self._tell((record,))

    def _look_for_stall(self, run: _Run) -> None:
        """Put another reader in the place of one that hangs in its driver."""
        if run.stop.is_set() or not run.reader.stalled():
            return
        run.reader.stop.set()
        self._readings.failures[SourceErrorReason.STALLED] += 1
        self._note(self._ears.finish())
        self._set_status(SourceState.DOWN, SourceErrorReason.STALLED, STALLED_HINT)
        with self._lock:
            if run.stop.is_set():
                return
            run.reader = self._new_reader(run.queue)
            run.heard_to = 0.0
            self._start_reader(run.reader, self._readings.backoff.failed(0.0))
