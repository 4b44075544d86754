"""How the source does, from what is heard of it."""

from typing import Any

import pytest

from eas_core.radio.plan import NWR_CHANNELS, nwr_plan
from eas_core.radio.quality import SignalQuality
from eas_core.sources.source import SourceErrorReason
from eas_core.station.options import StationOptions
from eas_core.station.records import LevelReading, SignalReading, SourceState
from eas_core.station.watch import HINTS, WINDOW_SECONDS, SourceWatch

RADIO = StationOptions(name="test", radio=nwr_plan(NWR_CHANNELS[5:]))
AUDIO = StationOptions(name="test")
ONE, OTHER = "162.525", "162.550"


class Hearing:
    """A watch, and what it is told second by second."""

    def __init__(self, clock: Any, options: StationOptions) -> None:
        self.clock = clock
        names = [each.name for each in options.radio.channels] if options.radio else []
        self.watch = SourceWatch(names or ["main"], options, clock)

    def level(self, channel: str, dbfs: float) -> None:
        self.watch.take(
            LevelReading(
                at=self.clock.now(),
                channel=channel,
                rms_dbfs=dbfs,
                peak_dbfs=dbfs,
                clipped=0,
            )
        )

    def signal(self, channel: str, snr_db: float) -> None:
        quality = SignalQuality(
            channel=channel,
            power_dbfs=-40.0,
            snr_db=snr_db,
            quieting_db=0.0,
            deviation_hz=0.0,
            offset_hz=0.0,
        )
        self.watch.take(SignalReading(at=self.clock.now(), quality=quality))

    def state(self) -> SourceState:
        return self.watch.judge()[1][0]

    def states(self) -> list[SourceState]:
        self.watch.judge()
        return [one.status.state for one in self.watch.health]


def test_a_radio_hears_when_a_carrier_is_there_and_something_in_it(clock: Any) -> None:
    hearing = Hearing(clock, RADIO)
    assert hearing.state() is SourceState.STARTING
    hearing.signal(ONE, 20.0)
    hearing.level(ONE, -20.0)
    assert hearing.state() is SourceState.HEARING
    assert hearing.states() == [SourceState.HEARING, SourceState.STARTING]
    clock.passed += 6
    hearing.signal(ONE, 20.0)
    # The noise of a channel without a carrier is loud, and no signal.
    hearing.level(OTHER, -6.0)
    hearing.signal(OTHER, 0.5)
    assert hearing.states() == [SourceState.HEARING, SourceState.NO_SIGNAL]


def test_a_radio_without_any_carrier_has_no_signal_and_says_what_to_do(
    clock: Any,
) -> None:
    hearing = Hearing(clock, RADIO)
    clock.passed += 6
    hearing.level(ONE, -6.0)
    hearing.signal(ONE, 1.0)
    state, reason = hearing.watch.judge()[1]
    assert state is SourceState.NO_SIGNAL
    assert reason is SourceErrorReason.NO_CARRIER
    assert HINTS[reason].endswith(".")


def test_a_carrier_that_fades_for_a_moment_is_still_heard(clock: Any) -> None:
    hearing = Hearing(clock, RADIO)
    hearing.signal(ONE, 20.0)
    hearing.level(ONE, -20.0)
    for _ in range(29):
        clock.passed += 1
        hearing.signal(ONE, 0.0)
        hearing.level(ONE, -20.0)
    assert hearing.state() is SourceState.HEARING
    clock.passed += 2
    hearing.signal(ONE, 0.0)
    assert hearing.state() is SourceState.NO_SIGNAL
    hearing.signal(ONE, 12.0)
    assert hearing.state() is SourceState.HEARING


def test_a_carrier_with_nothing_in_it_is_quiet(clock: Any) -> None:
    hearing = Hearing(clock, RADIO)
    for _ in range(32):
        hearing.signal(ONE, 25.0)
        hearing.level(ONE, -75.0)
        clock.passed += 1
    assert hearing.state() is SourceState.QUIET


def test_each_change_of_a_channel_is_told_once(clock: Any) -> None:
    hearing = Hearing(clock, RADIO)
    hearing.signal(ONE, 20.0)
    changed, _ = hearing.watch.judge()
    assert [(one.channel, one.state) for one in changed] == [(ONE, SourceState.HEARING)]
    assert hearing.watch.judge()[0] == []


@pytest.mark.parametrize(
    ("share", "reason"),
    [
        ("dropped", SourceErrorReason.OVERLOADED),
        ("lost", SourceErrorReason.LOSING_SAMPLES),
        ("clipped", SourceErrorReason.CLIPPING),
    ],
)
def test_what_is_lost_degrades_the_source_until_a_minute_without(
    clock: Any, share: str, reason: SourceErrorReason
) -> None:
    hearing = Hearing(clock, AUDIO)
    hearing.level("main", -20.0)
    counted = getattr(hearing.watch, share)
    counted.add(clock.monotonic(), 0.004, 10.0)
    assert hearing.state() is SourceState.HEARING
    counted.add(clock.monotonic(), 0.3, 10.0)
    assert hearing.watch.judge()[1] == (SourceState.DEGRADED, reason)
    clock.passed += WINDOW_SECONDS + 1
    hearing.level("main", -20.0)
    counted.add(clock.monotonic(), 0.0, 10.0)
    assert hearing.state() is SourceState.HEARING
