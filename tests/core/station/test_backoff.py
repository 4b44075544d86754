"""How often a source that fails is opened."""

from eas_core.station.backoff import JITTER, LONGEST_SECONDS, SOUND_SECONDS, Backoff


def middle() -> float:
    return 0.5


def test_each_failure_in_a_row_doubles_the_wait_up_to_a_minute() -> None:
    backoff = Backoff(middle)
    waits = [backoff.failed(0.0) for _ in range(9)]
    assert waits[:6] == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0]
    assert waits[6:] == [LONGEST_SECONDS] * 3


def test_a_source_that_was_well_is_opened_soon() -> None:
    backoff = Backoff(middle)
    for _ in range(9):
        backoff.failed(SOUND_SECONDS - 1)
    assert backoff.failed(SOUND_SECONDS) == 1.0
    assert backoff.failed(0.0) == 2.0


def test_waits_differ_from_station_to_station_by_a_quarter() -> None:
    assert Backoff(lambda: 0.0).failed(0.0) == 1.0 - JITTER
    assert Backoff(lambda: 1.0).failed(0.0) == 1.0 + JITTER
    assert len({Backoff().failed(0.0) for _ in range(5)}) > 1
