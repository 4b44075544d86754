"""What a station tells its listeners: immutable records, scalars and tuples only."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ..sources.source import SourceErrorReason


class SourceState(StrEnum):
    """How a source does, in the words that its status entity shows."""

    STARTING = "starting"
    HEARING = "hearing"
    QUIET = "quiet"
    DOWN = "down"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelReading:
    """The audio level over one short window, in dB of full scale."""

    at: datetime
    rms_dbfs: float
    peak_dbfs: float
    clipped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """The state of the source, since when, and why where it is down."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertUpdated:
    """An alert that was told already and is better known now.

    It was relayed under another sender (corroborated), or what was uncertain
    came in whole. It is the same alert: the same `id`.
    """

    alert: Alert


@dataclass(frozen=True, slots=True, kw_only=True)
class AttentionHeard:
    """An attention signal that has ended: `nwr` (1050 Hz) or `broadcast` (853 + 960 Hz)."""

    at: datetime
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
    Both are None where the source was opened anew in between.
    """

    received: datetime
    channels: tuple[str, ...]
    alert_id: str | None
    duration_s: float | None
    voice_s: tuple[float, float] | None = None


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


type StationRecord = (
    LevelReading | SourceStatus | Alert | AlertUpdated | AttentionHeard | EndOfMessage
)
