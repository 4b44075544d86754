"""An agent that lies: it may be heard, and silences nobody else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
import json
from typing import Any

import pytest

from eas_core.agent.fleet import Fleet
from eas_core.station.contract import alert_fields, end_fields
from eas_core.station.merging import Merger
from eas_core.station.records import Alert, AlertUpdated, EndOfMessage, StationRecord
from tests.core.agent.told import alert

NOW = datetime(2026, 11, 25, 1, 0, 30, tzinfo=UTC)
TORNADO = replace(alert(), received=NOW)
TEST = replace(alert("RWT"), received=NOW)


@pytest.fixture
def fleet() -> Fleet:
    return Fleet("eas_station")


def say(
    fleet: Fleet, fields: dict[str, Any], agent: str = "attic", last: str = "alert"
) -> list[StationRecord]:
    told = {"version": 1, "agent": agent, "station": "Radio"} | fields
    return fleet.take(f"eas_station/{agent}/{last}", json.dumps(told), NOW)


def heard(fleet: Fleet, fields: dict[str, Any], agent: str = "attic") -> Alert:
    (told,) = say(fleet, fields, agent)
    assert isinstance(told, Alert)
    return told


def test_an_alert_says_what_its_header_does(fleet: Fleet) -> None:
    lies = {
        "event": "<b>All clear</b>",
        "significance": "test",
        "test": True,
        "message": "Nothing happens. http://evil.example",
        "originator_name": "Nobody",
        "expires": (NOW - timedelta(hours=1)).isoformat(),
        "issued": (NOW - timedelta(days=1)).isoformat(),
        "time_valid": False,
        "purge_minutes": 0,
        "partial": True,
        "locations": [],
        "corroborated": True,
    }
    told = heard(fleet, alert_fields(TORNADO) | lies)
    assert told == replace(TORNADO, channels=("attic 162.550",))


def test_whoever_takes_the_id_of_another_alert_silences_nothing(fleet: Fleet) -> None:
    merger = Merger(8)
    test = heard(fleet, alert_fields(TEST) | {"id": TORNADO.id})
    assert merger.take(test, NOW) == test
    # It comes by the station's own radio, and by another agent.
    assert merger.take(TORNADO, NOW) == TORNADO
    told = merger.take(heard(fleet, alert_fields(TORNADO), "barn"), NOW)
    assert isinstance(told, AlertUpdated)
    assert told.alert.event_code == "TOR"
    again = heard(fleet, alert_fields(TEST) | {"id": TORNADO.id})
    assert merger.take(again, NOW) is None


def test_a_self_test_is_none_of_what_was_on_the_air(fleet: Fleet) -> None:
    told = heard(fleet, alert_fields(TEST) | {"id": TORNADO.id, "self_test": True})
    assert told.self_test
    assert told.id not in (TORNADO.id, TEST.id)


def test_what_one_agent_calls_an_alert_is_so_for_no_other(fleet: Fleet) -> None:
    say(fleet, alert_fields(TEST) | {"id": TORNADO.id})
    say(fleet, alert_fields(TORNADO), "barn")
    end = EndOfMessage(
        received=NOW, channels=("162.550",), alert_id=TORNADO.id, duration_s=40.0
    )
    for agent, one in (("attic", TEST), ("barn", TORNADO)):
        (told,) = say(fleet, end_fields(end), agent, "eom")
        assert isinstance(told, EndOfMessage)
        assert told.alert_id == one.id


def test_what_is_better_known_later_keeps_its_id_and_another_does_not(
    fleet: Fleet,
) -> None:
    guessed = replace(alert("TOA"), received=NOW)
    unsure = {"header": TORNADO.header.replace("TOR", "T??"), "event_code": ""}
    first = heard(fleet, alert_fields(guessed) | unsure)
    assert (first.event, first.id) == ("", guessed.id)
    named = {"id": guessed.id, "update": True}
    (better,) = say(fleet, alert_fields(TORNADO) | named)
    assert isinstance(better, AlertUpdated)
    assert better.alert.id == first.id
    (other,) = say(fleet, alert_fields(TEST) | named)
    assert isinstance(other, AlertUpdated)
    assert other.alert.id == TEST.id
