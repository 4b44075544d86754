"""What the modulator puts on the air is what the rules say, so that it can judge a receiver."""

from itertools import pairwise

import numpy as np
import pytest

from eas_core.radio.modulator import Band, Modulator, Station, to_u8
from eas_core.radio.plan import ChannelKind, PlanError, Tuning, broadcast_plan, nwr_plan
from tests.core.radio.air import AUDIO_RATE, Audio, Iq, on_air, silence, tone

SEVEN = nwr_plan()


def deviation(baseband: Iq, rate: int) -> Audio:
    turned: Audio = np.angle(baseband[1:] * baseband[:-1].conj())
    return turned * np.float32(rate / (2 * np.pi))


def narrow(audio: Audio) -> Iq:
    sent: Iq = Modulator(ChannelKind.NWR, AUDIO_RATE, AUDIO_RATE).feed(audio[None])[0]
    return sent


@pytest.mark.parametrize(
    ("hertz", "amplitude", "peak"),
    [
        (1_000, 0.5, 2_500),
        (2_000, 0.4, 4_000),
        (500, 0.8, 2_000),
        (300, 1.0, 1_500),
        (200, 1.0, 1_500),
        (3_000, 0.2, 3_000),
        (3_200, 0.2, 3_000),
    ],
)
def test_weather_radio_rises_6_db_an_octave_from_300_to_3000_hz(
    hertz: float, amplitude: float, peak: float
) -> None:
    sent = deviation(narrow(tone(hertz, 1, amplitude)), AUDIO_RATE)
    assert np.abs(sent[4_000:20_000]).max() == pytest.approx(peak, rel=0.06)


def test_deviation_is_limited_to_5_khz() -> None:
    sent = deviation(narrow(tone(2_000, 1, amplitude=1.0)), AUDIO_RATE)
    assert np.abs(sent).max() == pytest.approx(5_000, rel=1e-3)


@pytest.mark.parametrize(("hertz", "peak"), [(1_000, 37_500), (5_000, 87_500 * 0.9)])
def test_broadcast_fm_has_75_khz_and_75_microseconds(hertz: float, peak: float) -> None:
    rate = 240_000
    station = Modulator(ChannelKind.FM, AUDIO_RATE, rate)
    sent = deviation(station.feed(tone(hertz, 1)[None, :])[0], rate)
    ratio = np.hypot(1, 2 * np.pi * hertz * 75e-6) / np.hypot(1, 2 * np.pi * 0.075)
    wanted = min(75_000.0, 37_500 * ratio)
    assert np.abs(sent[40_000:200_000]).max() == pytest.approx(wanted, rel=0.02)


def test_am_goes_from_nothing_to_the_double() -> None:
    station = Modulator(ChannelKind.AM, AUDIO_RATE, AUDIO_RATE)
    envelope = np.abs(station.feed(tone(1_000, 1, amplitude=1.0)[None, :])[0])
    assert envelope[4_000:20_000].min() == pytest.approx(0, abs=0.01)
    assert envelope[4_000:20_000].max() == pytest.approx(2, abs=0.01)


@pytest.mark.parametrize("audio_rate", [8_000, 16_000, 22_050, 24_000, 48_000])
def test_audio_of_any_rate_is_sent_at_its_pitch(audio_rate: int) -> None:
    time = np.arange(2 * audio_rate) / audio_rate
    audio = (0.5 * np.sin(2 * np.pi * 1_000 * time)).astype(np.float32)
    station = Modulator(ChannelKind.NWR, audio_rate, AUDIO_RATE)
    sent = deviation(station.feed(audio[None, :])[0], AUDIO_RATE)[4_000:28_000]
    assert np.argmax(np.abs(np.fft.rfft(sent))) == 1_000
    assert np.abs(sent).max() == pytest.approx(2_500, rel=0.02)


@pytest.mark.parametrize("rate", [240_000, 250_000, 1_024_000])
def test_any_cut_of_the_audio_gives_the_same_band(rate: int) -> None:
    tuning = Tuning(center_frequency=SEVEN.tuning.center_frequency, sample_rate=rate)
    stations = [Station(channel=one) for one in SEVEN.channels]
    audio = np.stack([tone(300 + 300 * k, 0.6) for k in range(7)])
    bands = [
        Band(tuning, stations, AUDIO_RATE, error_hz=1_234.5, noise_dbfs=-40.0)
        for _ in range(2)
    ]
    cuts = [0, 1, 2, 999, 5_000, 5_001, 12_345, audio.shape[1]]
    parts = [bands[0].feed(audio[:, one:two]) for one, two in pairwise(cuts)]
    assert np.array_equal(np.concatenate(parts), bands[1].feed(audio))


@pytest.mark.parametrize("error", [0.0, 17.3, -4_321.0])
def test_a_station_has_its_level_and_place(error: float) -> None:
    name = "162.525"
    band = on_air(SEVEN, {name: silence(1.5)}, -33.0, error_hz=error)
    offset = 162_525_000 - SEVEN.tuning.center_frequency + error
    time = np.arange(len(band)) / 240_000
    still = band * np.exp(-2j * np.pi * offset * time)
    inner = still[20_000:-20_000]
    assert np.abs(inner.mean()) == pytest.approx(10 ** (-33 / 20), rel=1e-3)
    assert np.abs(inner - inner.mean()).max() < 1e-3 * np.abs(inner.mean())


def test_noise_has_the_power_that_was_asked_for() -> None:
    band = on_air(SEVEN, {"162.400": silence(2)}, -90.0, noise_dbfs=-25.0)
    assert 10 * np.log10(np.mean(np.abs(band) ** 2)) == pytest.approx(-25, abs=0.1)


def test_a_spike_is_on_the_centre() -> None:
    band = on_air(SEVEN, {"162.400": silence(1)}, -90.0, spike_dbfs=-20.0)
    assert abs(band.mean()) == pytest.approx(0.1, rel=1e-3)


def test_a_band_that_does_not_hold_a_station_is_refused() -> None:
    tuning = Tuning(center_frequency=162_487_500, sample_rate=150_000)
    with pytest.raises(PlanError, match="sample rate"):
        Band(tuning, [Station(channel=SEVEN.channels[0])], AUDIO_RATE)


def test_eight_bits_are_those_of_the_rtl2832u() -> None:
    samples = np.array([0, 1 + 1j, -1 - 1j, 9 - 9j], np.complex64)
    levels = to_u8(samples)
    assert levels.dtype == np.uint8
    assert levels[2:].tolist() == [255, 255, 0, 0, 255, 0]
    assert set(levels[:2].tolist()) <= {127, 128}


def test_a_broadcast_station_has_its_level() -> None:
    fm = broadcast_plan(98_700_000)
    station = Station(channel=fm.channels[0], level_dbfs=-20.0)
    band = Band(fm.tuning, [station], AUDIO_RATE).feed(tone(1_000, 1)[None, :])
    assert 10 * np.log10(np.mean(np.abs(band[90_000:]) ** 2)) == pytest.approx(
        -20, abs=0.1
    )
