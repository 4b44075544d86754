"""What is counted of the texts of alerts, for diagnostics; nothing of the texts is in it."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class TranscriptCounters:
    """Voices sent to a speech-to-text engine; `silent` had no voice or no words."""

    sent: int = 0
    done: int = 0
    silent: int = 0
    failed: int = 0
    dropped: int = 0
    last_error: str | None = None


@dataclass(slots=True)
class NwsCounters:
    """Alerts whose written text was looked for, and requests that failed."""

    wanted: int = 0
    matched: int = 0
    unmatched: int = 0
    failed: int = 0
    last_error: str | None = None


@dataclass(slots=True)
class TextCounters:
    """Of both."""

    transcripts: TranscriptCounters = field(default_factory=TranscriptCounters)
    nws: NwsCounters = field(default_factory=NwsCounters)
