"""What is told of a channel's reception is what it is."""

import math

import numpy as np
import pytest

from eas_core.radio.plan import NWR_CENTER, NWR_SAMPLE_RATE, broadcast_plan, nwr_plan
from eas_core.radio.quality import SignalQuality
from tests.core.radio.air import Iq, header, hear, message, noise, on_air, silence, tone

SEVEN = nwr_plan()
NAME = "162.425"
OTHERS = [one.name for one in SEVEN.channels if one.name != NAME]


def band_noise(snr_db: float, level_dbfs: float) -> float:
    """Return the noise over the band, dBFS, for so much carrier to noise in 15 kHz."""
    return level_dbfs - snr_db + 10 * math.log10(NWR_SAMPLE_RATE / 15_000)


def numbers(quality: SignalQuality) -> list[float]:
    return [
        quality.power_dbfs,
        quality.snr_db,
        quality.quieting_db,
        quality.deviation_hz,
        quality.offset_hz,
    ]


@pytest.mark.parametrize("snr_db", [3, 6, 10, 15, 20, 30, 40])
@pytest.mark.parametrize("what", ["carrier", "message"])
def test_snr_is_told_to_a_decibel_whatever_is_sent(what: str, snr_db: int) -> None:
    programme = silence(4) if what == "carrier" else message(header(1))
    band = on_air(SEVEN, {NAME: programme}, -30.0, noise_dbfs=band_noise(snr_db, -30.0))
    heard = hear(SEVEN, band)
    told = [quality[1].snr_db for quality in heard.qualities[1:4]]
    assert told == pytest.approx([snr_db] * 3, abs=1.0 if snr_db <= 30 else 2.5)


