"""Every channel is heard, whatever the radio does to the band."""

import tracemalloc

import numpy as np
import pytest

from eas_core.radio.modulator import to_u8
from eas_core.radio.plan import (
    NWR_CHANNELS,
    NWR_SAMPLE_RATE,
    RadioPlan,
    broadcast_plan,
    channel_name,
    nwr_plan,
)
from eas_core.sources.iq import complex_from_u8
from tests.core.radio.air import Iq, header, hear, message, on_air, silence, tone

SEVEN = nwr_plan()
NAMES = [channel_name(one) for one in NWR_CHANNELS]
STRONG, WEAK = "162.475", "162.500"
FAIR_NOISE = -38.0
"""dBFS over 240 kHz: 20 dB of carrier to noise for stations of -30 dBFS."""


def as_eight_bits(samples: Iq) -> Iq:
    return complex_from_u8(to_u8(samples).tobytes())


def only(name: str) -> RadioPlan:
    return nwr_plan([NWR_CHANNELS[NAMES.index(name)]])


def test_seven_channels_at_once_are_each_decoded_to_their_own_message() -> None:
    texts = {name: header(seed) for seed, name in enumerate(NAMES)}
    programmes = {name: message(text) for name, text in texts.items()}
    band = on_air(SEVEN, programmes, noise_dbfs=FAIR_NOISE)
    heard = hear(SEVEN, as_eight_bits(band))
    assert {name: heard.headers(name) for name in NAMES} == {
        name: [text] for name, text in texts.items()
    }


def test_a_neighbour_40_db_stronger_does_not_drown_a_channel() -> None:
    mine, other = header(1), header(2)
    band = on_air(
        SEVEN,
        {WEAK: message(mine), STRONG: message(other)},
        {WEAK: -50.0, STRONG: -10.0},
        noise_dbfs=-55.0,
    )
    heard = hear(only(WEAK), as_eight_bits(band))
    assert heard.headers(WEAK) == [mine]


def test_a_channel_between_two_strong_neighbours_hears_neither() -> None:
    loud = {"162.475": tone(1_500, 3), "162.525": tone(2_100, 3)}
    band = on_air(
        SEVEN,
        {**loud, WEAK: silence(3)},
        {"162.475": -6.0, "162.525": -6.0, WEAK: -66.0},
    )
    audio = hear(only(WEAK), band).whole(WEAK)[24_000:]
    assert np.sqrt(np.mean(np.square(audio))) < 0.02


@pytest.mark.parametrize("ppm", [-60, -20, 20, 60])
@pytest.mark.parametrize("alone", [True, False], ids=["one channel", "all"])
def test_a_crystal_that_is_wrong_by_up_to_60_ppm_is_corrected(
    ppm: int, alone: bool
) -> None:
    text = header(3)
    off = -ppm * SEVEN.tuning.center_frequency / 1e6
    band = on_air(SEVEN, {NAMES[0]: message(text)}, noise_dbfs=FAIR_NOISE, error_hz=off)
    heard = hear(only(NAMES[0]) if alone else SEVEN, as_eight_bits(band))
    assert heard.headers(NAMES[0]) == [text]
    assert heard.quality(NAMES[0]).offset_hz == pytest.approx(off, abs=60)


