"""dB of full scale."""

from hypothesis import given, strategies as st
import numpy as np
import pytest

from eas_core.audio.level import FLOOR_DBFS, LevelMeter, measure


def test_a_full_sine_is_three_below_full_scale() -> None:
    sine = np.sin(np.arange(16_000) * 2 * np.pi / 16).astype(np.float32)
    level = measure(sine)
    assert level.rms_dbfs == pytest.approx(-3.01, abs=0.01)
    assert level.peak_dbfs == pytest.approx(0.0, abs=0.01)
    assert level.clipped == 2000


def test_silence_and_nothing_are_the_floor() -> None:
    assert measure(np.zeros(10, np.float32)).rms_dbfs == FLOOR_DBFS
    assert measure(np.zeros(0, np.float32)).peak_dbfs == FLOOR_DBFS


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_a_sample_that_is_no_number_counts_as_silence(odd: float) -> None:
    tone = np.full(1000, 0.5, np.float32)
    tone[7] = odd
    level = measure(tone)
    assert level.rms_dbfs == pytest.approx(-6.02, abs=0.01)
    assert level.peak_dbfs == pytest.approx(-6.02, abs=0.01)
    assert level.clipped == 0


@given(st.lists(st.integers(0, 500), max_size=30))
def test_windows_do_not_depend_on_blocks(sizes: list[int]) -> None:
    audio = np.random.default_rng(1).standard_normal(sum(sizes), np.float32)
    meter, levels, start = LevelMeter(1000, 0.1), [], 0
    for size in sizes:
        levels += meter.feed(audio[start : start + size])
        start += size
    assert levels == LevelMeter(1000, 0.1).feed(audio)
