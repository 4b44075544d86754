"""Which message of which channel is recorded, from where to where."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
import threading
from typing import Final

from ..audio.encoding import Pcm
from ..clock import Clock
from .options import StationOptions
from .recording_files import SAVED, Recording, RecordingError, recording_name
from .recording_writer import RecordingWriter
from .recordings import RecordingIndex
from .records import (
    Alert,
    RecordingEnd,
    RecordingFinished,
    RecordingProblem,
    StationRecord,
)

HEADER_SECONDS: Final = 25.0
"""From the first burst to where the longest header is settled, at most."""

REOPEN_SECONDS: Final = 15.0
"""A source that is back by then goes on with the message that it was in."""

OTHER_END_SECONDS: Final = 5.0
"""After the end of a message on another channel, its own is waited for so long."""

HURRY_SECONDS: Final = 1.2
"""What a stop may wait for recordings to be finished, of its two seconds."""

PATIENCE_SECONDS: Final = 60.0
REMEMBERED: Final = 64


@dataclass(slots=True, eq=False)
class _Running:
    """A recording that goes on, in samples; `heard_at` and `away_since` are monotonic.

    It is not `sure` where the disk may have no room for it.
    """

    draft: Recording
    alert_id: str
    sure: bool
    left: int
    heard_at: float
    away_since: float | None = None
    missed: int = 0
    ends_as: RecordingEnd = RecordingEnd.TIME_LIMIT


class Recorder:
    """Records each message once, on the channel that told it first.

    All is called on the station's worker thread, but for `save`; nothing here
    waits for the disk. Without `StationOptions.recording` nothing is recorded.
    """

    def __init__(self, options: StationOptions, clock: Clock) -> None:
        """Take what is set."""
        self._station = options.name
        self._pre_roll = options.pre_roll_seconds
        self._clock = clock
        self._running: dict[str, _Running] = {}
        self._whole: dict[str, str] = {}
        self._options = options.recording
        self._writer = (
            RecordingWriter(options.recording, clock) if options.recording else None
        )

    @property
    def ring_seconds(self) -> float:
        """How much of a channel must be kept for what may be recorded of it."""
        if self._options is None:
            return self._pre_roll
        return max(self._options.ring_seconds, self._pre_roll + HEADER_SECONDS)

    @property
    def index(self) -> RecordingIndex | None:
        """The list of what is recorded."""
        return self._writer.index if self._writer else None

    @property
    def problem(self) -> RecordingProblem | None:
        """Why nothing can be recorded now."""
        return self._writer.problem if self._writer else None

    def start(self) -> None:
        """Begin to write."""
        if self._writer:
            self._writer.start()

    def attend(self) -> list[StationRecord]:
        """Return what there is to tell; to be called every second or so."""
        now = self._clock.monotonic()
        for channel, running in list(self._running.items()):
            away = running.away_since
            if away is not None and now - away > REOPEN_SECONDS:
                self._end(channel, RecordingEnd.SOURCE_DOWN)
        told = self._writer.told() if self._writer else []
        for record in told:
            if isinstance(record, RecordingFinished):
                self._note(record)
        return told

    def finish(self, why: RecordingEnd, hurry: threading.Event) -> list[StationRecord]:
        """End all recordings; wait until they can be played, and briefly where it must hurry."""
        for channel in list(self._running):
            self._end(channel, why)
        if self._writer is None:
            return []
        self._writer.stop()
        waited = 0.0
        limit = PATIENCE_SECONDS
        while waited < limit and not self._writer.wait(0.1):
            waited += 0.1
            if hurry.is_set():
                limit = min(limit, waited + HURRY_SECONDS)
        return self._writer.told()

    def begin(
        self,
        alert: Alert,
        channel: str,
        sample_rate: int,
        audio: Callable[[float], Pcm],
        *,
        known: bool,
    ) -> str | None:
        """Record the message of an alert; return the recording's name, None where there is none.

        `audio` gives the newest int16, back to so many seconds before the first
        burst. A message that is `known` is recorded where that was not done to
        its end before. While there is trouble with the disk nothing is named, and
        the writer looks at it once more: what comes of it is told when it is finished.
        """
        if self._writer is None or self._options is None:
            return None
        for running in self._running.values():
            if running.alert_id == alert.id:
                running.draft = replace(running.draft, alert=asdict(alert))
                return running.draft.name if running.sure else None
        if known and alert.id in self._whole:
            return self._whole[alert.id]
        sure = self._writer.problem is None
        if channel in self._running:
            self._end(channel, RecordingEnd.NEXT_MESSAGE)
        pcm, now = audio(self._pre_roll), self._clock.now()
        name = recording_name(now, alert.event_code, alert.id)
        draft = Recording(
            name=name,
            station=self._station,
            channel=channel,
            alert=asdict(alert if alert.recording else replace(alert, recording=name)),
            started=now - timedelta(seconds=len(pcm) / sample_rate),
            sample_rate=sample_rate,
        )
        longest = self._pre_roll + self._options.longest_seconds
        self._running[channel] = _Running(
            draft=draft,
            alert_id=alert.id,
            sure=sure,
            left=max(0, round(longest * sample_rate) - len(pcm)),
            heard_at=self._clock.monotonic(),
        )
        self._writer.begin(draft, pcm)
        return name if sure else None

    def hear(self, channel: str, pcm: Pcm) -> None:
        """Take what a channel has heard, int16[any]."""
        running = self._running.get(channel)
        if running is None or self._writer is None:
            return
        running.heard_at, running.away_since = self._clock.monotonic(), None
        pcm = pcm[: running.left]
        if self._writer.add(running.draft.name, pcm, running.missed):
            running.missed = 0
        else:
            running.missed += len(pcm)
        running.left -= len(pcm)
        if not running.left:
            self._end(channel, running.ends_as)

    def miss(self, channel: str, samples: int) -> None:
        """Leave silence for what a channel has lost."""
        running = self._running.get(channel)
        if running is None:
            return
        samples = min(samples, running.left)
        running.missed += samples
        running.left -= samples

    def lose(self, channel: str) -> None:
        """The source of a channel is down: it has some time to come back."""
        running = self._running.get(channel)
        if running is not None:
            running.away_since = self._clock.monotonic()

    def rejoin(self, channel: str, sample_rate: int, lost: int | None) -> None:
        """Go on after a gap of so many samples, None where only the clock knows."""
        running = self._running.get(channel)
        if running is None:
            return
        if running.draft.sample_rate != sample_rate:
            self._end(channel, RecordingEnd.RATE_CHANGED)
            return
        if lost is None:
            away = self._clock.monotonic() - running.heard_at
            lost = round(min(away, REOPEN_SECONDS) * sample_rate)
        self.miss(channel, lost)

    def end(self, channel: str, alert_id: str | None) -> None:
        """End the message of a channel, or of another that it was recorded on."""
        if channel in self._running:
            self._end(channel, RecordingEnd.END_OF_MESSAGE)
            return
        for running in self._running.values():
            if alert_id is not None and running.alert_id == alert_id:
                wait = round(OTHER_END_SECONDS * running.draft.sample_rate)
                running.left = min(running.left, wait)
                running.ends_as = RecordingEnd.END_OF_MESSAGE

    def save(
        self, channel: str, sample_rate: int, pcm: Pcm
    ) -> Future[RecordingFinished]:
        """Write int16[n] that a channel has just heard; may be called on any thread.

        Raises RecordingError where nothing is recorded; the result may be one too.
        """
        if self._writer is None or not self._writer.running:
            raise RecordingError("Name a folder for recordings, and start the station.")
        now = self._clock.now()
        draft = Recording(
            name=recording_name(now, SAVED, channel),
            station=self._station,
            channel=channel,
            alert=None,
            started=now - timedelta(seconds=len(pcm) / sample_rate),
            sample_rate=sample_rate,
            ended_by=RecordingEnd.SAVED,
        )
        return self._writer.save(draft, pcm)

    def _note(self, finished: RecordingFinished) -> None:
        """Where the disk did not take one that had its end, a repeat is welcome."""
        if not finished.complete:
            self._whole = {
                one: kept for one, kept in self._whole.items() if kept != finished.name
            }
        elif finished.alert_id is not None:
            self._keep(finished.alert_id, finished.name)

    def _keep(self, alert_id: str, name: str) -> None:
        self._whole[alert_id] = name
        if len(self._whole) > REMEMBERED:
            del self._whole[next(iter(self._whole))]

    def _end(self, channel: str, why: RecordingEnd) -> None:
        running = self._running.pop(channel)
        assert self._writer is not None
        self._writer.end(replace(running.draft, ended_by=why), running.missed)
        if why is RecordingEnd.END_OF_MESSAGE and running.sure:
            self._keep(running.alert_id, running.draft.name)
