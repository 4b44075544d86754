"""Many agents under one base, as one who follows them sees them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
import json
from typing import Any

import pytest

from eas_core.agent.fleet import GONE_HINT, MOST_AGENTS, NOBODY_HINT, Fleet
from eas_core.agent.health import station_health
from eas_core.agent.link import status
from eas_core.station.contract import alert_fields, end_fields
from eas_core.station.merging import Merger
from eas_core.station.records import (
    Alert,
    AlertUpdated,
    ChannelStatus,
    EndOfMessage,
    RecordingOffered,
    SourceState,
    SourceStatus,
    StationRecord,
)
from tests.core.agent.told import ToldStation, alert

NOW = datetime(2026, 11, 25, 1, 0, 30, tzinfo=UTC)
HEARD = replace(alert(), received=NOW - timedelta(seconds=1))


@pytest.fixture
def fleet() -> Fleet:
    return Fleet("eas_station")


def say(
    fleet: Fleet, topic: str, told: Any, now: datetime = NOW
) -> list[StationRecord]:
    payload = told if isinstance(told, bytes) else json.dumps(told)
    return fleet.take(f"eas_station/{topic}", payload, now)


def told(agent: str, one: Alert = HEARD, **more: object) -> dict[str, Any]:
    return {"version": 1, "agent": agent, "station": "Radio"} | alert_fields(one) | more


def health(state: SourceState) -> dict[str, Any]:
    station = station_health("Radio", ToldStation())
    station["channels"][0] |= {"state": state, "channel": "162.550"}
    return {"version": 1, "kept": 0, "unsent": 0, "stations": [station]}


def test_an_agent_comes_hears_and_goes(fleet: Fleet) -> None:
    (first,) = say(fleet, "attic/status", status("online", ["Radio"]))
    assert isinstance(first, SourceStatus)
    assert first.state is SourceState.STARTING
    channel, source = say(fleet, "attic/health", health(SourceState.HEARING))
    assert isinstance(channel, ChannelStatus)
    assert (channel.channel, channel.state) == ("attic 162.550", SourceState.HEARING)
    assert isinstance(source, SourceStatus)
    assert source.state is SourceState.HEARING
    assert say(fleet, "attic/health", health(SourceState.HEARING)) == []
    later = NOW + timedelta(minutes=5)
    gone, down = say(fleet, "attic/status", status("offline"), later)
    assert isinstance(gone, ChannelStatus)
    assert gone.state is SourceState.DOWN
    assert isinstance(down, SourceStatus)
    assert (down.state, down.since) == (SourceState.DOWN, later)
    assert down.hint is not None
    assert not fleet.agents["attic"].online


def test_who_is_gone_when_it_is_heard_of_first_need_not_be_the_only_one(
    fleet: Fleet,
) -> None:
    assert say(fleet, "attic/status", status("offline")) == []
    (starts,) = say(fleet, "barn/status", status("online"))
    assert isinstance(starts, SourceStatus)
    assert starts.state is SourceState.STARTING


def test_where_nobody_comes_that_is_told_and_a_broker_that_is_gone(
    fleet: Fleet,
) -> None:
    say(fleet, "attic/status", status("offline"))
    hints = []
    for changed in (fleet.connected, fleet.connected, fleet.disconnected):
        for record in changed(NOW):
            assert isinstance(record, SourceStatus)
            assert (record.state, record.since) == (SourceState.DOWN, NOW)
            hints.append(record.hint)
    assert hints == [NOBODY_HINT, GONE_HINT]


def test_one_agent_that_hears_is_enough(fleet: Fleet) -> None:
    for name in ("attic", "barn"):
        say(fleet, f"{name}/status", status("online"))
    say(fleet, "attic/health", health(SourceState.NO_SIGNAL))
    records = say(fleet, "barn/health", health(SourceState.HEARING))
    assert isinstance(records[-1], SourceStatus)
    assert records[-1].state is SourceState.HEARING
    records = say(fleet, "barn/status", status("offline"))
    assert isinstance(records[-1], SourceStatus)
    assert records[-1].state is SourceState.NO_SIGNAL


def test_health_that_the_broker_kept_is_of_another_time(fleet: Fleet) -> None:
    old = health(SourceState.HEARING) | {"at": "2026-11-20T01:00:00+00:00"}
    payload = json.dumps(old)
    topic = "eas_station/attic/health"
    (channel,) = fleet.take(topic, payload, NOW, retained=True)
    assert isinstance(channel, ChannelStatus)
    assert channel.state is SourceState.DOWN
    assert fleet.agents["attic"].health is not None
    assert fleet.agents["attic"].clock.compared == ()
    begins, _ = say(fleet, "attic/status", status("online"))
    assert isinstance(begins, ChannelStatus)
    assert begins.state is SourceState.STARTING


def test_the_broker_gone_is_nobody_there(fleet: Fleet) -> None:
    say(fleet, "attic/status", status("online"))
    (down,) = fleet.disconnected(NOW)
    assert isinstance(down, SourceStatus)
    assert down.state is SourceState.DOWN
    assert not fleet.agents["attic"].online


def test_several_that_hear_the_same_make_one_alert_that_names_them_all(
    fleet: Fleet,
) -> None:
    merger, made = Merger(64), []
    for name in ("attic", "barn", "cabin", "barn"):
        for record in say(fleet, f"{name}/alert", told(name)):
            assert isinstance(record, Alert)
            made.append(merger.take(record, NOW))
    first, second, third, again = made
    assert isinstance(first, Alert)
    assert not first.corroborated
    assert isinstance(second, AlertUpdated)
    assert second.alert.corroborated
    assert isinstance(third, AlertUpdated)
    assert third.alert.channels == ("attic 162.550", "barn 162.550", "cabin 162.550")
    assert again is None


def test_an_end_comes_from_its_agent(fleet: Fleet) -> None:
    end = EndOfMessage(
        received=NOW, channels=("162.550",), alert_id=HEARD.id, duration_s=40.0
    )
    said = {"version": 1, "agent": "attic", "station": "Radio"} | end_fields(end)
    assert say(fleet, "attic/eom", said) == [replace(end, channels=("attic 162.550",))]
    assert say(fleet, "attic/eom", said) == []


def test_an_end_that_is_delivered_twice_is_one_whatever_the_agents_clock_says(
    fleet: Fleet,
) -> None:
    soon = NOW + timedelta(seconds=30)
    end = EndOfMessage(
        received=soon, channels=("162.550",), alert_id=HEARD.id, duration_s=40.0
    )
    said = {"version": 1, "agent": "attic", "station": "Radio"} | end_fields(end)
    (told,) = say(fleet, "attic/eom", said)
    assert isinstance(told, EndOfMessage)
    assert told.received == NOW
    assert say(fleet, "attic/eom", said, NOW + timedelta(seconds=5)) == []


def test_an_alert_is_no_end_of_message(fleet: Fleet) -> None:
    assert say(fleet, "attic/eom", told("attic")) == []
    assert fleet.counts["malformed"] == 1


@pytest.mark.parametrize(
    ("seconds", "marked", "late"),
    [(1, False, False), (1, True, True), (59, False, False), (61, False, True)],
)
def test_what_was_long_on_the_way_is_late(
    fleet: Fleet, seconds: int, marked: bool, late: bool
) -> None:
    received = NOW - timedelta(seconds=seconds)
    one = replace(HEARD, received=received)
    (record,) = say(fleet, "attic/alert", told("attic", one, late=marked))
    assert isinstance(record, Alert)
    assert (record.late, record.received) == (late, received)


def test_a_message_that_is_none_is_counted_and_touches_nothing_else(
    fleet: Fleet,
) -> None:
    say(fleet, "attic/status", status("online"))
    say(fleet, "barn/status", status("online"))
    before = fleet.agents["barn"]
    assert say(fleet, "attic/alert", b"\xff") == []
    assert say(fleet, "attic/alert", told("attic", bursts="many")) == []
    assert say(fleet, "attic/dance", {"version": 1}) == []
    assert fleet.agents["attic"].malformed == 3
    assert fleet.agents["barn"] == before
    assert fleet.counts["malformed"] == 3
    assert say(fleet, "ATTIC/alert", told("attic")) == []
    assert say(fleet, "attic/deep/alert", told("attic")) == []
    assert fleet.counts["foreign"] == 2


def test_what_claims_to_be_from_another_agent_is_none(fleet: Fleet) -> None:
    assert say(fleet, "attic/alert", told("barn")) == []
    assert fleet.counts["malformed"] == 1


def test_what_is_wrong_with_what_an_agent_says_is_known_until_it_speaks_well(
    fleet: Fleet,
) -> None:
    assert say(fleet, "attic/status", status("online") | {"version": 2}) == []
    (newer,) = fleet.faults_of("attic")
    assert newer.newer
    assert newer.topic == "eas_station/attic/status"
    assert "update EAS Station" in newer.text
    say(fleet, "attic/status", status("online"))
    assert fleet.faults_of("attic") == []
    say(fleet, "attic/alert", told("attic", bursts="many"))
    say(fleet, "attic/health", health(SourceState.HEARING))
    (malformed,) = fleet.faults_of("attic")
    assert not malformed.newer
    assert "bursts" in malformed.text
    assert fleet.faults_of("barn") == []
    say(fleet, "attic/alert", told("attic"))
    assert fleet.faults_of("attic") == []


def test_health_that_an_agent_left_behind_is_no_fault_of_its(fleet: Fleet) -> None:
    fleet.take("eas_station/attic/health", b"{}", NOW, retained=True)
    say(fleet, "barn/status", status("offline"))
    fleet.take("eas_station/barn/health", b"{}", NOW, retained=True)
    assert fleet.faults == {}
    assert fleet.counts["malformed"] == 2
    say(fleet, "barn/status", status("online"))
    fleet.take("eas_station/barn/health", b"{}", NOW, retained=True)
    assert list(fleet.faults) == [("barn", "health")]


def test_what_was_retained_and_is_taken_back_is_no_message(fleet: Fleet) -> None:
    say(fleet, "attic/status", status("online"))
    say(fleet, "attic/alert", b"rubbish")
    say(fleet, "attic/alert", b"")
    assert fleet.faults == {}
    (down,) = say(fleet, "attic/status", b"")
    assert isinstance(down, SourceStatus)
    assert down.state is SourceState.DOWN
    assert fleet.counts["malformed"] == 1
    assert say(fleet, "nobody/health", b"") == []
    assert "nobody" not in fleet.agents


def test_why_a_channel_does_not_hear_is_told_of_its_agent(fleet: Fleet) -> None:
    assert fleet.reason_of("attic 162.550") == "disconnected"
    say(fleet, "attic/status", status("online"))
    told_health = health(SourceState.NO_SIGNAL)
    told_health["stations"][0]["reason"] = "no_carrier"
    say(fleet, "attic/health", told_health)
    assert fleet.reason_of("attic 162.550") == "no_carrier"
    assert fleet.reason_of("attic 162.400") is None


def test_it_says_of_which_agents_something_is_new(fleet: Fleet) -> None:
    say(fleet, "attic/status", status("online"))
    say(fleet, "barn/health", b"rubbish")
    assert fleet.changes() == {"attic", "barn"}
    say(fleet, "attic/alert", told("attic"))
    assert fleet.changes() == set()
    fleet.disconnected(NOW)
    assert fleet.changes() == {"attic"}


def test_a_flood_of_agents_is_bounded(fleet: Fleet) -> None:
    for number in range(MOST_AGENTS + 10):
        say(fleet, f"a{number}/status", status("online"))
    assert len(fleet.agents) == MOST_AGENTS
    fleet.forget("a0")
    say(fleet, "new/status", status("online"))
    assert "new" in fleet.agents


NAME = f"20261125T010000000Z-TOR-{HEARD.id}"


def offer(**changed: object) -> dict[str, Any]:
    said = {
        "version": 1,
        "agent": "attic",
        "station": "Radio",
        "alert_id": HEARD.id,
        "name": NAME,
        "received": HEARD.received.isoformat(),
        "duration_s": 41.5,
        "complete": True,
    }
    return said | changed


def test_a_recording_is_offered_where_there_is_room_for_it() -> None:
    records = Fleet("eas_station", records=True)
    (alert_told,) = say(records, "attic/alert", told("attic", recording=NAME))
    assert isinstance(alert_told, Alert)
    assert alert_told.recording == NAME
    (offered,) = say(records, "attic/recording", offer())
    assert isinstance(offered, RecordingOffered)
    assert (offered.agent, offered.told_as, offered.name) == ("attic", HEARD.id, NAME)
    keeps_none = Fleet("eas_station")
    (alert_told,) = say(keeps_none, "attic/alert", told("attic", recording=NAME))
    assert isinstance(alert_told, Alert)
    assert alert_told.recording is None
    assert say(keeps_none, "attic/recording", offer()) == []


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", NAME.replace(HEARD.id, "f" * 16), f"{NAME}/..", 7, "§"],
)
def test_a_recording_of_another_alert_is_not_named(name: object) -> None:
    fleet = Fleet("eas_station", records=True)
    # The alert is none the worse for it.
    (alert_told,) = say(fleet, "attic/alert", told("attic", recording=name))
    assert isinstance(alert_told, Alert)
    assert alert_told.recording is None
    assert say(fleet, "attic/recording", offer(name=name)) == []
    assert fleet.counts["malformed"] == 1


def test_an_agent_offers_no_recording_of_another_agent() -> None:
    fleet = Fleet("eas_station", records=True)
    assert say(fleet, "barn/recording", offer()) == []
    assert fleet.counts["malformed"] == 1


def test_a_recording_is_of_the_alert_as_it_was_told_first() -> None:
    merger, fleet = Merger(8), Fleet("eas_station", records=True)
    unsure = "ZCZC-WXR-TOR-039035+????-3290100-KCLE/NWS-"
    first = replace(alert(), id="0" * 16, header=unsure, partial=True)
    merger.take(first, NOW)
    (second,) = say(fleet, "attic/alert", told("attic"))
    assert isinstance(second, Alert)
    assert isinstance(merger.take(second, NOW), AlertUpdated)
    (offered,) = say(fleet, "attic/recording", offer())
    assert isinstance(offered, RecordingOffered)
    known = merger.take(offered, NOW)
    assert isinstance(known, RecordingOffered)
    assert (known.alert_id, known.told_as) == (first.id, HEARD.id)


def test_all_agents_call_a_recording_as_the_first_has() -> None:
    fleet = Fleet("eas_station", records=True)
    other = NAME.replace("T010000000Z", "T010000777Z")
    say(fleet, "attic/alert", told("attic", recording=NAME))
    (second,) = say(fleet, "barn/alert", told("barn", recording=other))
    assert isinstance(second, Alert)
    assert second.recording == NAME
    for seconds, recording in enumerate((other, None)):
        end = EndOfMessage(
            received=NOW - timedelta(seconds=seconds),
            channels=("162.550",),
            alert_id=HEARD.id,
            duration_s=41.5,
        )
        said = {"version": 1, "agent": "barn", "station": "Radio"} | end_fields(end)
        (ended,) = say(fleet, "barn/eom", said | {"recording": recording})
        assert isinstance(ended, EndOfMessage)
        assert ended.recording == NAME
