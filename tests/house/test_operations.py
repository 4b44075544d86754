"""The page for those who watch many stations tells of every fault that is shown."""

import json
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
TABLE = PAGE.partition("## Faults")[2].partition("\n## ")[0]
STRINGS: dict[str, Any] = json.loads(
    (ROOT / "custom_components" / "eas_station" / "strings.json").read_bytes()
)
STATUS = STRINGS["entity"]["sensor"]["source_status"]
REASONS = STATUS["state_attributes"]["reason"]["state"]
HEALTHY = {"starting", "hearing"}


@pytest.mark.parametrize("issue", STRINGS["issues"])
def test_every_repair_is_in_the_table_of_faults(issue: str) -> None:
    assert f"`{issue}`" in TABLE, f"Tell of {issue} in docs/operations.md, Faults"


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_is_in_the_table_of_faults(reason: str) -> None:
    assert f"(`{reason}`)" in TABLE, f"Tell of {reason} in docs/operations.md, Faults"


@pytest.mark.parametrize("state", sorted(STATUS["state"].keys() - HEALTHY))
def test_every_status_is_in_the_table_of_faults(state: str) -> None:
    assert f"| {state} |" in TABLE, f"Tell of {state} in docs/operations.md, Faults"


LOG = "tests/integration/test_fault_log.py"
AGENTS = "tests/integration/test_fault_log_agents.py"
BROKER = "tests/integration/test_fault_log_broker.py"
DAMAGE = "tests/history/test_damage.py"
STATION = "tests/integration/test_fault_log_station.py"
TEXTS = "tests/integration/test_fault_log_texts.py"
FAILS = f"{LOG}::test_a_source_that_fails_for_an_hour_is_two_lines_and_a_repair"

TESTED = {
    "device or page is not there": FAILS,
    "driver is missing": FAILS,
    "host has no address": FAILS,
    "password is wrong": FAILS,
    "no audio that can be read": FAILS,
    "driver hangs": FAILS,
    "the station's own thread": f"{STATION}::test_a_thread_that_hangs_whenever_it_is_loaded_is_one_line",
    "samples are lost": f"{LOG}::test_an_hour_of_bad_sound_is_two_lines_and_a_repair",
    "silence": f"{LOG}::test_an_hour_of_bad_sound_is_two_lines_and_a_repair",
    "no station on": f"{LOG}::test_an_hour_of_what_a_station_tells_again_is_two_lines",
    "file has ended": "tests/integration/test_trouble.py::test_what_is_not_heard_any_more_is_no_issue",
    "no driver can": f"{STATION}::test_a_driver_that_cannot_be_installed_is_said_by_home_assistant",
    "entry that cannot": f"{STATION}::test_an_entry_that_cannot_be_read_is_said_once_by_home_assistant",
    "decoder is behind": f"{LOG}::test_a_decoder_that_is_behind_at_times_fills_no_log",
    "clock is off": f"{LOG}::test_a_clock_that_is_off_is_told_and_that_it_is_right_again",
    "no weekly test": f"{LOG}::test_a_missing_test_is_told_and_the_next_one",
    "disk is full": f"{LOG}::test_what_is_recorded_no_more_is_told_and_that_it_is_again",
    "folder cannot": f"{LOG}::test_what_is_recorded_no_more_is_told_and_that_it_is_again",
    "stored history": f"{DAMAGE}::test_a_disk_that_has_lost_every_file_fills_no_log",
    "history cannot": f"{DAMAGE}::test_a_disk_that_is_away_for_an_hour_is_told_once_and_costs_nothing",
    "speech-to-text": f"{TEXTS}::test_an_engine_that_is_gone_is_a_repair_and_a_line",
    "it fails": f"{TEXTS}::test_an_engine_that_fails_is_a_line_and_is_left_alone_at_times",
    "a transcript": f"{TEXTS}::test_a_transcript_that_cannot_be_written_is_a_line",
    "Weather Service": f"{TEXTS}::test_a_weather_service_that_does_not_answer_is_a_line",
    "broker is away": f"{BROKER}::test_an_hour_without_a_broker_is_two_lines_and_a_repair",
    "agent is away": f"{AGENTS}::test_an_agent_that_is_away_is_off_and_the_last_of_them_a_repair",
    "agent's source": "tests/core/agent/test_agent_log.py::test_an_agent_says_what_its_source_does",
    "agents' recordings": f"{BROKER}::test_recordings_that_do_not_come_are_two_lines",
    "agent of a later": f"{AGENTS}::test_an_agent_of_a_later_version_is_a_problem_and_a_repair_until_it_is_none",
    "agent tells what": f"{AGENTS}::test_what_cannot_be_read_is_a_problem_and_a_repair_until_it_can",
    "agent's clock": f"{AGENTS}::test_a_clock_of_an_agent_is_a_problem_and_a_repair_until_it_is_right",
}
"""By the beginning of each row: the test that counts its lines, or sees that it has none."""


def test_every_fault_of_the_table_has_its_test() -> None:
    rows = [line[2:] for line in TABLE.splitlines() if line.startswith("| ")][2:]
    assert len(rows) == len(TESTED)
    for row, (begins, test) in zip(rows, TESTED.items(), strict=True):
        assert row.startswith(begins)
        file, name = test.split("::")
        assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8"), test
