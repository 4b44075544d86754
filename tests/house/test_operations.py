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
