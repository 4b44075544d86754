"""How often a source that fails is opened."""

from eas_core.station.backoff import LONGEST_SECONDS, SOUND_SECONDS, Backoff


def test_each_failure_in_a_row_doubles_the_wait_up_to_a_minute() -> None:
    backoff = Backoff()
    waits = [backoff.failed(0.0) for _ in range(9)]
    assert waits[:6] == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0]
    assert waits[6:] == [LONGEST_SECONDS] * 3


def test_a_source_that_was_well_is_opened_soon() -> None:
    backoff = Backoff()
    for _ in range(9):
        backoff.failed(SOUND_SECONDS - 1)
    assert backoff.failed(SOUND_SECONDS) == 1.0
    assert backoff.failed(0.0) == 2.0