@pytest.mark.parametrize("seed", range(3))
def test_where_there_is_no_carrier_snr_is_under_0_db(seed: int) -> None:
    heard = hear(SEVEN, noise(NWR_SAMPLE_RATE * 41 // 5, -30.0, seed))
    told = [one for quality in heard.qualities for one in quality]
    assert len(told) == 8 * 7
    assert max(one.snr_db for one in told) < 0.0
    assert max(one.quieting_db for one in told) < 1.0
    assert max(abs(one.offset_hz) for one in told) == 0.0
    assert {one.deviation_hz for one in told} == {0.0}


def test_beside_a_strong_carrier_an_empty_channel_stays_empty() -> None:
    band = on_air(SEVEN, {NAME: message(header(2))}, -6.0, noise_dbfs=-50.0)
    heard = hear(SEVEN, band)
    for quality in heard.qualities[1:]:
        assert max(one.snr_db for one in quality if one.channel != NAME) < 0.0


@pytest.mark.parametrize("level", [-60.0, -30.0, -6.0])
def test_power_is_that_of_what_is_in_the_channel(level: float) -> None:
    band = on_air(SEVEN, {NAME: tone(1_000, 3)}, level, noise_dbfs=level - 20)
    assert hear(SEVEN, band).quality(NAME).power_dbfs == pytest.approx(level, abs=0.2)


@pytest.mark.parametrize("off", [-9_750.0, -3_333.0, -120.0, 0.0, 40.0, 777.0, 9_750.0])
def test_the_offset_is_that_of_the_carrier_as_tuned(off: float) -> None:
    band = on_air(
        SEVEN,
        {NAME: message(header(3))},
        noise_dbfs=band_noise(15, -30.0),
        error_hz=off,
    )
    heard = hear(SEVEN, band)
    assert heard.quality(NAME).offset_hz == pytest.approx(off, abs=30)
    told = [quality[1].offset_hz for quality in heard.qualities[1:]]
    assert told == pytest.approx([off] * len(told), abs=150)


@pytest.mark.parametrize(
    ("hertz", "amplitude"), [(1_000, 0.2), (1_000, 1.0), (2_000, 0.4), (3_000, 0.3)]
)
def test_deviation_is_told_to_5_percent_and_the_noise(
    hertz: float, amplitude: float
) -> None:
    """Pre-emphasis makes it amplitude times the tone in kHz."""
    band = on_air(
        SEVEN, {NAME: tone(hertz, 3, amplitude)}, noise_dbfs=band_noise(30, -30.0)
    )
    deviation = min(5_000.0, 5_000 * amplitude * hertz / 1_000)
    told = hear(SEVEN, band).quality(NAME).deviation_hz
    assert told == pytest.approx(deviation, rel=0.05, abs=120)


def test_quieting_rises_with_the_carrier_a_decibel_for_a_decibel() -> None:
    told = []
    for snr_db in (-10, 0, 10, 20, 30):
        band = on_air(SEVEN, {NAME: silence(3)}, noise_dbfs=band_noise(snr_db, -30.0))
        told.append(hear(SEVEN, band).quality(NAME).quieting_db)
    assert told == sorted(told)
    assert told[0] < 1.0
    assert told[4] - told[3] == pytest.approx(10, abs=1)
    assert told[3] - told[2] == pytest.approx(10, abs=3)


def test_a_message_does_not_undo_the_quieting() -> None:
    level = band_noise(25, -30.0)
    quiet = hear(SEVEN, on_air(SEVEN, {NAME: silence(3)}, noise_dbfs=level))
    loud = hear(SEVEN, on_air(SEVEN, {NAME: message(header(4))}, noise_dbfs=level))
    least = min(one[1].quieting_db for one in loud.qualities[1:])
    assert least > quiet.quality(NAME).quieting_db - 3


def test_quality_comes_once_a_second_for_every_channel() -> None:
    heard = hear(SEVEN, noise(NWR_SAMPLE_RATE * 26 // 5, -30.0))
    assert len(heard.qualities) == 5
    for quality in heard.qualities:
        assert [one.channel for one in quality] == [one.name for one in SEVEN.channels]


@pytest.mark.parametrize("what", ["zeros", "nan", "inf", "full scale", "huge"])
@pytest.mark.parametrize(
    "plan", [SEVEN, broadcast_plan(98_700_000), broadcast_plan(1_100_000)]
)
@pytest.mark.filterwarnings("error")
def test_all_figures_are_finite_for_any_samples(what: str, plan: object) -> None:
    value = {
        "zeros": 0,
        "nan": np.nan,
        "inf": np.inf,
        "full scale": 1 + 1j,
        "huge": 1e30,
    }
    rate = plan.tuning.sample_rate  # type: ignore[attr-defined]
    samples: Iq = np.full(rate * 5 // 2, value[what], np.complex64)
    heard = hear(plan, samples, sizes=[rate // 10])  # type: ignore[arg-type]
    assert len(heard.qualities) == 2
    for quality in heard.qualities:
        for one in quality:
            assert all(map(math.isfinite, numbers(one)))
            assert one.snr_db < 0 or what in ("full scale", "huge")
    assert all(np.isfinite(heard.whole(name)).all() for name in heard.audio)
    assert all(
        math.isfinite(level) for one in heard.spectra for level in one.power_dbfs
    )


def test_figures_are_plain_numbers() -> None:
    heard = hear(SEVEN, noise(NWR_SAMPLE_RATE * 2, -30.0))
    for one in heard.qualities[0]:
        assert {type(number) for number in numbers(one)} == {float}
    assert {type(level) for level in heard.spectra[0].power_dbfs} == {float}


@pytest.mark.parametrize("snr_db", [5, 15, 25])
def test_broadcast_fm_is_measured_too(snr_db: float) -> None:
    plan = broadcast_plan(98_700_000)
    name = plan.channels[0].name
    level = -20.0 - snr_db + 10 * math.log10(960_000 / 200_000)
    band = on_air(
        plan, {name: tone(1_000, 3)}, -20.0, noise_dbfs=level, error_hz=4_000.0
    )
    quality = hear(plan, band, sizes=[96_000]).quality(name)
    assert quality.snr_db == pytest.approx(snr_db, abs=1)
    assert quality.offset_hz == pytest.approx(4_000, abs=200)
    if snr_db > 10:
        assert quality.deviation_hz == pytest.approx(37_500, rel=0.05)
        assert quality.quieting_db > 15


@pytest.mark.parametrize("snr_db", [10, 20, 30])
def test_am_is_measured_too(snr_db: float) -> None:
    plan = broadcast_plan(1_100_000)
    name = plan.channels[0].name
    level = -20.0 - snr_db + 10 * math.log10(240_000 / 10_000)
    band = on_air(plan, {name: tone(1_000, 3)}, -20.0, noise_dbfs=level, error_hz=45.0)
    quality = hear(plan, band).quality(name)
    assert quality.snr_db == pytest.approx(snr_db, abs=1.5)
    assert quality.offset_hz == pytest.approx(45, abs=10)


def test_the_spectrum_shows_each_carrier_in_its_bin() -> None:
    levels = {one.name: -20.0 - 3 * index for index, one in enumerate(SEVEN.channels)}
    band = on_air(
        SEVEN, {name: silence(2) for name in levels}, levels, noise_dbfs=-60.0
    )
    heard = hear(SEVEN, band)
    spectrum = heard.spectra[-2]
    assert (spectrum.center_frequency, spectrum.span) == (NWR_CENTER, NWR_SAMPLE_RATE)
    assert len(spectrum.power_dbfs) == 256
    width = spectrum.span / 256
    low = spectrum.center_frequency - spectrum.span / 2
    for one in SEVEN.channels:
        index = int((one.frequency - low) / width)
        assert max(spectrum.power_dbfs[index - 1 : index + 2]) == pytest.approx(
            levels[one.name], abs=1.0
        )
    floor = np.median(spectrum.power_dbfs)
    assert floor == pytest.approx(-60 - 10 * math.log10(256), abs=1)


@pytest.mark.parametrize("rate", [230_000, 240_000, 1_024_000, 226_001])
def test_a_spectrum_comes_at_most_five_times_a_second(rate: int) -> None:
    heard = hear(SEVEN, noise(rate * 4, -30.0), sample_rate=rate, sizes=[rate // 50])
    assert 16 <= len(heard.spectra) <= 20
