"""What rtl_tcp's commands do to a simulated dongle, as they do to an RTL2832U with an R820T."""

import random

import numpy as np
import pytest

from eas_core.clock import SystemClock
from eas_core.radio.plan import NWR_CHANNELS
from eas_core.simulator.band import BandOptions, BandSimulator
from eas_core.simulator.dongle import GAINS, Dongle, Settings
from eas_core.sources.iq import complex_from_u8

RATE = 240_000


def told(*commands: tuple[int, int]) -> Settings:
    settings = Settings()
    for command, value in commands:
        settings.obey(command, value)
    return settings


def dongle(**options: object) -> Dongle:
    band = BandSimulator(BandOptions(**options), SystemClock())  # type: ignore[arg-type]
    made = Dongle(band)
    made.obey([(0x02, RATE)])
    return made


def power_dbfs(made: Dongle) -> float:
    parts = [complex_from_u8(made.receive()) for _ in range(10)]
    return float(10 * np.log10(np.mean(np.abs(np.concatenate(parts)) ** 2)))


def test_a_dongle_begins_as_rtl_tcp_sets_it() -> None:
    settings = told()
    assert settings.sample_rate == 2_048_000
    assert settings.gain_db is None


@pytest.mark.parametrize(
    ("rate", "taken"),
    [
        (225_000, False),
        (225_001, True),
        (300_000, True),
        (300_001, False),
        (500_000, False),
        (900_000, False),
        (900_001, True),
        (3_200_000, True),
        (3_200_001, False),
        (2**32 - 1, False),
    ],
)
def test_only_rates_that_an_rtl2832u_has_are_taken(rate: int, taken: bool) -> None:
    assert told((0x02, rate)).sample_rate == (rate if taken else 2_048_000)


@pytest.mark.parametrize(
    ("tenths", "db"), [(328, 32.8), (330, 32.8), (5000, 49.6), (2**32 - 10, 0.0)]
)
def test_the_nearest_gain_of_the_tuner_is_taken(tenths: int, db: float) -> None:
    assert told((0x03, 1), (0x04, tenths)).gain_db == db


def test_gain_is_the_least_when_it_becomes_manual_and_may_be_named_by_its_place() -> (
    None
):
    assert told((0x03, 1)).gain_db == 0.0
    assert told((0x03, 1), (0x0D, 28)).gain_db == 49.6
    assert told((0x03, 1), (0x0D, 29)).gain_db == 0.0
    assert told((0x04, 328), (0x03, 0)).gain_db is None
    assert len(GAINS) == 29


def test_all_other_settings_are_kept() -> None:
    settings = told(
        (0x01, 98_100_000),
        (0x05, 2**32 - 7),
        (0x07, 1),
        (0x08, 1),
        (0x09, 2),
        (0x0E, 1),
        (0x77, 5),
    )
    assert settings.frequency == 98_100_000
    assert settings.ppm == -7
    assert settings.test_mode
    assert settings.agc
    assert settings.direct_sampling == 2
    assert settings.bias_tee


def test_the_test_mode_counts() -> None:
    made = dongle()
    made.obey([(0x07, 1)])
    data = b"".join(made.receive() for _ in range(5))
    assert data == bytes(index % 256 for index in range(len(data)))


def test_the_tuner_has_no_part_in_direct_sampling() -> None:
    made = dongle(levels_dbfs={NWR_CHANNELS[6]: -12.0}, noise_dbfs=-60.0)
    before = power_dbfs(made)
    made.obey([(0x09, 2)])
    assert power_dbfs(made) < before - 15


@pytest.mark.parametrize("level", [-60.0, -30.0, 0.0])
def test_the_digital_gain_brings_the_band_to_one_level(level: float) -> None:
    made = dongle(levels_dbfs={NWR_CHANNELS[6]: level}, noise_dbfs=-80.0)
    made.obey([(0x08, 1)])
    assert power_dbfs(made) == pytest.approx(-9.0, abs=0.5)


def test_it_receives_whatever_it_was_told() -> None:
    choose = random.Random(11)
    made = dongle()
    odd = (0, 1, 2**31, 2**32 - 1, 162_487_500, 225_001, 299_993, 900_001)
    for _ in range(60):
        made.obey(
            [
                (choose.choice((1, 2, 4, 5, 8, 9, 13)), choose.choice(odd)),
                (choose.randrange(256), choose.randrange(2**32)),
            ]
        )
        assert len(made.receive()) % 2 == 0
    made.obey([(0x07, 0), (0x02, RATE), (0x01, 162_487_500), (0x05, 0), (0x09, 0)])
    samples = [len(made.receive()) // 2 for _ in range(40)]
    assert sum(samples) == pytest.approx(2 * RATE, rel=0.05)
