"""One channel heard: blocks of audio in, records out."""

from collections import deque
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
from .records import Alert, AttentionHeard, EndOfMessage, LevelReading, StationRecord

RECENT_MESSAGES: Final = 16
LONGEST_GAP_SECONDS: Final = 1.0
"""A burst may live through a shorter gap, as silence; a longer one parts the audio."""


@dataclass(slots=True)
class _Format:
    """What depends on the sample rate, and where the stream stands."""

    sample_rate: int
    decoder: SameDecoder
    attention: AttentionDetector
    meter: LevelMeter
    ring: Ring
    next_sample: int


@dataclass(slots=True)
class _OpenMessage:
    """A message whose end has not come, in seconds of the stream."""

    alert_id: str
    start: float
    voice_from: float


class Hearing:
    """Meters, keeps and decodes one stream, block by block, on one thread."""

    def __init__(
        self, options: StationOptions, alerts: AlertList, clock: Clock
    ) -> None:
        """Take where alerts are remembered: that outlives a reopened source."""
        self._options = options
        self._alerts = alerts
        self._clock = clock
        self._format: _Format | None = None
        self._malformed_before = 0
        self._open: _OpenMessage | None = None
        self.recent: deque[Decoded] = deque(maxlen=RECENT_MESSAGES)
        self.samples = 0
        self.samples_lost = 0
        self.messages = 0
        self.ends_of_message = 0

    @property
    def malformed(self) -> int:
        """Bursts that began as SAME does and held no message."""
        now = self._format.decoder.malformed if self._format else 0
        return self._malformed_before + now

    def hear(self, block: AudioBlock) -> Iterator[StationRecord]:
        """Yield what a block tells."""
        form = self._format
        if form is None or form.sample_rate != block.sample_rate:
            yield from self.finish()
            form = self._reopen(block)
        lost = max(0, block.first_sample - form.next_sample)
        if lost:
            self.samples_lost += lost
            if lost > LONGEST_GAP_SECONDS * form.sample_rate:
                yield from self.finish()
                form = self._reopen(block)
            else:
                yield from self._decode(form, np.zeros(lost, np.float32))
        form.next_sample = block.first_sample + len(block.samples)
        self.samples += len(block.samples)
        form.ring.write(block.samples)
        now = self._clock.now()
        for level in form.meter.feed(block.samples):
            yield LevelReading(
                at=now,
                rms_dbfs=level.rms_dbfs,
                peak_dbfs=level.peak_dbfs,
                clipped=level.clipped,
            )
        yield from self._decode(form, block.samples)

    def finish(self) -> Iterator[StationRecord]:
        """Yield what the end of the stream settles; the next block begins a new one."""
        form = self._format
        if form is None:
            return
        for signal in form.attention.flush():
            yield self._attention(form, signal)
        messages = form.decoder.flush()
        self._malformed_before += form.decoder.malformed
        self._format = None
        self._open = None
        for message in messages:
            yield from self._message(form, message)

    def _reopen(self, block: AudioBlock) -> _Format:
        rate = block.sample_rate
        self._format = _Format(
            rate,
            SameDecoder(rate, self._clock.now),
            AttentionDetector(rate),
            LevelMeter(rate, self._options.level_seconds),
            Ring(round(self._options.pre_roll_seconds * rate)),
            block.first_sample,
        )
        return self._format

    def _decode(
        self, form: _Format, samples: np.ndarray[tuple[int], np.dtype[np.float32]]
    ) -> Iterator[StationRecord]:
        for signal in form.attention.feed(samples):
            yield self._attention(form, signal)
        for message in form.decoder.feed(samples):
            yield from self._message(form, message)

    def _attention(self, form: _Format, signal: AttentionSignal) -> AttentionHeard:
        rate = form.sample_rate
        if self._open is not None:
            self._open.voice_from = signal.end_sample / rate
        return AttentionHeard(
            at=self._clock.now(),
            kind=signal.kind,
            seconds=(signal.end_sample - signal.start_sample) / rate,
            level_dbfs=signal.level_dbfs,
        )

    def _message(self, form: _Format, message: Decoded) -> Iterator[StationRecord]:
        self.recent.append(message)
        if message.end_of_message:
            self.ends_of_message += 1
            yield self._end(form, message)
            return
        self.messages += 1
        record = self._alerts.receive(message, self._clock.now())
        if record is None:
            return
        if isinstance(record, Alert):
            self._open = _OpenMessage(
                record.id,
                message.start_sample / form.sample_rate,
                message.end_sample / form.sample_rate,
            )
        yield record

    def _end(self, form: _Format, message: Decoded) -> EndOfMessage:
        opened, self._open = self._open, None
        now, channels = self._clock.now(), (self._options.channel,)
        if opened is None:
            return EndOfMessage(
                received=now, channels=channels, alert_id=None, duration_s=None
            )
        start = message.start_sample / form.sample_rate
        end = message.end_sample / form.sample_rate
        return EndOfMessage(
            received=now,
            channels=channels,
            alert_id=opened.alert_id,
            duration_s=round(end - opened.start, 2),
            voice_s=(
                round(opened.voice_from - opened.start, 2),
                round(start - opened.start, 2),
            ),
        )
