"""The band that is not on the air, as a receiver would give it."""

import numpy as np
import pytest

from eas_core.clock import SystemClock
from eas_core.modem.decoder import SameDecoder
from eas_core.radio.plan import NWR_CENTER, NWR_CHANNELS, Tuning
from eas_core.same.header import HeaderError
from eas_core.simulator.band import BLOCK_SECONDS, BandOptions, BandSimulator
from eas_core.sources.iq import complex_from_u8

RATE = 240_000


def received(band: BandSimulator, seconds: float) -> np.ndarray:
    parts = [band.receive() for _ in range(round(seconds / BLOCK_SECONDS))]
    return complex_from_u8(np.concatenate(parts).tobytes())


def band(**options: object) -> BandSimulator:
    return BandSimulator(BandOptions(**options), SystemClock())  # type: ignore[arg-type]


def power_dbfs(samples: np.ndarray, offset: float, rate: int = RATE) -> float:
    """The power within 7.5 kHz of a frequency."""
    spectrum = np.abs(np.fft.fft(samples)) ** 2 / len(samples) ** 2
    near = np.abs(np.fft.fftfreq(len(samples), 1 / rate) - offset) < 7_500
    return float(10 * np.log10(spectrum[near].sum()))


def only(frequency: int, level: float = -20.0) -> dict[int, float | None]:
    return {each: level if each == frequency else None for each in NWR_CHANNELS}


@pytest.mark.parametrize("frequency", NWR_CHANNELS)
def test_a_station_is_at_its_place_with_its_level(frequency: int) -> None:
    samples = received(band(levels_dbfs=only(frequency), noise_dbfs=-80.0), 1.0)
    assert power_dbfs(samples, frequency - NWR_CENTER) == pytest.approx(-20, abs=0.5)
    elsewhere = [each for each in NWR_CHANNELS if each != frequency]
    for other in elsewhere:
        assert power_dbfs(samples, other - NWR_CENTER) < -60


def test_without_stations_there_is_noise_of_its_level() -> None:
    samples = received(band(levels_dbfs={}, noise_dbfs=-50.0), 1.0)
    assert power_dbfs(samples, 62_500) == pytest.approx(-50, abs=0.5)


@pytest.mark.parametrize("rate", [250_000, 1_024_000, 2_048_000])
def test_noise_in_a_channel_is_the_same_at_any_rate(rate: int) -> None:
    simulator = band(levels_dbfs=only(NWR_CHANNELS[6]), noise_dbfs=-50.0)
    simulator.tune(Tuning(center_frequency=NWR_CENTER, sample_rate=rate))
    samples = received(simulator, 0.5)
    assert len(samples) == pytest.approx(0.5 * rate, rel=0.3)
    assert power_dbfs(samples, -40_000, rate) == pytest.approx(-50, abs=0.7)
    assert power_dbfs(samples, 62_500, rate) == pytest.approx(-20, abs=0.5)


def test_what_lies_outside_of_the_band_is_not_there() -> None:
    simulator = band(levels_dbfs=only(NWR_CHANNELS[6]), noise_dbfs=-60.0)
    simulator.tune(Tuning(center_frequency=98_000_000, sample_rate=RATE))
    samples = received(simulator, 0.5)
    assert all(
        power_dbfs(samples, offset) < -55 for offset in (-90_000, 30_000, 90_000)
    )


def test_a_crystal_that_is_fast_shows_all_stations_too_low() -> None:
    simulator = band(levels_dbfs=only(NWR_CHANNELS[3]), noise_dbfs=-90.0, ppm=20.0)
    off = -20e-6 * NWR_CENTER
    samples = received(simulator, 1.0)
    where = NWR_CHANNELS[3] - NWR_CENTER + off
    spectrum = np.abs(np.fft.fft(samples)) ** 2
    spectrum[np.abs(np.fft.fftfreq(len(samples), 1 / RATE)) < 2_000] = 0
    frequency = np.fft.fftfreq(len(samples), 1 / RATE)
    centre = float((spectrum * frequency).sum() / spectrum.sum())
    assert centre == pytest.approx(where, abs=600)
    # What the receiver is told to correct is corrected.
    simulator.tune(Tuning(center_frequency=NWR_CENTER, sample_rate=RATE), 30.0, ppm=20)
    spectrum = np.abs(np.fft.fft(received(simulator, 1.0))) ** 2
    frequency = np.fft.fftfreq(len(spectrum), 1 / RATE)
    spectrum[np.abs(frequency) < 2_000] = 0
    centre = float((spectrum * frequency).sum() / spectrum.sum())
    assert centre == pytest.approx(where - off, abs=600)


