"""The engine: one source, decoded all the time, turned into records."""

from .live import LiveAudio, LiveError, LiveListener
from .options import RecordingOptions, StationOptions
from .recording_files import Recording, RecordingError, amend_sidecar
from .recording_voice import read_voice
from .recordings import RecordingIndex
from .records import (
    Alert,
    AlertLocation,
    AlertUpdated,
    AttentionHeard,
    ChannelHealth,
    ChannelStatus,
    Counters,
    EndOfMessage,
    Health,
    LevelReading,
    RecordingEnd,
    RecordingFinished,
    RecordingOffered,
    RecordingProblem,
    RecordingTrouble,
    SignalReading,
    SourceState,
    SourceStatus,
    SpectrumReading,
    StationRecord,
)
from .self_test import SelfTest, SelfTestError
from .station import Station

__all__ = [
    "Alert",
    "AlertLocation",
    "AlertUpdated",
    "AttentionHeard",
    "ChannelHealth",
    "ChannelStatus",
    "Counters",
    "EndOfMessage",
    "Health",
    "LevelReading",
    "LiveAudio",
    "LiveError",
    "LiveListener",
    "Recording",
    "RecordingEnd",
    "RecordingError",
    "RecordingFinished",
    "RecordingIndex",
    "RecordingOffered",
    "RecordingOptions",
    "RecordingProblem",
    "RecordingTrouble",
    "SelfTest",
    "SelfTestError",
    "SignalReading",
    "SourceState",
    "SourceStatus",
    "SpectrumReading",
    "Station",
    "StationOptions",
    "StationRecord",
    "amend_sidecar",
    "read_voice",
]
