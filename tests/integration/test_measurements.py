"""What is shown of levels and signals, and how often."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.eas_station.eas_core.radio.quality import SignalQuality
from custom_components.eas_station.eas_core.station import LevelReading, SignalReading
from custom_components.eas_station.measurements import Measured, Measurements

START = datetime(2026, 6, 8, 20, 45, tzinfo=UTC)


def level(tenths: int, dbfs: float, channel: str = "main") -> LevelReading:
    return LevelReading(
        channel=channel,
        at=START + timedelta(milliseconds=100 * tenths),
        rms_dbfs=dbfs,
        peak_dbfs=dbfs,
        clipped=0,
    )


def signal(tenths: int, snr_db: float, channel: str) -> SignalReading:
    return SignalReading(
        at=START + timedelta(milliseconds=100 * tenths),
        quality=SignalQuality(
            channel=channel,
            power_dbfs=-40.0,
            snr_db=snr_db,
            quieting_db=20.0,
            deviation_hz=4000.0,
            offset_hz=-120.0,
        ),
    )


def shown(
    readings: list[LevelReading | SignalReading], *, radio: bool = False
) -> list[Measured]:
    measurements = Measurements(radio=radio)
    taken = [measurements.take(reading) for reading in readings]
    return [one for one in taken if one is not None]


def test_a_steady_level_is_shown_every_ten_seconds() -> None:
    steady = shown([level(tenths, -20.0 + (tenths % 2)) for tenths in range(601)])
    assert len(steady) == 7
    assert all(one.level_dbfs == pytest.approx(-19.5, abs=0.6) for one in steady)


def test_a_changing_level_is_shown_once_a_second_at_most() -> None:
    swinging = [-10.0 if tenths % 120 < 60 else -60.0 for tenths in range(600)]
    count = len(shown([level(tenths, dbfs) for tenths, dbfs in enumerate(swinging)]))
    assert 6 < count <= 60


def test_a_step_of_three_decibels_is_shown_within_a_second() -> None:
    steps = [level(tenths, -40.0 if tenths < 60 else -10.0) for tenths in range(71)]
    found = shown(list(steps))
    assert found[0].level_dbfs == -40.0
    assert found[-1].level_dbfs is not None
    assert found[-1].level_dbfs > -30.0


def test_silence_is_a_level_and_no_number_is_none() -> None:
    assert shown([level(0, -120.0)])[0].level_dbfs == -120.0
    assert shown([level(0, float("inf"))]) == []


def band(tenths: int, snrs: dict[str, float]) -> list[LevelReading | SignalReading]:
    """A second's readings of channels, whose level is 60 dB below their signal."""
    signals = [signal(tenths, snr, name) for name, snr in snrs.items()]
    return [*signals, *(level(tenths, snr - 60, name) for name, snr in snrs.items())]


def test_a_radio_shows_nothing_before_it_knows_its_best_channel() -> None:
    assert shown([level(tenths, -20.0, "162.550") for tenths in range(50)]) != []
    readings: list[LevelReading | SignalReading] = [
        level(tenths, -20.0, "162.550") for tenths in range(50)
    ]
    assert shown(readings, radio=True) == []


def test_the_channel_with_the_most_signal_is_shown() -> None:
    readings = [
        one
        for second in range(10)
        for one in band(10 * second, {"162.400": 12.0, "162.550": 25.0})
    ]
    last = shown(readings, radio=True)[-1]
    assert (last.channel, last.level_dbfs, last.snr_db) == ("162.550", -35.0, 25.0)
    assert {one.channel: one.snr_db for one in last.qualities} == {
        "162.400": 12.0,
        "162.550": 25.0,
    }


def test_two_channels_that_are_alike_do_not_change_places() -> None:
    readings = [
        one
        for second in range(60)
        for one in band(
            10 * second, {"162.400": 20.0 + second % 2, "162.550": 21.0 - second % 2}
        )
    ]
    assert len({one.channel for one in shown(readings, radio=True)}) == 1


def test_a_channel_that_becomes_better_takes_over() -> None:
    readings = [
        one
        for second in range(30)
        for one in band(
            10 * second, {"162.400": 20.0, "162.550": 5.0 if second < 15 else 30.0}
        )
    ]
    channels = [one.channel for one in shown(readings, radio=True)]
    assert channels[0] == "162.400"
    assert channels[-1] == "162.550"


def test_seven_channels_are_shown_once_a_second_at_most() -> None:
    swinging = [
        one
        for tenths in range(600)
        for channel in range(7)
        for one in (
            level(tenths, -10.0 if tenths % 40 < 20 else -60.0, f"{channel}"),
            signal(tenths, 30.0 if tenths % 40 < 20 else 3.0, f"{channel}"),
        )
    ]
    assert 6 < len(shown(list(swinging), radio=True)) <= 60
