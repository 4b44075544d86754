"""What a station tells its listeners: immutable records, scalars and tuples only."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ..radio.quality import BandSpectrum, SignalQuality
from ..sources.source import SourceErrorReason
from .latencies import Latency


class SourceState(StrEnum):
    """How a source or a channel does, in the words that its status entity shows."""

    STARTING = "starting"
    HEARING = "hearing"
    DEGRADED = "degraded"
    """It hears, and badly: the reason says why."""
    QUIET = "quiet"
    NO_SIGNAL = "no_signal"
    DOWN = "down"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelReading:
    """A channel's audio level over one short window, in dB of full scale."""

    at: datetime
    channel: str
    rms_dbfs: float
    peak_dbfs: float
    clipped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalReading:
    """A radio channel's reception over a second."""

    at: datetime
    quality: SignalQuality


@dataclass(frozen=True, slots=True, kw_only=True)
class SpectrumReading:
    """The band that a radio receives, at most five times a second."""

    at: datetime
    spectrum: BandSpectrum


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelStatus:
    """The state of one channel: starting, hearing, quiet or no_signal."""

    channel: str
    state: SourceState
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """The state of the source, since when, and why where it does not hear well."""

    state: SourceState
    since: datetime
    reason: SourceErrorReason | None = None
    hint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLocation:
    """One place of an alert; `part` is the code's first digit (0 the whole county)."""

    code: str
    name: str
    state: str
    part: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One message received, in the terms of the `eas_alert` event.

    `id` is the same for every receiver and over restarts. Fields of a partial
    message hold only what is certain: an uncertain text field is "", a time
    that is not certain is the time received with `time_valid` False.
    `recording` is the name that its recording will have. `late` says that it was
    kept on the way from who heard it.
    """

    id: str
    header: str
    best_guess: str
    partial: bool
    confidence: float
    bursts: int
    originator: str
    originator_name: str
    event_code: str
    event: str
    significance: str
    locations: tuple[AlertLocation, ...]
    issued: datetime
    expires: datetime
    time_valid: bool
    purge_minutes: int
    sender: str
    received: datetime
    channels: tuple[str, ...]
    corroborated: bool
    test: bool
    self_test: bool
    message: str
    recording: str | None = None
    late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertUpdated:
    """An alert that was told already and is better known now.

    It came on another channel, of the same source or of another (corroborated),
    or what was uncertain came in whole. It is the same alert: the same `id`.
    `only_channels` says that further channels are all that is new.
    """

    alert: Alert
    only_channels: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AttentionHeard:
    """An attention signal that has ended: `nwr` (1050 Hz) or `broadcast` (853 + 960 Hz)."""

    at: datetime
    channel: str
    kind: str
    seconds: float
    level_dbfs: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EndOfMessage:
    """The NNNN after a message.

    `alert_id` is the alert that the last message was, new or known, and None
    when none was open. `duration_s` is from the first burst to here, and
    `voice_s` where the voice begins and ends, in seconds from the first burst:
    after the bursts or the attention signal, and before the end of message.
    Both are None where the source was opened anew in between. `recording` is
    the name of what was recorded of it.
    """

    received: datetime
    channels: tuple[str, ...]
    alert_id: str | None
    duration_s: float | None
    voice_s: tuple[float, float] | None = None
    recording: str | None = None


class RecordingEnd(StrEnum):
    """Why a recording ends where it does; the first two have all that was wanted."""

    END_OF_MESSAGE = "end_of_message"
    SAVED = "saved"
    TIME_LIMIT = "time_limit"
    NEXT_MESSAGE = "next_message"
    SOURCE_DOWN = "source_down"
    SOURCE_ENDED = "source_ended"
    RATE_CHANGED = "rate_changed"
    STOPPED = "stopped"
    DISK = "disk"
    INTERRUPTED = "interrupted"
    """The process was killed, or the machine lost its power."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingFinished:
    """A recording that can be played.

    `alert_id` is None for one that was saved from the ring; `path` is the whole
    and `copy_path` the one for people, None where there is nothing to be played
    to them. `lost_s` of it are silence: the source or the disk was behind.
    """

    at: datetime
    name: str
    alert_id: str | None
    channel: str
    path: str
    copy_path: str | None
    duration_s: float
    ended_by: RecordingEnd
    complete: bool
    lost_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingOffered:
    """A recording that is finished elsewhere, at an agent, and can be fetched.

    `base` is the topic that its agents are under. `alert_id` is the alert as it
    is known here, `told_as` as it is there.
    """

    at: datetime
    base: str
    agent: str
    alert_id: str
    told_as: str
    name: str
    duration_s: float
    complete: bool


class RecordingTrouble(StrEnum):
    """Why nothing can be recorded."""

    LOW_SPACE = "low_space"
    CANNOT_WRITE = "cannot_write"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingProblem:
    """Recording does not work, told once; and once, with no `reason`, that it does again."""

    at: datetime
    reason: RecordingTrouble | None
    hint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """What a station has counted since it was made.

    `malformed` are bursts that began as SAME does and held no message,
    `decode_failures` blocks that broke the decoder.
    """

    messages: int = 0
    duplicates: int = 0
    ends_of_message: int = 0
    malformed: int = 0
    samples: int = 0
    samples_lost: int = 0
    blocks_dropped: int = 0
    source_failures: int = 0
    decode_failures: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelHealth:
    """A channel's state, and the newest that is known of it."""

    status: ChannelStatus
    level: LevelReading | None
    quality: SignalQuality | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How a station does, for sensors, diagnostics and repairs.

    Seconds are None before there is something to count from. `uptime_s` is
    since the start, `last_sample_age_s` since samples came, `last_signal_age_s`
    since a channel heard something in them; `restarts` counts how often the
    source was opened again, `failures` why; `lost_share` is of the last minute,
    `queued_s` how far the decoder is behind, `cpu_seconds` what it has used.
    `rounds` counts how often its thread came round, each second at the least: where it
    stands still that thread hangs (`pulse.Pulse`).
    `decided` is how much audio came after a header's last burst before it was told.
    """

    status: SourceStatus
    channels: tuple[ChannelHealth, ...]
    counters: Counters
    uptime_s: float | None
    last_sample_age_s: float | None
    last_signal_age_s: float | None
    restarts: int
    failures: tuple[tuple[SourceErrorReason, int], ...]
    lost_share: float
    queued_s: float
    cpu_seconds: float
    rounds: int = 0
    recording_problem: RecordingProblem | None = None
    decided: Latency = field(default_factory=Latency)


type StationRecord = (
    LevelReading
    | SignalReading
    | SpectrumReading
    | ChannelStatus
    | SourceStatus
    | Alert
    | AlertUpdated
    | AttentionHeard
    | EndOfMessage
    | RecordingFinished
    | RecordingOffered
    | RecordingProblem
)
