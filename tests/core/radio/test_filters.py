"""Filters do what they are asked for, at any rate of a radio."""

import numpy as np
import pytest

from eas_core.radio.grid import grid_of
from eas_core.radio.modulation import NWR_EMPHASIS, emphasis
from eas_core.radio.overlap import RealFilter, frame_sizes
from eas_core.radio.plan import NWR_SAMPLE_RATE, ChannelKind, nwr_plan
from eas_core.radio.tuner import HOPS, Tuner
from tests.core.radio.air import Iq, noise

ONE = nwr_plan([162_500_000])
CENTER = ONE.tuning.center_frequency
RATES = (*range(225_001, 300_001, 4_999), 960_000, 1_024_000, 2_048_000, 3_200_000)


@pytest.mark.parametrize("rate", RATES)
def test_a_grid_gives_whole_rates_near_what_is_asked_for(rate: int) -> None:
    grid = grid_of(rate)
    assert 40 <= grid.bin_hz <= 63
    for wanted in (24_000, 32_000, 240_000):
        if wanted > rate / 2:
            continue
        bins = grid.bins(wanted)
        assert bins % 4 == 0
        assert abs(grid.rate(bins) - wanted) <= 250
        # A decoder does not mind a rate that is off by some millionths.
        assert abs(grid.rate(bins) / float(bins * grid.bin_hz) - 1) < 30e-6


def narrow(samples: Iq) -> Iq:
    """Return the channel's baseband, of the middle of five half frames."""
    tuner = Tuner(ONE.channels, NWR_SAMPLE_RATE, CENTER)
    size = tuner.grid.size
    frames = np.stack([samples[k * size // 2 :][:size] for k in range(HOPS)])
    spectra = np.fft.fft(frames).astype(np.complex64)
    return tuner.receive(spectra, measure=False)[0, :, 1:].reshape(-1)


def leak(offset: float) -> float:
    """Return the power in the channel of a carrier so far off it, in dB of its own."""
    place = 162_500_000 - CENTER + offset
    time = np.arange(20_000) / NWR_SAMPLE_RATE
    wave = np.exp(2j * np.pi * place * time).astype(np.complex64)
    return float(10 * np.log10(np.mean(np.abs(narrow(wave)) ** 2) + 1e-15))


@pytest.mark.parametrize("offset", [0.0, 2_000.0, -4_000.0, 5_100.0, -5_100.0])
def test_the_channel_filter_passes_what_a_transmitter_sends(offset: float) -> None:
    assert leak(offset) == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize(
    ("offset", "least"),
    [
        (6_000, 60),
        (7_000, 90),
        (8_000, 100),
        (12_500, 110),
        (17_000, 110),
        (-20_013, 110),
        (25_000, 110),
    ],
)
def test_the_channel_filter_rejects_what_others_send(
    offset: float, least: float
) -> None:
    assert leak(offset) < -least


def test_emphasis_and_its_undoing_are_each_others_inverse() -> None:
    frequency = np.linspace(*NWR_EMPHASIS, 50)
    for kind in ChannelKind:
        gain = emphasis(kind, frequency)
        assert emphasis(kind, np.array([1_000.0]))[0] == pytest.approx(1)
        assert np.all(np.diff(gain) >= 0)


@pytest.mark.parametrize(
    ("from_rate", "to_rate"), [(24_000, 24_000), (22_050, 24_000), (240_000, 32_000)]
)
def test_a_filter_keeps_time_and_level_when_it_changes_the_rate(
    from_rate: int, to_rate: int
) -> None:
    sizes = frame_sizes(from_rate, to_rate, 0.04)
    low_pass = RealFilter(1, lambda f: (np.abs(f) < 5_000) * 1.0, sizes, from_rate)
    time = np.arange(2 * from_rate) / from_rate
    wave = np.cos(2 * np.pi * 1_000 * time).astype(np.float32)
    heard = np.concatenate(list(low_pass.feed(wave[None, :])), axis=1)[0]
    ideal = np.cos(2 * np.pi * 1_000 * np.arange(len(heard)) / to_rate)
    inner = slice(to_rate // 10, len(heard) - to_rate // 10)
    assert np.abs(heard - ideal)[inner].max() < 1e-3


def test_it_does_not_matter_where_frames_begin() -> None:
    """The filter is one convolution, without the seams of frames."""
    samples = noise(20_000, -20.0)
    one, two = narrow(samples), narrow(samples[1_200:])
    # 1,200 samples are 120 of the channel's.
    assert np.allclose(np.abs(one[120:]), np.abs(two[:-120]), atol=2e-5)