def test_gain_raises_the_stations_and_the_noise_until_they_clip() -> None:
    simulator = band(levels_dbfs=only(NWR_CHANNELS[6], -40.0), noise_dbfs=-60.0)
    tuning = Tuning(center_frequency=NWR_CENTER, sample_rate=RATE)
    simulator.tune(tuning, 45.0)
    samples = received(simulator, 0.5)
    assert power_dbfs(samples, 62_500) == pytest.approx(-25, abs=0.5)
    assert power_dbfs(samples, -30_000) == pytest.approx(-45, abs=0.7)
    simulator.tune(tuning, 90.0)
    samples = received(simulator, 0.2)
    assert np.mean(np.abs(samples.real) >= 0.999) > 0.1


def test_the_same_seed_gives_the_same_samples() -> None:
    one, two, other = band(), band(), band(seed=1)
    first = one.receive()
    assert np.array_equal(first, two.receive())
    assert not np.array_equal(first, other.receive())


def test_its_warning_is_decoded() -> None:
    simulator = band(
        levels_dbfs=only(NWR_CHANNELS[6]),
        locations=("039035",),
        first_alert_seconds=0.5,
    )
    samples = received(simulator, 9.0)
    audio = discriminated(samples, NWR_CHANNELS[6] - NWR_CENTER)
    decoder = SameDecoder(24_000)
    (message,) = [*decoder.feed(audio), *decoder.flush()]
    assert message.header.startswith("ZCZC-WXR-TOR-039035+0030-")


def test_stations_that_do_not_warn_send_none() -> None:
    options = {
        "levels_dbfs": {NWR_CHANNELS[0]: -20.0, NWR_CHANNELS[6]: -20.0},
        "warning_channels": [NWR_CHANNELS[6]],
        "first_alert_seconds": 0.5,
    }
    samples = received(band(**options), 6.0)
    heard = {}
    for frequency in (NWR_CHANNELS[0], NWR_CHANNELS[6]):
        decoder = SameDecoder(24_000)
        audio = discriminated(samples, frequency - NWR_CENTER)
        heard[frequency] = [*decoder.feed(audio), *decoder.flush()]
    assert [len(messages) for messages in heard.values()] == [0, 1]


@pytest.mark.parametrize("rate", [225_001, 256_000, 299_993, 960_000, 2_400_000])
def test_as_many_samples_come_as_the_rate_says(rate: int) -> None:
    simulator = band(levels_dbfs={})
    simulator.tune(Tuning(center_frequency=NWR_CENTER, sample_rate=rate))
    simulator.receive()
    count = sum(len(simulator.receive()) // 2 for _ in range(100))
    # Ten frames of 10 ms may be settled earlier or later.
    assert count == pytest.approx(5 * rate, abs=0.1 * rate)


def discriminated(samples: np.ndarray, offset: float) -> np.ndarray:
    """The plainest of receivers: moved, cut to ten samples' mean, its phase's steps."""
    turn = np.exp(-2j * np.pi * offset / RATE * np.arange(len(samples)))
    narrow = (samples * turn).reshape(-1, 10).mean(axis=1)
    steps = np.angle(narrow[1:] * np.conj(narrow[:-1]))
    audio: np.ndarray = (steps / np.pi).astype(np.float32)
    return audio


@pytest.mark.parametrize("wrong", [("39035",), (), ("039035",) * 32])
def test_what_cannot_be_sent_is_refused(wrong: tuple[str, ...]) -> None:
    with pytest.raises(HeaderError):
        band(locations=wrong)
