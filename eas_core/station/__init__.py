"""The engine: one source, decoded all the time, turned into records."""

from .options import StationOptions
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
    SignalReading,
    SourceState,
    SourceStatus,
    SpectrumReading,
    StationRecord,
)
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
    "SignalReading",
    "SourceState",
    "SourceStatus",
    "SpectrumReading",
    "Station",
    "StationOptions",
    "StationRecord",
]
