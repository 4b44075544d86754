"""The engine: one source, decoded all the time, turned into records."""

from .options import StationOptions
from .records import (
    Alert,
    AlertLocation,
    AlertUpdated,
    AttentionHeard,
    Counters,
    EndOfMessage,
    LevelReading,
    SourceState,
    SourceStatus,
    StationRecord,
)
from .station import Station

__all__ = [
    "Alert",
    "AlertLocation",
    "AlertUpdated",
    "AttentionHeard",
    "Counters",
    "EndOfMessage",
    "LevelReading",
    "SourceState",
    "SourceStatus",
    "Station",
    "StationOptions",
    "StationRecord",
]
