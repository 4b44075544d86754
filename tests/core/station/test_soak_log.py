"""What a soak reads in a Home Assistant's log."""

import pytest

from bench.soak_log import LogVerdict, judge_log

TROUBLE = "WARNING (MainThread) [custom_components.eas_station.trouble]"
START = (
    "WARNING (MainThread) [homeassistant.bootstrap] Skipping pip installation of all"
)


def judged(*lines: tuple[str, str]) -> LogVerdict:
    return judge_log("\n".join(f"2026-11-28 {at} {said}" for at, said in lines))


def told(count: int, hour: int = 1) -> list[tuple[str, str]]:
    said = f"{TROUBLE} Radio hears nothing: see"
    return [(f"{hour:02}:{4 * one:02}:00.000", f"{said} {one}") for one in range(count)]


def test_ten_lines_an_hour_are_no_flood_and_eleven_are() -> None:
    assert judged(*told(10)).holds
    flooded = judged(*told(11))
    assert not flooded.holds
    assert flooded.floods == ["11 × Radio hears nothing: see #"]
    assert flooded.most_an_hour == 11


def test_each_start_and_each_step_of_the_clock_counts_anew() -> None:
    again = judged(*told(10), ("01:40:00.000", START), ("01:41:00.000", told(1)[0][1]))
    assert again.holds
    assert (again.starts, again.stretches) == (1, 2)
    assert judged(*told(10), *told(10, 3)).stretches == 2


def test_a_line_that_a_full_disk_cut_off_is_not_the_next_one() -> None:
    cut = f"2026-11-28 01:00:00.000 ERROR (SyncWor2026-11-28 01:00:01.000 {TROUBLE}"
    verdict = judge_log(f"{cut} Radio hears nothing: see 1\n  and more")
    assert verdict.holds
    assert verdict.most_an_hour == 1


@pytest.mark.parametrize(
    "said",
    [
        "ERROR (MainThread) [custom_components.eas_station.history] It broke",
        (
            "WARNING (MainThread) [homeassistant.util.loop] Detected blocking call to open"
            " at custom_components/eas_station/card.py"
        ),
        (
            "ERROR (MainThread) [homeassistant] Error doing job: Task exception was never"
            ' retrieved\n  File "/config/custom_components/eas_station/card.py", line 9'
        ),
        (
            "WARNING (MainThread) [asyncio] Executing <Handle eas_station.py:1> took"
            " 1.500 seconds"
        ),
    ],
)
def test_what_is_ours_and_wrong_is_told(said: str) -> None:
    assert not judged(("01:00:00.000", said)).holds


@pytest.mark.parametrize(
    "said",
    [
        "ERROR (MainThread) [homeassistant.helpers.storage] Error writing eas_station.1",
        (
            "ERROR (MainThread) [homeassistant] Error doing job: Task exception was never"
            ' retrieved\n  File "/homeassistant/components/radio_browser/x.py", line 9'
        ),
        "WARNING (MainThread) [asyncio] Executing <Handle eas_station.py:1> took 0.2 seconds",
    ],
)
def test_what_is_others_or_no_harm_is_not(said: str) -> None:
    assert judged(("01:00:00.000", said)).holds
