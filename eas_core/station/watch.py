"""From what is heard to how the source does: hearing, quiet, without a signal, badly."""

from collections import deque
from collections.abc import Sequence
from typing import Final

from ..audio.block import Block
from ..audio.level import clipped_share
from ..clock import Clock
from ..radio.quality import SignalQuality
from ..sources.source import SourceErrorReason
from .options import StationOptions
from .records import (
    ChannelHealth,
    ChannelStatus,
    LevelReading,
    SignalReading,
    SourceState,
    StationRecord,
)

SETTLE_SECONDS: Final = 5.0
"""How long a radio may take to show a first carrier before there is none."""

WINDOW_SECONDS: Final = 60.0
LOSING_SHARE: Final = 0.005
"""Of the samples; a header is spoilt by a hundredth of a second, and there are three."""

CLIPPING_SHARE: Final = 0.01
"""Of the samples at full scale, over the window."""

LEAST_GAP_SECONDS: Final = 1e-4
"""What is less comes of a rate that changed."""

HINTS: Final = {
    SourceErrorReason.OVERLOADED: "Give this machine less to do: the decoder cannot keep up and audio is dropped.",
    SourceErrorReason.LOSING_SAMPLES: "Look at the cable, the network or the load of the machine that the receiver is at: samples are lost on the way.",
    SourceErrorReason.CLIPPING: "Turn the gain or the volume down: the input is driven past full scale.",
    SourceErrorReason.SILENT: "See whether the radio is on, tuned and loud enough: audio comes, and nothing is in it.",
    SourceErrorReason.ENDED: "The source has come to its end.",
    SourceErrorReason.NO_CARRIER: "Look at the antenna, the gain and the frequency: the receiver works, and no station is heard.",
}

type Judgement = tuple[SourceState, SourceErrorReason | None]


class Share:
    """A share of the last minute, such as of samples that were lost."""

    def __init__(self) -> None:
        """Begin without any."""
        self._parts: deque[tuple[float, float, float]] = deque()
        self._sums = [0.0, 0.0]

    def add(self, now: float, part: float, whole: float) -> None:
        """Count a part of a whole at a monotonic time."""
        self._parts.append((now, part, whole))
        self._sums[0] += part
        self._sums[1] += whole
        while self._parts[0][0] < now - WINDOW_SECONDS:
            _, old_part, old_whole = self._parts.popleft()
            self._sums[0] -= old_part
            self._sums[1] -= old_whole

    @property
    def value(self) -> float:
        """The share, 0 to 1."""
        part, whole = self._sums
        return part / whole if part > 1e-9 and whole > 0 else 0.0


class ChannelWatch:
    """One channel: whether there is a carrier (of radios), and something in the audio."""

    def __init__(self, channel: str, options: StationOptions, clock: Clock) -> None:
        """Take what counts as quiet and as no carrier."""
        self._options = options
        self._clock = clock
        self.level: LevelReading | None = None
        self.quality: SignalQuality | None = None
        self.status = ChannelStatus(
            channel=channel, state=SourceState.STARTING, since=clock.now()
        )
        self.opened()

    def opened(self) -> None:
        """The source was opened: nothing is known but that it may hear."""
        self._opened_at = self._loud_at = self._clock.monotonic()
        self._carrier_at: float | None = None
        self.quality = None

    def take(self, record: LevelReading | SignalReading) -> None:
        """Take a level or a quality of this channel."""
        now = self._clock.monotonic()
        if isinstance(record, LevelReading):
            self.level = record
            if record.rms_dbfs >= self._options.quiet_dbfs:
                self._loud_at = now
            return
        self.quality = record.quality
        if record.quality.snr_db >= self._options.carrier_snr_db:
            self._carrier_at = now

    def judge(self) -> ChannelStatus | None:
        """Return the state where it has changed."""
        state = self._state(self._clock.monotonic())
        if state is self.status.state:
            return None
        self.status = ChannelStatus(
            channel=self.status.channel, state=state, since=self._clock.now()
        )
        return self.status

    def _state(self, now: float) -> SourceState:
        patience = self._options.quiet_seconds
        if self._options.radio is not None:
            if self._carrier_at is None:
                settled = now - self._opened_at > SETTLE_SECONDS
                return SourceState.NO_SIGNAL if settled else SourceState.STARTING
            if now - self._carrier_at > patience:
                return SourceState.NO_SIGNAL
        if now - self._loud_at > patience:
            return SourceState.QUIET
        return SourceState.HEARING


class SourceWatch:
    """All channels of a source, and what is lost of it on the way."""

    def __init__(
        self, channels: Sequence[str], options: StationOptions, clock: Clock
    ) -> None:
        """Watch channels by their names."""
        self._clock = clock
        self.channels = {name: ChannelWatch(name, options, clock) for name in channels}
        self.lost = Share()
        self.dropped = Share()
        self.clipped = Share()
        self.signal_at: float | None = None

    @property
    def health(self) -> tuple[ChannelHealth, ...]:
        """The newest of each channel."""
        return tuple(
            ChannelHealth(status=one.status, level=one.level, quality=one.quality)
            for one in self.channels.values()
        )

    def opened(self) -> None:
        """The source was opened anew."""
        for channel in self.channels.values():
            channel.opened()

    def take(self, record: StationRecord) -> None:
        """Take what a station tells of a channel."""
        if isinstance(record, LevelReading):
            self.channels[record.channel].take(record)
        elif isinstance(record, SignalReading):
            self.channels[record.quality.channel].take(record)

    def weigh(self, block: Block, gap: float, *, here: bool) -> None:
        """Take a block after a gap in seconds, lost here in the queue or on the way."""
        now, seconds = self._clock.monotonic(), len(block.samples) / block.sample_rate
        lost = gap if gap > LEAST_GAP_SECONDS else 0.0
        self.dropped.add(now, lost if here else 0.0, lost + seconds)
        self.lost.add(now, 0.0 if here else lost, lost + seconds)
        self.clipped.add(now, clipped_share(block) * seconds, seconds)

    def judge(self) -> tuple[list[ChannelStatus], Judgement]:
        """Return the channels whose state has changed, and how the source does."""
        changed = [
            status
            for channel in self.channels.values()
            if (status := channel.judge()) is not None
        ]
        states = {channel.status.state for channel in self.channels.values()}
        if SourceState.HEARING in states:
            self.signal_at = self._clock.monotonic()
            return changed, self._how_well()
        if SourceState.QUIET in states:
            return changed, (SourceState.QUIET, SourceErrorReason.SILENT)
        if SourceState.STARTING in states:
            return changed, (SourceState.STARTING, None)
        return changed, (SourceState.NO_SIGNAL, SourceErrorReason.NO_CARRIER)

    def _how_well(self) -> Judgement:
        for share, limit, reason in (
            (self.dropped, LOSING_SHARE, SourceErrorReason.OVERLOADED),
            (self.lost, LOSING_SHARE, SourceErrorReason.LOSING_SAMPLES),
            (self.clipped, CLIPPING_SHARE, SourceErrorReason.CLIPPING),
        ):
            if share.value > limit:
                return SourceState.DEGRADED, reason
        return SourceState.HEARING, None
