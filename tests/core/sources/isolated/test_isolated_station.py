"""A station over an isolated source: a crash costs little, and nothing else."""

from datetime import datetime
from itertools import pairwise
import os
import signal

from eas_core.sources.isolated import IsolatedSource
from eas_core.sources.source import SourceErrorReason
from eas_core.station import (
    LevelReading,
    SourceState,
    SourceStatus,
    Station,
    StationOptions,
    StationRecord,
)
from tests.core.sources.isolated.isolation import until
from tests.core.sources.isolated.odd import Odd

LOST_AT_MOST = 5.0
"""Seconds of audio that a crash may cost."""


def longest_gap(times: list[datetime]) -> float:
    return max((after - before).total_seconds() for before, after in pairwise(times))


def test_a_crash_costs_less_than_five_seconds_and_the_station_hears_on(
    odd_child: None,
) -> None:
    source = IsolatedSource(Odd(amplitude=0.1))
    station = Station(source, StationOptions(name="test"))
    records: list[StationRecord] = []
    station.listen(records.append)

    def levels() -> list[datetime]:
        return [each.at for each in records if isinstance(each, LevelReading)]

    station.start()
    try:
        until(lambda: len(levels()) > 10)
        for number in (signal.SIGKILL, signal.SIGSEGV):
            assert source.pid is not None
            os.kill(source.pid, number)
            until(lambda: station.status.state is SourceState.DOWN)
            until(lambda: station.status.state is SourceState.HEARING)
    finally:
        station.stop()
    assert longest_gap(levels()) < LOST_AT_MOST
    down = [each for each in records if isinstance(each, SourceStatus)]
    reasons = [each.reason for each in down if each.state is SourceState.DOWN]
    assert reasons == [SourceErrorReason.CRASHED] * 2
    assert source.pid is None
