"""How it is found what a sound card lost, from when its samples came."""

import numpy as np
import pytest

from eas_core.sources.sound_listen import sample_clock

RATE = 48_000
BLOCK = 4_800


def missing(times: list[float]) -> list[int]:
    """Return what is found missing before each block of a tenth of a second."""
    clock = sample_clock(RATE)
    return [clock.missing(BLOCK, at) for at in times]


def steady(seconds: float, begin: float = 0.0) -> list[float]:
    return [begin + 0.1 * number for number in range(1, round(10 * seconds) + 1)]


def test_a_pause_in_which_nothing_is_kept_is_lost_and_known_within_two_seconds() -> (
    None
):
    times = steady(10) + steady(10, begin=12.5)
    lost = missing(times)
    assert sum(lost) == pytest.approx(2.5 * RATE, abs=10)
    assert 12.5 < times[int(np.flatnonzero(lost)[0])] <= 14.5


def test_a_pause_after_which_all_comes_at_once_loses_nothing() -> None:
    late = [13.0 + 0.001 * number for number in range(30)]
    assert sum(missing(steady(10) + late + steady(10, begin=13.0))) == 0


def test_uneven_times_and_a_crystal_that_is_off_lose_nothing() -> None:
    random = np.random.default_rng(5)
    for error in (-5e-4, 5e-4):
        times = np.array(steady(600)) * (1 + error)
        times += random.exponential(0.03, len(times))
        assert sum(missing(list(np.sort(times)))) == 0


def test_blocks_of_two_drivers_that_drift_apart_and_together_lose_nothing() -> None:
    # PulseAudio's fragments and ffmpeg's blocks: the delay is a sawtooth.
    times = [
        0.066 * np.ceil(at / 0.066) + 0.002 * (number % 50)
        for number, at in enumerate(steady(300))
    ]
    assert sum(missing(times)) == 0


@pytest.mark.parametrize("pause", [0.02, 0.2, 0.5])
def test_one_loss_after_another_is_counted_whole_in_the_end(pause: float) -> None:
    times: list[float] = []
    for _ in range(200):
        times += steady(3, begin=(times[-1] if times else 0.0) + pause)
    lost = sum(missing(times)) / RATE
    drift = 1e-3 * times[-1]
    assert 199 * pause - drift - 0.6 < lost < 199 * pause + 0.01
