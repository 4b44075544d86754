"""The log of required tests: by sender and week, with what is missing."""

import csv
from datetime import UTC, datetime, timedelta
import io
from typing import Any
from zoneinfo import ZoneInfo

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import probatio
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.eas_station.test_log import COLUMNS, as_csv, log_rows
from tests.integration.alerts import alert, set_up, tell
from tests.integration.calling import call

ZONE = ZoneInfo("America/New_York")
MONDAY = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)
"""Midnight in the zone; ISO week 23."""


def heard_test(
    event: str, week: int, day: float, sender: str = "KCLE/NWS", **more: Any
) -> dict[str, Any]:
    """Return a test that came so many days into a week from the first."""
    at = MONDAY + timedelta(weeks=week, days=day)
    return {
        "event_code": event,
        "received": at.isoformat(),
        "sender": sender,
        "channels": ["162.550"],
        "self_test": False,
    } | more


def rows(*tests: dict[str, Any], weeks: float = 4, start: float = 0) -> list[Any]:
    begin, end = MONDAY + timedelta(days=start), MONDAY + timedelta(weeks=weeks)
    return log_rows("Home EAS", tests, begin, end, ZONE)


def brief(found: list[Any]) -> list[tuple[str, str, str, str]]:
    return [(one["sender"], one["test"], one["period"], one["status"]) for one in found]


def test_each_week_without_a_test_is_shown() -> None:
    found = rows(heard_test("RWT", 0, 2.5), heard_test("RWT", 2, 2.5), weeks=4.3)
    assert brief(found) == [
        ("KCLE/NWS", "RWT", "2026-W23", "received"),
        ("KCLE/NWS", "RWT", "2026-W24", "missing"),
        ("KCLE/NWS", "RWT", "2026-W25", "received"),
        ("KCLE/NWS", "RWT", "2026-W26", "missing"),
        ("KCLE/NWS", "RWT", "2026-W27", "incomplete"),
    ]
    assert found[0]["received"] == "2026-06-03T12:00:00-04:00"
    assert found[0]["channels"] == ["162.550"]
    assert found[0]["begins"] == "2026-06-01"
    assert found[1]["received"] is None


def test_a_monthly_test_takes_the_place_of_the_weekly_one() -> None:
    found = rows(
        heard_test("RWT", 0, 1, "WXYZ"),
        heard_test("RMT", 1, 1, "WXYZ"),
        heard_test("RWT", 2, 1, "WXYZ"),
        weeks=3,
    )
    assert brief(found) == [
        ("WXYZ", "RWT", "2026-W23", "received"),
        ("WXYZ", "RWT", "2026-W24", "monthly_instead"),
        ("WXYZ", "RWT", "2026-W25", "received"),
        ("WXYZ", "RWT", "2026-W26", "incomplete"),
        ("WXYZ", "RMT", "2026-06", "received"),
    ]


def test_a_month_without_a_monthly_test_is_shown_of_who_sends_them() -> None:
    found = rows(heard_test("RMT", 0, 1, "WXYZ"), heard_test("RWT", 0, 2), weeks=10)
    monthly = [one for one in brief(found) if one[1] == "RMT"]
    assert monthly == [
        ("WXYZ", "RMT", "2026-06", "received"),
        ("WXYZ", "RMT", "2026-07", "missing"),
        ("WXYZ", "RMT", "2026-08", "incomplete"),
    ]


def test_each_sender_has_rows_from_its_first_test_on() -> None:
    found = rows(
        heard_test("RWT", 0, 1, "KCLE/NWS"),
        heard_test("RWT", 1, 1, "KCLE/NWS"),
        heard_test("RWT", 1, 1, "WXYZ"),
        heard_test("RWT", 1, 3, "WXYZ"),
        weeks=2,
    )
    assert [(one[0], one[2]) for one in brief(found) if one[3] == "received"] == [
        ("KCLE/NWS", "2026-W23"),
        ("KCLE/NWS", "2026-W24"),
        ("WXYZ", "2026-W24"),
        ("WXYZ", "2026-W24"),
    ]


def test_where_no_test_came_all_weeks_are_missing() -> None:
    own = heard_test("RWT", 1, 1, self_test=True)
    assert brief(rows(own, heard_test("TOR", 1, 1), weeks=2.5, start=2)) == [
        ("", "RWT", "2026-W23", "incomplete"),
        ("", "RWT", "2026-W24", "missing"),
        ("", "RWT", "2026-W25", "incomplete"),
    ]


def test_weeks_and_months_are_those_of_the_place() -> None:
    # Sunday evening in New York is Monday in UTC.
    (first, *_) = rows(heard_test("RWT", 0, 6.9), weeks=1)
    assert first["period"] == "2026-W23"
    assert first["received"].startswith("2026-06-07T21:36")


def test_the_table_is_read_by_spreadsheets_and_runs_nothing_there() -> None:
    text = as_csv(rows(heard_test("RWT", 0, 1, '=CMD(",'), weeks=1))
    first, *others = csv.DictReader(io.StringIO(text))
    assert tuple(first) == COLUMNS
    assert first["sender"] == "'=CMD(\","
    assert first["channels"] == "162.550"
    assert all(one["received"] == "" for one in others)


async def test_the_log_is_exported_from_the_history(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    simulator_entry: MockConfigEntry,
) -> None:
    freezer.move_to(MONDAY + timedelta(days=2))
    coordinator = await set_up(hass, simulator_entry)
    for week in range(4):
        freezer.move_to(MONDAY + timedelta(weeks=week, days=2.5))
        async_fire_time_changed(hass)
        if week != 2:
            await tell(hass, coordinator, alert("RWT"))
        await tell(hass, coordinator, alert("TOR"))
    log = await call(hass, "export_test_log")
    told = [(one["period"], one["status"]) for one in log["rows"]]
    assert told == [
        ("2026-W23", "received"),
        ("2026-W24", "received"),
        ("2026-W25", "missing"),
        ("2026-W26", "received"),
    ]
    assert log["rows"][0]["station"] == "Home EAS"
    assert len(log["csv"].splitlines()) == 5
    since = (MONDAY + timedelta(weeks=3)).isoformat()
    log = await call(hass, "export_test_log", {"start_time": since})
    assert [one["period"] for one in log["rows"]] == ["2026-W26"]
    until = (MONDAY + timedelta(weeks=2)).isoformat()
    log = await call(hass, "export_test_log", {"end_time": until})
    told = [(one["period"], one["status"]) for one in log["rows"]]
    assert told == [("2026-W23", "received"), ("2026-W24", "received")]


@pytest.mark.parametrize("action", ["export_test_log", "get_alerts"])
async def test_a_time_that_there_is_not_is_refused(
    hass: HomeAssistant, simulator_entry: MockConfigEntry, action: str
) -> None:
    await set_up(hass, simulator_entry)
    with pytest.raises(probatio.Invalid):
        await call(hass, action, {"start_time": "9999-12-31 23:59:59"})


async def test_nothing_is_missing_from_before_the_set_up(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    await set_up(hass, simulator_entry)
    log = await call(hass, "export_test_log", {"start_time": "2001-01-01 00:00:00"})
    assert [one["status"] for one in log["rows"]] == ["incomplete"]
