"""The radio's crystal is corrected by the carriers that are there, and by nothing else."""

from collections.abc import Mapping

import numpy as np
import pytest

from eas_core.radio.plan import NWR_CHANNELS, NWR_SAMPLE_RATE, nwr_plan
from tests.core.radio.air import Heard, Iq, Listener, hear, noise, on_air, silence, tone

SEVEN = nwr_plan()
LOW, MIDDLE, HIGH = "162.400", "162.475", "162.550"


def common_shift(heard: Heard) -> float:
    """Return what a channel without a carrier is told to be off."""
    return min(heard.qualities[-1], key=lambda one: one.snr_db).offset_hz


def carriers(
    levels: Mapping[str, float], *, noise_dbfs: float, error_hz: float = 0.0
) -> Iq:
    programmes = {name: silence(3) for name in levels}
    return on_air(SEVEN, programmes, levels, noise_dbfs=noise_dbfs, error_hz=error_hz)


def test_without_carriers_nothing_moves() -> None:
    for seed in range(3):
        heard = hear(SEVEN, noise(5 * NWR_SAMPLE_RATE, -30.0, seed))
        assert {one.offset_hz for told in heard.qualities for one in told} == {0.0}


def test_a_floor_that_slopes_is_no_carrier() -> None:
    """As behind the filter of a dongle: 6 dB over the band."""
    spectrum = np.fft.fft(noise(4 * NWR_SAMPLE_RATE, -30.0))
    slope = 10 ** (np.fft.fftfreq(len(spectrum)) * 6 / 20)
    heard = hear(SEVEN, np.fft.ifft(spectrum * slope).astype(np.complex64))
    assert {one.offset_hz for told in heard.qualities for one in told} == {0.0}


@pytest.mark.parametrize("error", [-9_750.0, 9_750.0])
@pytest.mark.parametrize("strong", [LOW, MIDDLE, HIGH])
def test_a_carrier_on_a_neighbours_place_is_not_taken_for_a_shifted_one(
    strong: str, error: float
) -> None:
    band = carriers({strong: -10.0}, error_hz=error, noise_dbfs=-50.0)
    frequency = NWR_CHANNELS[[one.name for one in SEVEN.channels].index(strong)]
    for other in (frequency - 25_000, frequency + 25_000):
        if other not in NWR_CHANNELS:
            continue
        heard = hear(nwr_plan([other]), band)
        assert common_shift(heard) == pytest.approx(error, abs=200)
        assert heard.qualities[-1][0].snr_db < 0


@pytest.mark.parametrize("snr_db", [0, 3])
def test_a_weak_carrier_is_found_with_patience(snr_db: int) -> None:
    level = -40.0 - snr_db + 12
    heard = hear(SEVEN, carriers({LOW: -40.0}, error_hz=6_000.0, noise_dbfs=level))
    assert common_shift(heard) == pytest.approx(6_000, abs=300)


def test_most_carriers_outweigh_one_that_is_off() -> None:
    band = carriers({LOW: -30.0, MIDDLE: -30.0}, noise_dbfs=-45.0)
    time = np.arange(len(band)) / NWR_SAMPLE_RATE
    birdie = 10 ** (-30 / 20) * np.exp(2j * np.pi * (62_500 + 5_000) * time)
    heard = hear(SEVEN, (band + birdie).astype(np.complex64))
    assert common_shift(heard) == pytest.approx(0, abs=200)


def test_a_spur_does_not_outweigh_a_station_that_speaks() -> None:
    rng = np.random.default_rng(1)
    voice = tone(800, 4) * np.repeat(rng.uniform(0, 1, 80), 1_200).astype(np.float32)
    band = on_air(SEVEN, {LOW: voice}, -40.0, noise_dbfs=-45.0, error_hz=300.0)
    time = np.arange(len(band)) / NWR_SAMPLE_RATE
    spur = 10 ** (-20 / 20) * np.exp(2j * np.pi * (62_500 - 6_000) * time)
    heard = hear(SEVEN, (band + spur).astype(np.complex64))
    assert heard.quality(LOW).offset_hz == pytest.approx(300, abs=200)


def test_it_is_corrected_within_half_a_second() -> None:
    band = on_air(SEVEN, {MIDDLE: tone(1_000, 2)}, error_hz=9_000.0, noise_dbfs=-40.0)
    audio = hear(SEVEN, band).whole(MIDDLE)[12_000:24_000]
    assert np.sqrt(2 * np.mean(np.square(audio))) == pytest.approx(0.5, rel=0.1)


def test_a_crystal_that_warms_up_is_followed_without_a_click() -> None:
    band = on_air(SEVEN, {MIDDLE: tone(1_000, 12)}, noise_dbfs=-70.0)
    time = np.arange(len(band)) / NWR_SAMPLE_RATE
    drift = np.exp(2j * np.pi * 100 * np.square(time) / 2)
    heard = hear(SEVEN, (band * drift).astype(np.complex64))
    moves = {round(told[0].offset_hz) for told in heard.qualities}
    assert len(moves) > 4
    assert heard.quality(MIDDLE).offset_hz == pytest.approx(1_150, abs=150)
    audio = heard.whole(MIDDLE)[48_000 : 24_000 * 11]
    wave = np.exp(-2j * np.pi * 1_000 * np.arange(len(audio)) / 24_000)
    left = audio - 2 * (np.mean(audio * wave) * wave.conj()).real
    assert np.abs(left).max() < 0.02


def test_what_was_found_outlives_a_gap() -> None:
    band = on_air(SEVEN, {MIDDLE: tone(1_000, 3)}, error_hz=-8_000.0, noise_dbfs=-40.0)
    listener = Listener(SEVEN)
    listener.hear(band[:300_000])
    heard = listener.hear(band[400_000:700_000], first=400_000)
    firsts = [first for first, _ in heard.pieces[MIDDLE]]
    audio = heard.audio[MIDDLE][firsts.index(40_000)]
    assert np.sqrt(2 * np.mean(np.square(audio[600:]))) == pytest.approx(0.5, rel=0.1)
