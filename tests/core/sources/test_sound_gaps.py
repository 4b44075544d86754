"""How it is found what a sound card lost, from when its samples came."""

import numpy as np
import pytest

from eas_core.sources.sound_gaps import GapFinder

RATE = 48_000
BLOCK = 4_800


def feed(
    finder: GapFinder, times: list[float], overruns: tuple[int, ...] = ()
) -> list[int]:
    return [
        finder.feed(BLOCK, at, overrun=number in overruns)
        for number, at in enumerate(times)
    ]


def steady(seconds: float, begin: float = 0.0) -> list[float]:
    return [begin + 0.1 * number for number in range(1, round(10 * seconds) + 1)]


def test_samples_that_come_in_time_are_none_lost() -> None:
    assert sum(feed(GapFinder(RATE), steady(600))) == 0


def test_a_pause_in_which_nothing_is_kept_is_lost_to_the_sample() -> None:
    times = steady(10) + steady(10, begin=12.5)
    lost = feed(GapFinder(RATE), times)
    assert sum(lost) == pytest.approx(2.5 * RATE, abs=1)
    assert np.count_nonzero(lost) == 1
    # Known within two seconds of its end.
    assert 12.5 <= times[int(np.flatnonzero(lost)[0])] <= 14.5


def test_a_pause_after_which_all_comes_at_once_loses_nothing() -> None:
    late = [13.0 + 0.001 * number for number in range(30)]
    assert sum(feed(GapFinder(RATE), steady(10) + late + steady(10, begin=13.0))) == 0


def test_uneven_times_and_a_crystal_that_is_off_lose_nothing() -> None:
    random = np.random.default_rng(5)
    for error in (-200e-6, 200e-6):
        times = np.array(steady(600)) * (1 + error)
        times += random.exponential(0.03, len(times))
        assert sum(feed(GapFinder(RATE), list(np.sort(times)))) == 0


def test_blocks_of_two_drivers_that_drift_apart_and_together_lose_nothing() -> None:
    # As PulseAudio's of 66 ms make ffmpeg's of 100 ms: the delay is a sawtooth.
    times = [
        0.066 * np.ceil(at / 0.066) + 0.002 * (number % 50)
        for number, at in enumerate(steady(300))
    ]
    assert sum(feed(GapFinder(RATE), times)) == 0


def test_an_overrun_is_a_sample_at_once_and_all_of_it_when_that_is_known() -> None:
    lost = feed(GapFinder(RATE), steady(10) + steady(10, begin=10.4), overruns=(100,))
    assert lost[100] == 1
    assert sum(lost) == pytest.approx(0.4 * RATE, abs=1)


def test_an_overrun_that_lost_next_to_nothing_is_not_silent() -> None:
    assert sum(feed(GapFinder(RATE), steady(20), overruns=(0, 55, 90))) == 3


@pytest.mark.parametrize("pause", [0.02, 0.2, 0.5])
def test_one_loss_after_another_is_counted_whole_in_the_end(pause: float) -> None:
    times: list[float] = []
    for _ in range(200):
        times += steady(3, begin=(times[-1] if times else 0.0) + pause)
    lost = sum(feed(GapFinder(RATE), times)) / RATE
    drift = 1e-3 * times[-1]
    assert 199 * pause - drift - 0.6 < lost < 199 * pause + 0.01
