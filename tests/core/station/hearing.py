"""What the tests of the engine share: messages, a hearing to its end, what came of it."""

from collections.abc import Callable
import threading
from typing import Any

import numpy as np

from eas_core.clock import Clock
from eas_core.modem.encoder import encode_message, silence
from eas_core.station import (
    SourceState,
    SourceStatus,
    Station,
    StationOptions,
    StationRecord,
)

RATE = 16_000
TORNADO = "ZCZC-WXR-TOR-039173-039051+0030-1591829-KCLE/NWS-"
type Until = Callable[[Callable[[], bool]], None]


def message(header: str = TORNADO, voice: float = 0.0) -> np.ndarray:
    said = 0.1 * np.sin(np.arange(round(voice * RATE)) * 0.1).astype(np.float32)
    audio = encode_message(header, RATE, attention=None, gap_seconds=0.6, voice=said)
    return np.concatenate((silence(0.4, RATE), audio, silence(0.5, RATE)))


def heard(
    source: Any, clock: Clock, until: Until, **options: Any
) -> list[StationRecord]:
    """Hear a source to its end."""
    records: list[StationRecord] = []
    station = Station(source, StationOptions(name="test", **options), clock)
    station.listen(records.append)
    station.start()
    until(lambda: not station.running)
    station.stop()
    return records


def of[R](records: list[StationRecord], kind: type[R]) -> list[R]:
    return [record for record in records if isinstance(record, kind)]


def states(records: list[StationRecord]) -> list[SourceState]:
    return [status.state for status in of(records, SourceStatus)]


def station_threads() -> list[str]:
    names = [thread.name for thread in threading.enumerate()]
    return [name for name in names if name.startswith("eas-station")]
