"""All channels of a station: blocks of audio or of radio samples in, records out."""

from collections.abc import Iterable, Iterator
from concurrent.futures import Future
import logging
import math
from typing import Final

from ..audio.block import AudioBlock, Block, IqBlock
from ..clock import Clock
from ..modem.decoded import Decoded
from ..radio.receiver import Receiver
from .alerts import AlertList
from .endings import Endings, coalesce
from .hearing import Hearing
from .latencies import Latencies
from .live import LiveAudio
from .options import StationOptions
from .recorder import Recorder
from .recording_files import RecordingError
from .records import (
    Alert,
    AlertUpdated,
    EndOfMessage,
    RecordingFinished,
    SignalReading,
    SpectrumReading,
    StationRecord,
)

_LOGGER = logging.getLogger(__name__)

RECENT_MESSAGES: Final = 16
TOGETHER_SECONDS: Final = 0.5
"""Transmitters of one office send at once; their alert waits so long to name them all."""

BROKEN: Final = "Audio could not be decoded; it is counted from here"


class Ears:
    """Hears every channel with a decoder of its own, on one thread.

    One message on several channels is one alert: what comes within half a second
    is one record, what comes later updates it.
    """

    def __init__(self, options: StationOptions, clock: Clock) -> None:
        """Make a hearing for each channel of the radio, or one for audio."""
        self._options = options
        self._clock = clock
        self._endings = Endings()
        self.alerts = AlertList(options.history)
        self.recorder = Recorder(options, clock)
        self.live = LiveAudio()
        self.decided = Latencies()
        plan = options.radio
        self._receiver = Receiver(plan) if plan else None
        names = [each.name for each in plan.channels] if plan else [options.channel]
        self.hearings = {
            name: Hearing(
                *(name, options, self.alerts, self.recorder, clock),
                live=self.live,
                decided=self.decided,
            )
            for name in names
        }
        self._waiting: list[StationRecord] = []
        self._wait_ends = 0.0
        self.decode_failures = 0

    @property
    def takes_radio(self) -> bool:
        """Whether radio samples are expected, and no audio."""
        return self._receiver is not None

    @property
    def recent(self) -> tuple[Decoded, ...]:
        """The newest messages of all channels as the decoders gave them."""
        found = [each for one in self.hearings.values() for each in one.recent]
        return tuple(found[-RECENT_MESSAGES:])

    def save(
        self, channel: str | None, seconds: float | None
    ) -> Future[RecordingFinished]:
        """Write the newest audio of a channel; raises RecordingError."""
        name = channel or next(iter(self.hearings))
        if name not in self.hearings:
            channels = ", ".join(self.hearings)
            raise RecordingError(f"Choose one of the channels {channels}.")
        wanted = self.recorder.ring_seconds if seconds is None else seconds
        pcm, rate = self.hearings[name].newest(wanted)
        if not len(pcm):
            raise RecordingError("Wait until something is heard on the channel.")
        return self.recorder.save(name, rate, pcm)

    def hear(self, block: Block) -> list[StationRecord]:
        """Return what a block tells."""
        at = block.first_sample / block.sample_rate
        if isinstance(block, AudioBlock):
            hearing = self.hearings[self._options.channel]
            return self._told(self._safely(hearing, hearing.hear(block)), at)
        return self._told(self._receive(block), at)

    def forget_audio(self) -> None:
        """Give back the memory of what was heard, which else waits for a search for circles."""
        for hearing in self.hearings.values():
            hearing.forget_audio()

    def finish(self) -> list[StationRecord]:
        """Return what the end of the audio settles; the next block begins anew."""
        return self._told(
            (
                record
                for hearing in self.hearings.values()
                for record in self._safely(hearing, hearing.finish())
            ),
            math.inf,
        )

    def _receive(self, block: IqBlock) -> Iterator[StationRecord]:
        if self._receiver is None:
            return
        try:
            received = self._receiver.feed(block)
        except Exception:  # nor may samples that cannot be demodulated end it
            if not self.decode_failures:
                _LOGGER.exception(BROKEN)
            self.decode_failures += 1
            self._receiver = Receiver(self._receiver.plan)
            return
        now = self._clock.now()
        for quality in received.quality:
            yield SignalReading(at=now, quality=quality)
        if received.spectrum is not None:
            yield SpectrumReading(at=now, spectrum=received.spectrum)
        for name, audio in received.audio.items():
            hearing = self.hearings[name]
            yield from self._safely(hearing, hearing.hear(audio))

    def _safely(
        self, hearing: Hearing, records: Iterator[StationRecord]
    ) -> Iterator[StationRecord]:
        """Yield records; audio that breaks one decoder ends no other's hearing."""
        try:
            yield from records
        except Exception:  # in ways that nobody has thought of
            if not self.decode_failures:
                _LOGGER.exception(BROKEN)
            self.decode_failures += 1
            hearing.abandon()

    def _told(self, records: Iterable[StationRecord], at: float) -> list[StationRecord]:
        """Return what is to be told now; an alert may wait for its other channels.

        `at` is where the block begins, in seconds since the source was opened.
        """
        found = list(records)
        if len(self.hearings) > 1 and not self._waiting and _holds_alert(found):
            self._wait_ends = at + TOGETHER_SECONDS
        told = coalesce([*self._waiting, *found])
        self._waiting = []
        if at < self._wait_ends:
            self._waiting = [each for each in told if _is_alert(each)]
            told = [each for each in told if not _is_alert(each)]
        else:
            self._wait_ends = 0.0
        return [
            record
            for record in told
            if not isinstance(record, EndOfMessage) or self._endings.is_new(record)
        ]


def _is_alert(record: StationRecord) -> bool:
    return isinstance(record, Alert | AlertUpdated)


def _holds_alert(records: list[StationRecord]) -> bool:
    return any(isinstance(record, Alert) for record in records)
