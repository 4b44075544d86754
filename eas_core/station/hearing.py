"""One channel heard: blocks of audio in, records out."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..audio.block import AudioBlock
from ..audio.encoding import Pcm, to_float, to_int16
from ..audio.level import LevelMeter
from ..audio.ring import Ring
from ..clock import Clock
from ..modem.attention import AttentionDetector, AttentionSignal
from ..modem.decoded import Decoded
from ..modem.decoder import SameDecoder
from .alerts import AlertList
from .latencies import Latencies
from .live import LiveAudio
from .options import StationOptions
from .recorder import Recorder
from .records import Alert, AttentionHeard, EndOfMessage, LevelReading, StationRecord

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
    malformed: int = 0

    @property
    def newest(self) -> int:
        """The sample that comes next, as the decoder counts them."""
        return self.next_sample - self.first_sample

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
    recording: str | None = None


class Hearing:
    """Meters, keeps and decodes one channel, block by block, on one thread."""

    def __init__(
        self,
        channel: str,
        options: StationOptions,
        alerts: AlertList,
        recorder: Recorder,
        clock: Clock,
        live: LiveAudio | None = None,
        decided: Latencies | None = None,
    ) -> None:
        """Take where alerts are remembered and recorded: these outlive a reopened source."""
        self.channel = channel
        self._options = options
        self._alerts = alerts
        self._recorder = recorder
        self._live = live or LiveAudio()
        self._live.add(channel, self.newest)
        self._clock = clock
        self._decided = decided or Latencies()
        self._stream: _Stream | None = None
        self._ring = Ring(0)
        self._ring_rate = 0
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
        wanted = round(self._options.pre_roll_seconds * stream.sample_rate)
        samples = to_float(self._ring.read(min(wanted, stream.newest)))
        return AudioBlock(
            samples=samples,
            sample_rate=stream.sample_rate,
            first_sample=stream.next_sample - len(samples),
        )

    def newest(self, seconds: float) -> tuple[Pcm, int]:
        """Return the newest int16 audio and its rate in Hz, without what was missed.

        May be asked on any thread; there is none before something was heard.
        """
        return self._ring.read(round(seconds * self._ring_rate)), self._ring_rate

    def hear(self, block: AudioBlock) -> Iterator[StationRecord]:
        """Yield what a block tells."""
        stream = self._stream
        if (
            stream is None
            or stream.sample_rate != block.sample_rate
            or stream.next_sample > block.first_sample
        ):
            yield from self.finish()
            stream = self._begin(block, None)
        lost = block.first_sample - stream.next_sample
        if lost > LONGEST_GAP_SECONDS * stream.sample_rate:
            yield from self._settle(stream)
            stream = self._begin(block, lost)
        elif lost:
            yield from self._bridge(stream, lost)
        self.samples_lost += lost
        self.samples += len(block.samples)
        pcm = to_int16(block.samples)
        self._ring.write(pcm)
        self._recorder.hear(self.channel, pcm)
        self._live.hear(self.channel, pcm, block.sample_rate)
        stream.next_sample = block.first_sample + len(block.samples)
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
            self._recorder.lose(self.channel)
        if self._open is not None:
            self._open.measurable = False

    def forget_audio(self) -> None:
        """Keep none of what was heard; after `finish`."""
        self._ring, self._ring_rate = Ring(0), 0

    def abandon(self) -> None:
        """Begin anew with the next block, whatever state the decoder is in."""
        self._stream = None
        self._recorder.lose(self.channel)
        if self._open is not None:
            self._open.measurable = False

    def _begin(self, block: AudioBlock, lost: int | None) -> _Stream:
        rate, first = block.sample_rate, block.first_sample
        # It refuses a rate that is none, before memory is taken for it.
        decoder = SameDecoder(rate, self._clock.now)
        if rate != self._ring_rate:
            self._ring = Ring(round(self._recorder.ring_seconds * rate))
            self._ring_rate = rate
        self._recorder.rejoin(self.channel, rate, lost)
        self._stream = _Stream(
            sample_rate=rate,
            first_sample=first,
            next_sample=first,
            decoder=decoder,
            attention=AttentionDetector(rate),
            meter=LevelMeter(rate, self._options.level_seconds),
        )
        return self._stream

    def _bridge(self, stream: _Stream, lost: int) -> Iterator[StationRecord]:
        """Decode silence for what is missing; all samples keep their places."""
        self._ring.write(np.zeros(lost, np.int16))
        self._recorder.miss(self.channel, lost)
        stream.next_sample += lost
        yield from self._decode(stream, np.zeros(lost, np.float32))

    def _decode(
        self, stream: _Stream, samples: NDArray[np.float32]
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
        self._decided.add((stream.newest - message.end_sample) / stream.sample_rate)
        record = self._alerts.receive(message, self.channel, self._clock.now())
        if self._alerts.last is not None:
            self._open = _OpenMessage(
                self._alerts.last.id,
                stream.seconds(message.start_sample),
                stream.seconds(message.end_sample),
            )
            name = self._record(stream, message, known=not isinstance(record, Alert))
            self._open.recording = name
            if name is not None and isinstance(record, Alert):
                record = self._alerts.recorded_as(name)
        if record is not None:
            yield record

    def _record(self, stream: _Stream, message: Decoded, *, known: bool) -> str | None:
        """Have the open message recorded, from before its first burst."""

        def audio(before: float) -> Pcm:
            first = message.start_sample - round(before * stream.sample_rate)
            return self._ring.read(min(stream.newest - first, stream.newest))

        assert self._alerts.last is not None
        return self._recorder.begin(
            self._alerts.last, self.channel, stream.sample_rate, audio, known=known
        )

    def _end(self, stream: _Stream, message: Decoded) -> EndOfMessage:
        opened, self._open = self._open, None
        self._recorder.end(self.channel, None if opened is None else opened.alert_id)
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
            recording=None if opened is None else opened.recording,
        )
