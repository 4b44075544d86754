"""One channel heard: blocks of audio in, records out."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from ..audio.block import AudioBlock
from ..audio.level import LevelMeter
from ..audio.ring import Ring
from ..clock import Clock
from ..modem.attention import AttentionDetector, AttentionSignal
from ..modem.decoded import Decoded
from ..modem.decoder import SameDecoder
from .alerts import AlertList
from .options import StationOptions
from .records import AttentionHeard, EndOfMessage, LevelReading, StationRecord

RECENT_MESSAGES: Final = 16
LONGEST_GAP_SECONDS: Final = 1.0
"""A burst may live through a shorter gap, as silence; a longer one parts the audio."""


@dataclass(slots=True)
class _Stream:
    """A piece of audio without a long gap: `first_sample` is where it begins.

    The decoder and the detector count from there.
    """

    sample_rate: int
    first_sample: int
    next_sample: int
    decoder: SameDecoder
    attention: AttentionDetector
    meter: LevelMeter
    ring: Ring
    malformed: int = 0

    def seconds(self, sample: int) -> float:
        """Return where a sample of this piece is since the source was opened."""
        return (self.first_sample + sample) / self.sample_rate


@dataclass(slots=True)
class _OpenMessage:
    """A message whose end has not come, in seconds since the source was opened."""

    alert_id: str
    start: float
    voice_from: float
    measurable: bool = True


class Hearing:
    """Meters, keeps and decodes one channel, block by block, on one thread."""

    def __init__(
        self, channel: str, options: StationOptions, alerts: AlertList, clock: Clock
    ) -> None:
        """Take where alerts are remembered: that is shared, and outlives a reopened source."""
        self.channel = channel
        self._options = options
        self._alerts = alerts
        self._clock = clock
        self._stream: _Stream | None = None
        self._open: _OpenMessage | None = None
        self.recent: tuple[Decoded, ...] = ()
        self.samples = 0
        self.samples_lost = 0
        self.messages = 0
        self.ends_of_message = 0
        self.malformed = 0

    @property
    def pre_roll(self) -> AudioBlock | None:
        """The newest audio without a long gap; may be asked on any thread."""
        stream = self._stream
        if stream is None:
            return None
        samples = stream.ring.read()
        return AudioBlock(
            samples=samples,
            sample_rate=stream.sample_rate,
            first_sample=stream.next_sample - len(samples),
        )

    def hear(self, block: AudioBlock) -> Iterator[StationRecord]:
        """Yield what a block tells."""
        stream = self._stream
        if (
            stream is None
            or stream.sample_rate != block.sample_rate
            or stream.next_sample > block.first_sample
        ):
            yield from self.finish()
            stream = self._begin(block)
        lost = block.first_sample - stream.next_sample
        if lost > LONGEST_GAP_SECONDS * stream.sample_rate:
            yield from self._settle(stream)
            stream = self._begin(block)
        elif lost:
            yield from self._decode(stream, np.zeros(lost, np.float32))
        self.samples_lost += lost
        self.samples += len(block.samples)
        stream.next_sample = block.first_sample + len(block.samples)
        stream.ring.write(block.samples)
        now = self._clock.now()
        for level in stream.meter.feed(block.samples):
            yield LevelReading(
                at=now,
                channel=self.channel,
                rms_dbfs=level.rms_dbfs,
                peak_dbfs=level.peak_dbfs,
                clipped=level.clipped,
            )
        yield from self._decode(stream, block.samples)

    def finish(self) -> Iterator[StationRecord]:
        """Yield what the end of the audio settles; the next block begins anew."""
        stream, self._stream = self._stream, None
        if stream is not None:
            yield from self._settle(stream)
        if self._open is not None:
            self._open.measurable = False

    def abandon(self) -> None:
        """Begin anew with the next block, whatever state the decoder is in."""
        self._stream = None
        if self._open is not None:
            self._open.measurable = False

    def _begin(self, block: AudioBlock) -> _Stream:
        rate, first = block.sample_rate, block.first_sample
        self._stream = _Stream(
            sample_rate=rate,
            first_sample=first,
            next_sample=first,
            decoder=SameDecoder(rate, self._clock.now),
            attention=AttentionDetector(rate),
            meter=LevelMeter(rate, self._options.level_seconds),
            ring=Ring(round(self._options.pre_roll_seconds * rate)),
        )
        return self._stream

    def _decode(
        self, stream: _Stream, samples: np.ndarray[tuple[int], np.dtype[np.float32]]
    ) -> Iterator[StationRecord]:
        for signal in stream.attention.feed(samples):
            yield self._attention(stream, signal)
        messages = stream.decoder.feed(samples)
        self._count_malformed(stream)
        for message in messages:
            yield from self._message(stream, message)

    def _settle(self, stream: _Stream) -> Iterator[StationRecord]:
        for signal in stream.attention.flush():
            yield self._attention(stream, signal)
        messages = stream.decoder.flush()
        self._count_malformed(stream)
        for message in messages:
            yield from self._message(stream, message)

    def _count_malformed(self, stream: _Stream) -> None:
        self.malformed += stream.decoder.malformed - stream.malformed
        stream.malformed = stream.decoder.malformed

    def _attention(self, stream: _Stream, signal: AttentionSignal) -> AttentionHeard:
        if self._open is not None:
            self._open.voice_from = stream.seconds(signal.end_sample)
        return AttentionHeard(
            at=self._clock.now(),
            channel=self.channel,
            kind=signal.kind,
            seconds=(signal.end_sample - signal.start_sample) / stream.sample_rate,
            level_dbfs=signal.level_dbfs,
        )

    def _message(self, stream: _Stream, message: Decoded) -> Iterator[StationRecord]:
        self.recent = (*self.recent, message)[-RECENT_MESSAGES:]
        if message.end_of_message:
            self.ends_of_message += 1
            yield self._end(stream, message)
            return
        self.messages += 1
        record = self._alerts.receive(message, self.channel, self._clock.now())
        if self._alerts.last is not None:
            self._open = _OpenMessage(
                self._alerts.last.id,
                stream.seconds(message.start_sample),
                stream.seconds(message.end_sample),
            )
        if record is not None:
            yield record

    def _end(self, stream: _Stream, message: Decoded) -> EndOfMessage:
        opened, self._open = self._open, None
        duration: float | None = None
        voice: tuple[float, float] | None = None
        if opened is not None and opened.measurable:
            end = stream.seconds(message.end_sample) - opened.start
            last = stream.seconds(message.start_sample) - opened.start
            duration = round(end, 2)
            voice = (round(opened.voice_from - opened.start, 2), round(last, 2))
        return EndOfMessage(
            received=self._clock.now(),
            channels=(self.channel,),
            alert_id=None if opened is None else opened.alert_id,
            duration_s=duration,
            voice_s=voice,
        )