@pytest.mark.parametrize(
    "rate", [225_001, 226_001, 240_000, 250_000, 300_000, 960_000, 1_024_000, 2_048_000]
)
def test_any_rate_that_holds_the_channels_is_heard(rate: int) -> None:
    text = header(4)
    band = on_air(SEVEN, {NAMES[0]: message(text)}, sample_rate=rate, noise_dbfs=-35.0)
    heard = hear(SEVEN, band, sample_rate=rate, sizes=[rate // 10])
    assert heard.headers(NAMES[0]) == [text]
    assert 20_000 <= heard.rate <= 32_000


def test_rate_and_centre_are_those_of_the_blocks() -> None:
    text = header(5)
    moved = nwr_plan()
    center = moved.tuning.center_frequency + 400_000
    band = on_air(SEVEN, {WEAK: message(text)}, sample_rate=1_024_000, noise_dbfs=-35.0)
    shift = np.exp(-2j * np.pi * 400_000 / 1_024_000 * np.arange(len(band)))
    heard = hear(
        moved, (band * shift).astype(np.complex64), sample_rate=1_024_000, center=center
    )
    assert heard.headers(WEAK) == [text]


@pytest.mark.parametrize(
    ("frequency", "error"),
    [(98_700_000, 5_900.0), (88_100_000, -5_300.0), (1_100_000, 60.0)],
)
def test_a_broadcast_station_is_decoded(frequency: int, error: float) -> None:
    plan = broadcast_plan(frequency)
    name = plan.channels[0].name
    text = header(6)
    band = on_air(plan, {name: message(text)}, noise_dbfs=-38.0, error_hz=error)
    heard = hear(plan, as_eight_bits(band), sizes=[50_000])
    assert heard.headers(name) == [text]
    assert heard.rate >= 24_000


def test_the_receivers_own_spike_on_the_centre_harms_no_channel() -> None:
    texts = {name: header(seed) for seed, name in enumerate(NAMES, 10)}
    programmes = {name: message(text) for name, text in texts.items()}
    band = on_air(
        SEVEN, programmes, -50.0, noise_dbfs=-58.0, spike_dbfs=-20.0, error_hz=3_000.0
    )
    heard = hear(SEVEN, as_eight_bits(band))
    assert {name: heard.headers(name) for name in NAMES} == {
        name: [text] for name, text in texts.items()
    }


def test_an_input_that_is_driven_far_past_full_scale_still_decodes() -> None:
    texts = {NAMES[0]: header(20), NAMES[4]: header(21)}
    programmes = {name: message(text) for name, text in texts.items()}
    band = on_air(SEVEN, programmes, {NAMES[0]: 12.0, NAMES[4]: 6.0}, noise_dbfs=-20.0)
    heard = hear(SEVEN, as_eight_bits(band))
    assert {name: heard.headers(name) for name in texts} == {
        name: [text] for name, text in texts.items()
    }


def test_a_tone_at_the_reference_with_full_deviation_is_full_scale() -> None:
    band = on_air(SEVEN, {WEAK: tone(1_000, 2, amplitude=1.0)})
    audio = hear(SEVEN, band).whole(WEAK)[24_000:40_000]
    assert np.abs(audio).max() == pytest.approx(1.0, abs=0.05)


def test_both_tones_of_same_come_out_alike() -> None:
    levels = []
    for hertz in (1_562.5, 2_083.3):
        audio = hear(SEVEN, on_air(SEVEN, {WEAK: tone(hertz, 2, 0.4)})).whole(WEAK)
        levels.append(np.sqrt(2 * np.mean(np.square(audio[20_000:40_000]))))
    assert levels == pytest.approx([0.4, 0.4], rel=0.06)
    assert abs(20 * np.log10(levels[0] / levels[1])) < 0.5


def test_noise_comes_out_white_between_the_tones() -> None:
    rng = np.random.default_rng(1)
    carrier = on_air(SEVEN, {WEAK: silence(6)})
    hiss = rng.standard_normal(2 * len(carrier), np.float32).view(np.complex64) * 0.005
    audio = hear(SEVEN, carrier + hiss.astype(np.complex64)).whole(WEAK)
    power = np.abs(np.fft.rfft(audio[24_000 : 24_000 * 5])) ** 2
    bands = power[: 4 * 3_200].reshape(32, -1).mean(axis=1)[5:28]
    assert 10 * np.log10(bands.max() / bands.min()) < 2.0


def test_memory_does_not_grow() -> None:
    plan = only(WEAK)
    band = on_air(plan, {WEAK: tone(1_000, 2)}, noise_dbfs=-38.0)[:NWR_SAMPLE_RATE]
    tracemalloc.start()
    try:
        from tests.core.radio.air import Listener

        listener = Listener(plan)
        used = []
        for second in range(30):
            listener.hear(band, first=second * len(band), sizes=[12_000])
            listener.heard.audio.clear()
            listener.heard.pieces.clear()
            listener.heard.qualities.clear()
            listener.heard.spectra.clear()
            used.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert used[-1] - used[5] < 50_000
    assert max(used) < 8_000_000
