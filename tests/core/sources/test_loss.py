"""Losses that nobody tells are found by the clock, and delays are not taken for them."""

from collections.abc import Iterable, Iterator

import numpy as np
import pytest

from eas_core.sources.loss import DRIFT, LOSS_SECONDS, SampleClock

RATE = 240_000
BLOCK = 12_032


def arrivals(seconds: float, *, skew: float = 0.0) -> Iterator[tuple[int, float]]:
    """Blocks on time: their position of the end, and when that is."""
    for end in range(BLOCK, int(seconds * RATE), BLOCK):
        yield end, end / (RATE * (1 + skew))


def found(stream: Iterable[tuple[int, float]]) -> list[tuple[float, int]]:
    """Return (time, samples) of each loss that the clock finds in blocks (end, time)."""
    clock = SampleClock(RATE)
    losses = []
    for _, now in stream:
        if lost := clock.missing(BLOCK, now):
            losses.append((now, lost))
    return losses


def test_nothing_is_missing_from_blocks_that_come_on_time() -> None:
    assert found(arrivals(600)) == []


def test_a_crystal_that_is_off_is_no_loss() -> None:
    assert found(arrivals(3600, skew=-DRIFT * 0.9)) == []
    assert found(arrivals(3600, skew=DRIFT * 0.9)) == []


@pytest.mark.parametrize("blocks", [2, 5, 100])
def test_a_loss_is_found_within_two_seconds_and_to_a_millisecond(blocks: int) -> None:
    stream = [
        (end, now)
        for index, (end, now) in enumerate(arrivals(60))
        if not 400 <= index < 400 + blocks
    ]
    began = 400 * BLOCK / RATE
    [(when, lost)] = found(stream)
    assert lost == pytest.approx(blocks * BLOCK, abs=RATE * 1e-3)
    assert began < when < began + blocks * BLOCK / RATE + 2


def test_small_losses_add_up() -> None:
    step = 0.01
    stream = [
        (end, now + step * (index // 40))
        for index, (end, now) in enumerate(arrivals(120))
    ]
    total = sum(lost for _, lost in found(stream)) / RATE
    really = step * (len(stream) // 40)
    assert really - LOSS_SECONDS - 0.04 < total <= really + 0.001


def test_a_pause_that_is_made_up_for_is_no_loss() -> None:
    for pause in (0.2, 0.7, 3.0, 30.0):
        stream = [
            (end, max(now, 20 + pause) if now > 20 else now)
            for end, now in arrivals(90)
        ]
        assert found(stream) == [], pause


def test_a_slow_catching_up_is_no_loss() -> None:
    """A network that was down for three seconds, and sends 1.2 times as fast since."""
    stream = [
        (end, max(now, 23 + (now - 20) / 1.2) if now > 20 else now)
        for end, now in arrivals(90)
    ]
    assert found(stream) == []


def test_what_did_not_fit_into_a_queue_during_a_pause_is_lost() -> None:
    """librtlsdr holds 15 buffers for a program that does not take them."""
    stream = []
    for index, (end, now) in enumerate(arrivals(60)):
        if index < 400:
            stream.append((end, now))
        elif index < 415:
            stream.append((end, 460 * BLOCK / RATE))
        elif index >= 460:
            stream.append((end, now))
    [(_, lost)] = found(stream)
    assert lost == pytest.approx(45 * BLOCK, abs=RATE * 2e-3)


def test_jitter_of_the_machine_is_no_loss() -> None:
    rng = np.random.default_rng(5)
    late = 0.0
    stream = []
    for end, now in arrivals(600):
        late = max(now + rng.exponential(0.02), late)
        stream.append((end, late))
    assert found(stream) == []


def test_blocks_that_come_in_bursts_are_no_loss() -> None:
    """Debian's rtl_tcp sends 131,072 samples at a time."""
    period = 131_072 / RATE
    stream = [
        (end, (now // period + 1) * period + 1e-5 * index)
        for index, (end, now) in enumerate(arrivals(300))
    ]
    assert found(stream) == []
