"""The thread that recordings are written on: whatever the disk does, hearing goes on."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
import logging
from pathlib import Path
import threading
from typing import Final

import numpy as np

from ..audio.encoding import Pcm
from ..clock import Clock
from ..fault_log import FaultLog
from .options import RecordingOptions
from .recording_adopt import adopt
from .recording_files import Recording, RecordingError
from .recording_finish import finish, leftovers, recover
from .recording_limits import HINTS, too_much, too_old, trouble_from, trouble_of
from .recording_take import Take, is_taken
from .recordings import RecordingIndex
from .records import (
    RecordingEnd,
    RecordingFinished,
    RecordingProblem,
    RecordingTrouble,
    StationRecord,
)

_LOGGER = logging.getLogger(__name__)

QUEUE_BYTES: Final = 16_000_000
"""Of audio that may wait for the disk: a minute of seven channels."""

NOTHING: Final[Pcm] = np.zeros(0, np.int16)
IDLE_SECONDS: Final = 0.5
LOOK_SECONDS: Final = 60.0
"""How often is looked whether there is room."""

LOOK_AGAIN_SECONDS: Final = 10.0
"""The same while nothing can be recorded: the next message may come at any time."""

SWEEP_SECONDS: Final = 3600.0
"""How often what is too old goes; the first time so long after the start, when
a machine without a clock of its own has surely been told the time."""

type Task = Callable[[], object]


class RecordingWriter:
    """Takes recordings piece by piece, on a thread of its own behind a bounded queue."""

    def __init__(
        self,
        options: RecordingOptions,
        clock: Clock,
        queue_bytes: int = QUEUE_BYTES,
        wake: Callable[[], None] | None = None,
    ) -> None:
        """Take where to write, and how much audio may wait.

        `wake` is called on the writer's thread when there is something to be told.
        """
        self.options = options
        self.index = RecordingIndex(options.folder)
        self.problem: RecordingProblem | None = None
        self._folder = Path(options.folder)
        self._clock = clock
        self._bound = queue_bytes
        self._queue: deque[tuple[Task | None, int]] = deque()
        self._held = 0
        self._changed = threading.Condition()
        self._told: deque[StationRecord] = deque()
        self._wake = wake
        self._takes: dict[str, Take] = {}
        self._left: list[str] = []
        self._thread: threading.Thread | None = None
        self._logger = FaultLog(_LOGGER)
        self.running = False

    def start(self) -> None:
        """Begin, when what was begun before has ended."""
        if self.running:
            return
        self.running = True
        # A disk that hangs must not keep the program from its end.
        self._thread = threading.Thread(
            target=self._run,
            args=(self._thread,),
            name="eas-station-record",
            daemon=True,
        )
        self._thread.start()

    def stop(self) -> None:
        """End when all that was given is written; does not wait."""
        if self.running:
            self.running = False
            self._put(None, 0)

    def wait(self, seconds: float) -> bool:
        """Wait for the end so long; return whether it came."""
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(seconds)
        return thread is None or not thread.is_alive()

    def told(self) -> list[StationRecord]:
        """Return what has happened since this was asked last."""
        return [self._told.popleft() for _ in range(len(self._told))]

    def begin(self, draft: Recording, pcm: Pcm) -> None:
        """Begin a recording with int16[n]."""
        self._put(partial(self._begin, draft, pcm), pcm.nbytes)

    def add(self, name: str, pcm: Pcm, missed: int) -> bool:
        """Add int16[n] after so many samples of silence; False where too much waits already."""
        if self._held + pcm.nbytes > self._bound:
            return False
        self._put(partial(self._add, name, pcm, missed), pcm.nbytes)
        return True

    def end(self, draft: Recording, missed: int = 0) -> None:
        """End a recording as the draft says, after so many samples that were missed."""
        self._put(partial(self._end, draft, missed), 0)

    def save(self, draft: Recording, pcm: Pcm) -> Future[RecordingFinished]:
        """Write a recording that is there in whole; the result may be a RecordingError."""
        done: Future[RecordingFinished] = Future()
        self._put(partial(self._save, draft, pcm, done), pcm.nbytes)
        return done

    def adopt(self, draft: Recording, audio: bytes) -> Future[RecordingFinished]:
        """Take a FLAC file that was recorded elsewhere; the result may be a RecordingError."""
        done: Future[RecordingFinished] = Future()
        self._put(partial(self._adopt, draft, audio, done), len(audio))
        return done

    def _put(self, task: Task | None, size: int) -> None:
        with self._changed:
            self._queue.append((task, size))
            self._held += size
            self._changed.notify()

    def _get(self) -> tuple[Task | None, int] | None:
        with self._changed:
            if not self._queue:
                self._changed.wait(0.0 if self._left else IDLE_SECONDS)
            return self._queue.popleft() if self._queue else None

    def _run(self, before: threading.Thread | None) -> None:
        if before is not None:
            before.join()
        now = self._clock.monotonic()
        look_at, sweep_at = now, now + SWEEP_SECONDS
        while True:
            if (now := self._clock.monotonic()) >= look_at:
                self._safely(self._look)
                troubled = self.problem is not None
                look_at = now + (LOOK_AGAIN_SECONDS if troubled else LOOK_SECONDS)
            if now >= sweep_at:
                sweep_at = now + SWEEP_SECONDS
                self._safely(partial(self._sweep, by_age=True))
            item = self._get()
            if item is None:
                self._safely(self._recover_next)
                continue
            task, size = item
            if task is None:
                return
            self._safely(task)
            with self._changed:
                self._held -= size

    def _safely(self, task: Task) -> None:
        try:
            task()
        except OSError as error:
            self._set_trouble(trouble_from(error))
        except Exception:  # no recording may end the writing of the next one
            self._logger.exception("A recording could not be written")

    def _look(self) -> None:
        """See whether there is room, and what was left behind while there was none."""
        self._look_at_disk()
        if self.problem is None:
            self._left = [
                name for name in leftovers(self._folder) if name not in self._takes
            ]
        self._sweep()

    def _recover_next(self) -> None:
        if self.problem is None and self._left:
            recording = recover(self._folder, self._left.pop(0), self.options)
            if recording is not None and recording.duration_s:
                self._tell(recording)

    def _sweep(self, *, by_age: bool = False) -> None:
        entries = self.index.entries()
        old = too_old(entries, self._clock.now(), self.options) if by_age else []
        kept = [each for each in entries if each.name not in set(old)]
        for name in (*self.index.surplus, *old, *too_much(kept, self.options)):
            try:
                self.index.remove(name)
            except RecordingError:
                # Somebody else has removed it.
                pass

    def _is_writable(self) -> bool:
        """See whether there is room now where there was none: a message does not come again."""
        if self.problem is not None:
            self._look_at_disk()
        return self.problem is None

    def _look_at_disk(self) -> None:
        known = self.problem.reason if self.problem else None
        self._set_trouble(trouble_of(self._folder, self.options, known))

    def _set_trouble(self, reason: RecordingTrouble | None) -> None:
        if (self.problem.reason if self.problem else None) == reason:
            return
        problem = RecordingProblem(
            at=self._clock.now(), reason=reason, hint=HINTS[reason] if reason else None
        )
        self.problem = problem if reason else None
        self._say(problem)

    def _begin(self, draft: Recording, pcm: Pcm) -> None:
        if not self._is_writable():
            return
        try:
            self._takes[draft.name] = Take(self._folder, draft)
        except FileExistsError:
            _LOGGER.warning("There is a recording %s already", draft.name)
            return
        self._add(draft.name, pcm, 0)

    def _free(self, draft: Recording) -> Recording:
        """Return the draft under a name that nothing has yet."""
        while is_taken(self._folder, draft.name):
            draft = replace(draft, name=f"{draft.name}x")
        return draft

    def _add(self, name: str, pcm: Pcm, missed: int) -> None:
        take = self._takes.get(name)
        if take is None:
            return
        try:
            synced = take.write(pcm, missed)
        except OSError as error:
            self._give_up(take, error)
            return
        if not synced:
            return
        trouble = trouble_of(self._folder, self.options, None)
        if trouble is not None:
            self._set_trouble(trouble)
            self._end(replace(take.draft, ended_by=RecordingEnd.DISK), 0)

    def _end(self, draft: Recording, missed: int) -> RecordingFinished | None:
        take = self._takes.get(draft.name)
        if take is None:
            return None
        try:
            # So much was lost at the very end that nothing came after it.
            take.write(NOTHING, missed)
            last = replace(draft, lost_s=round(take.missed / draft.sample_rate, 3))
            found = take.close(last)
        except OSError as error:
            self._give_up(take, error)
            return None
        del self._takes[draft.name]
        try:
            recording = finish(
                self._folder,
                last,
                found,
                self.options,
                with_copy=self.problem is None,
            )
        finally:
            take.release()
        finished = self._tell(recording)
        self._sweep()
        return finished

    def _give_up(self, take: Take, error: OSError) -> None:
        """Keep what there is of a recording that cannot be written on."""
        del self._takes[take.draft.name]
        missed = round(take.missed / take.draft.sample_rate, 3)
        last = replace(take.draft, ended_by=RecordingEnd.DISK, lost_s=missed)
        take.abandon(last)
        self._set_trouble(trouble_from(error))
        recording = recover(self._folder, last.name, self.options, with_copy=False)
        if recording is not None and recording.duration_s:
            self._tell(recording)

    def _save(
        self, draft: Recording, pcm: Pcm, done: Future[RecordingFinished]
    ) -> None:
        finished = None
        try:
            draft = self._free(draft)
            self._begin(draft, pcm)
            finished = self._end(draft, 0)
        finally:
            if finished is not None:
                done.set_result(finished)
            else:
                done.set_exception(self._unwritten())

    def _adopt(
        self, draft: Recording, audio: bytes, done: Future[RecordingFinished]
    ) -> None:
        if not done.set_running_or_notify_cancel():
            return
        try:
            if self._is_writable():
                draft = self._free(draft)
                done.set_result(
                    self._tell(adopt(self._folder, draft, audio, self.options))
                )
                self._sweep()
        except RecordingError as error:
            done.set_exception(error)
        except OSError as error:
            self._set_trouble(trouble_from(error))
        finally:
            if not done.done():
                done.set_exception(self._unwritten())

    def _unwritten(self) -> RecordingError:
        reason = self.problem.reason if self.problem else None
        return RecordingError(HINTS[reason or RecordingTrouble.CANNOT_WRITE])

    def _tell(self, recording: Recording) -> RecordingFinished:
        whole, copy = recording.whole, recording.copy
        assert whole is not None
        finished = RecordingFinished(
            at=self._clock.now(),
            name=recording.name,
            alert_id=recording.alert_id,
            channel=recording.channel,
            path=str(self._folder / whole.name),
            copy_path=str(self._folder / copy.name) if copy else None,
            duration_s=recording.duration_s,
            ended_by=recording.ended_by,
            complete=recording.complete,
            lost_s=recording.lost_s,
        )
        self._say(finished)
        return finished

    def _say(self, record: StationRecord) -> None:
        self._told.append(record)
        if self._wake is not None:
            self._wake()
