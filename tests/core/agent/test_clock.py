"""An agent's clock that is wrong silences no warning that lives, and fires none that is over."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from eas_core.agent.clock import AgentClock, placed
from eas_core.agent.fleet import Fleet
from eas_core.agent.link import status, to_json
from eas_core.same.header import parse_header
from eas_core.station.alerts import build_alert
from eas_core.station.contract import alert_fields, end_fields
from eas_core.station.recording_files import recording_name
from eas_core.station.records import Alert, EndOfMessage
from tests.core.station.decoded import decoded

NOW = datetime(2026, 11, 25, 1, 0, 30, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LIFE = 30 * MINUTE


def heard(ago: timedelta, clock: timedelta, *, issued_ago: timedelta) -> Alert:
    """A warning that lives half an hour, as an agent whose clock is so far ahead heard it."""
    issued = NOW - issued_ago
    header = f"ZCZC-WXR-TOR-039035+0030-{issued:%j%H%M}-KCLE/NWS-"
    return build_alert(decoded(header), "162.550", NOW - ago + clock)


def is_silent(alert: Alert) -> bool:
    """As Home Assistant has it: what comes too late goes to the history."""
    return alert.late and alert.expires <= NOW


CLOCKS = [
    timedelta(),
    3 * MINUTE,
    -3 * MINUTE,
    HOUR,
    -HOUR,
    40 * DAY,
    -40 * DAY,
    400 * DAY,
    -400 * DAY,
    datetime(1970, 1, 1, 0, 5, tzinfo=UTC) - NOW,
    datetime(2100, 1, 1, tzinfo=UTC) - NOW,
]


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("late", [True, False])
@pytest.mark.parametrize("clock", CLOCKS)
def test_a_warning_that_lives_is_told_whatever_the_clock(
    clock: timedelta, late: bool, known: bool
) -> None:
    for ago in (timedelta(seconds=1), 10 * MINUTE):
        one = replace(heard(ago, clock, issued_ago=ago + MINUTE), late=late)
        off = clock if known and abs(clock) > 2 * MINUTE else None
        alert = placed(one, AgentClock(off=off), NOW)
        assert not is_silent(alert)
        assert alert.issued == (NOW - ago - MINUTE).replace(second=0)
        assert alert.expires == alert.issued + LIFE
        assert alert.id == heard(ago, timedelta(), issued_ago=ago + MINUTE).id
        assert alert.received <= NOW
        if known:
            assert alert.received == NOW - ago


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("clock", CLOCKS)
def test_what_was_kept_until_it_was_over_sounds_no_siren(
    clock: timedelta, known: bool
) -> None:
    one = replace(heard(50 * MINUTE, clock, issued_ago=51 * MINUTE), late=True)
    off = clock if known and abs(clock) > 2 * MINUTE else None
    assert is_silent(placed(one, AgentClock(off=off), NOW))


@pytest.mark.parametrize("clock", CLOCKS)
def test_what_was_long_on_the_way_is_not_taken_for_new(clock: timedelta) -> None:
    """As where the connection broke while it was being sent: it is not marked late."""
    one = heard(50 * MINUTE, clock, issued_ago=51 * MINUTE)
    off = clock if abs(clock) > 2 * MINUTE else None
    assert is_silent(placed(one, AgentClock(off=off), NOW))


def test_where_the_clock_here_is_wrong_the_agent_is_believed() -> None:
    """The message agrees with the agent: a station here would tell it too."""
    for ahead in (HOUR, -HOUR):
        truth = NOW - ahead
        issued = truth - MINUTE
        one = heard(NOW - truth, timedelta(), issued_ago=NOW - issued)
        alert = placed(one, AgentClock(off=-ahead), NOW)
        assert not is_silent(alert)
        assert not alert.late
        assert alert.received == NOW


def test_a_message_without_a_time_counts_from_when_it_was_heard() -> None:
    one = heard(timedelta(seconds=1), HOUR, issued_ago=MINUTE)
    header = one.header.replace(parse_header(one.header).issued_code, "?" * 7)
    one = replace(one, header=header, time_valid=False, issued=one.received)
    alert = placed(one, AgentClock(off=HOUR), NOW)
    assert alert.issued == alert.received == NOW - timedelta(seconds=1)
    assert alert.expires == alert.issued + LIFE


def test_a_clock_is_known_by_the_message_that_was_least_on_the_way() -> None:
    clock = AgentClock().take(NOW + HOUR, NOW)
    assert clock.off == HOUR
    # Forty minutes on the way: by this alone it would be ahead by twenty.
    clock = clock.take(NOW + HOUR + MINUTE, NOW + 41 * MINUTE)
    assert clock.off == HOUR
    assert clock.take(NOW + 50 * MINUTE, NOW + 50 * MINUTE).off is None


def test_one_message_that_was_on_the_way_says_nothing_of_the_clock() -> None:
    clock = AgentClock().take(NOW - 10 * MINUTE, NOW)
    # What waited with it comes with it.
    clock = clock.take(NOW - 9 * MINUTE, NOW + timedelta(seconds=1))
    assert clock.off is None
    assert clock.take(NOW, NOW).compared == ()
    assert clock.take(NOW - 8 * MINUTE, NOW + MINUTE).off == -9 * MINUTE


def test_a_clock_at_the_limit_does_not_flap() -> None:
    clock = AgentClock().take(NOW + 119 * timedelta(seconds=1), NOW)
    assert clock.off is None
    clock = clock.take(NOW + 3 * MINUTE, NOW)
    assert clock.off == 3 * MINUTE
    for _ in range(5):
        clock = clock.take(NOW + 90 * timedelta(seconds=1), NOW)
        assert clock.off is not None
    assert clock.take(NOW + MINUTE, NOW).off is None


def test_a_fleet_learns_clocks_by_health_and_by_alerts() -> None:
    fleet = Fleet("eas_station")
    fleet.take("eas_station/attic/status", to_json(status("online")), NOW)

    def health(at: datetime, now: datetime, *, retained: bool = False) -> None:
        told = {"version": 1, "at": at.isoformat(), "stations": []}
        topic = "eas_station/attic/health"
        fleet.take(topic, to_json(told), now, retained=retained)

    def alert(one: Alert) -> Alert:
        told = {"version": 1, "agent": "attic", "station": "R"} | alert_fields(one)
        (record,) = fleet.take("eas_station/attic/alert", to_json(told), NOW)
        assert isinstance(record, Alert)
        return record

    health(NOW - DAY, NOW, retained=True)
    assert fleet.agents["attic"].clock.off is None
    health(NOW - HOUR, NOW - MINUTE)
    health(NOW - HOUR + MINUTE, NOW)
    assert fleet.agents["attic"].clock.off == -59 * MINUTE
    health(NOW, NOW)
    assert fleet.agents["attic"].clock.off is None
    soon = heard(timedelta(), HOUR, issued_ago=MINUTE)
    assert alert(soon).received == NOW
    assert fleet.agents["attic"].clock.off == HOUR
    assert not alert(heard(timedelta(), timedelta(), issued_ago=MINUTE)).late
    assert fleet.agents["attic"].clock.off is None


def test_what_comes_of_an_alert_later_has_the_alerts_id_of_here() -> None:
    fleet = Fleet("eas_station", records=True)
    one = heard(timedelta(), -400 * DAY, issued_ago=MINUTE)
    told = {"version": 1, "agent": "attic", "station": "Radio"}

    def say(last: str, more: dict[str, Any]) -> Any:
        (record,) = fleet.take(f"eas_station/attic/{last}", to_json(told | more), NOW)
        return record

    alert = say("alert", alert_fields(one))
    assert alert.id == heard(timedelta(), timedelta(), issued_ago=MINUTE).id != one.id
    end = EndOfMessage(
        received=one.received, channels=("162.550",), alert_id=one.id, duration_s=9.0
    )
    ended = say("eom", end_fields(end))
    assert ended.alert_id == alert.id
    offered = say(
        "recording",
        {
            "alert_id": one.id,
            "name": recording_name(one.received, "TOR", one.id),
            "received": one.received.isoformat(),
            "duration_s": 9.0,
            "complete": True,
        },
    )
    assert (offered.alert_id, offered.told_as) == (alert.id, one.id)
