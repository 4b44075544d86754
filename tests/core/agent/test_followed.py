"""What hundreds of agents tell of one message: the first at once, the rest gathered."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
import json
from typing import Any, override

import pytest

from eas_core.agent.followed import FollowedStation
from eas_core.agent.link import status
from eas_core.clock import SystemClock
from eas_core.station.contract import alert_fields, end_fields
from eas_core.station.options import StationOptions
from eas_core.station.records import (
    Alert,
    AlertUpdated,
    ChannelStatus,
    EndOfMessage,
    SourceState,
    SourceStatus,
    StationRecord,
)
from tests.core.agent.test_fleet import health
from tests.core.agent.told import alert

NOW = datetime(2026, 11, 25, 1, 0, 30, tzinfo=UTC)
HEARD = replace(alert(), received=NOW - timedelta(seconds=1))
MANY = [f"agent-{number}" for number in range(300)]


class StoppedClock(SystemClock):
    """A clock whose day stands still."""

    @override
    def now(self) -> datetime:
        return NOW


class Told:
    """A station that follows agents, and all that it told."""

    def __init__(self) -> None:
        options = StationOptions(name="County")
        self.station = FollowedStation("eas_station", options, StoppedClock())
        self.records: list[StationRecord] = []
        self.station.listen(self.records.append)
        self.station.start()
        self.records.clear()

    def hear(
        self, agents: Iterable[str], one: Alert = HEARD, **more: object
    ) -> list[StationRecord]:
        """Have agents hear an alert; return what was told of it."""
        return self.take({f"{name}/alert": alert_fields(one) | more for name in agents})

    def end(self, agents: Iterable[str], one: Alert = HEARD) -> list[StationRecord]:
        end = EndOfMessage(
            received=NOW, channels=("162.550",), alert_id=one.id, duration_s=40.0
        )
        return self.take({f"{name}/eom": end_fields(end) for name in agents})

    def take(self, messages: dict[str, dict[str, Any]]) -> list[StationRecord]:
        self.records.clear()
        for topic, fields in messages.items():
            agent = topic.partition("/")[0]
            told = {"version": 1, "agent": agent, "station": "Radio"} | fields
            self.station.feed(f"eas_station/{topic}", json.dumps(told))
        return self.records

    def flush(self) -> list[StationRecord]:
        self.records.clear()
        self.station.flush()
        return self.records


@pytest.fixture
def told() -> Told:
    return Told()


def channels_of(agents: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{name} 162.550" for name in agents)


def test_the_alert_and_its_corroboration_are_told_at_once_and_the_rest_as_one(
    told: Told,
) -> None:
    first, second = told.hear(MANY)
    assert isinstance(first, Alert)
    assert first.channels == channels_of(MANY[:1])
    assert isinstance(second, AlertUpdated)
    assert second.alert.corroborated
    assert second.alert.channels == channels_of(MANY[:2])
    assert told.station.waits
    (rest,) = told.flush()
    assert isinstance(rest, AlertUpdated)
    assert rest.alert == replace(second.alert, channels=channels_of(MANY))
    assert told.flush() == []


def test_no_name_is_lost_however_what_comes_is_gathered(told: Told) -> None:
    told.hear(MANY[:10])
    told.flush()
    assert told.hear(MANY[10:20]) == []
    (middle,) = told.flush()
    assert told.hear(MANY[20:]) == []
    (last,) = told.flush()
    assert isinstance(middle, AlertUpdated)
    assert middle.alert.channels == channels_of(MANY[:20])
    assert isinstance(last, AlertUpdated)
    assert last.alert.channels == channels_of(MANY)


def test_what_is_told_again_tells_nothing(told: Told) -> None:
    told.hear(MANY[:5])
    told.flush()
    assert told.hear(MANY[:5], late=True) == []
    assert not told.station.waits


def test_another_alert_waits_for_nobody(told: Told) -> None:
    told.hear(MANY[:10])
    (other,) = told.hear(MANY[:1], replace(alert("SVR"), received=NOW))
    assert isinstance(other, Alert)
    assert other.event_code == "SVR"
    (rest,) = told.flush()
    assert isinstance(rest, AlertUpdated)
    assert rest.alert.channels == channels_of(MANY[:10])


def test_what_was_uncertain_and_comes_in_whole_is_told_at_once(told: Told) -> None:
    partial = HEARD.header.replace("039035", "0390?5")
    torn = replace(HEARD, header=partial, partial=True, locations=())
    told.hear(MANY[:3], torn)
    waiting, mended = told.hear(MANY[3:4])
    assert isinstance(waiting, AlertUpdated)
    assert waiting.alert.channels == channels_of(MANY[:3])
    assert isinstance(mended, AlertUpdated)
    assert mended.alert.header == HEARD.header
    assert mended.alert.channels == channels_of(MANY[:4])


def test_the_end_comes_once_and_after_what_was_heard_before_it(told: Told) -> None:
    told.hear(MANY[:10])
    rest, end = told.end(MANY[:10])
    assert isinstance(rest, AlertUpdated)
    assert rest.alert.channels == channels_of(MANY[:10])
    assert isinstance(end, EndOfMessage)
    assert end.alert_id == HEARD.id
    assert told.end(MANY[10:20]) == []


def test_who_stops_tells_first_what_waits(told: Told) -> None:
    told.hear(MANY)
    told.records.clear()
    told.station.stop()
    rest, stopped = told.records
    assert isinstance(rest, AlertUpdated)
    assert rest.alert.channels == channels_of(MANY)
    assert isinstance(stopped, SourceStatus)
    assert stopped.state is SourceState.STOPPED


def test_of_each_channel_the_newest_state_is_told(told: Told) -> None:
    # As long as one hears, all together do.
    for name in ("attic", "barn"):
        told.take({f"{name}/status": status("online", ["Radio"])})
        told.take({f"{name}/health": health(SourceState.HEARING)})
    told.flush()
    assert told.take({"attic/health": health(SourceState.HEARING)}) == []
    told.take({"attic/health": health(SourceState.NO_SIGNAL)})
    told.take({"attic/health": health(SourceState.QUIET)})
    (newest,) = told.flush()
    assert isinstance(newest, ChannelStatus)
    assert (newest.channel, newest.state) == ("attic 162.550", SourceState.QUIET)


def test_each_agents_message_counts_and_one_that_comes_again_does_not(
    told: Told,
) -> None:
    told.hear(MANY[:3])
    told.hear(MANY[:3], late=True)
    told.end(MANY[:3])
    counters = told.station.counters
    assert (counters.messages, counters.duplicates) == (3, 3)
    assert counters.ends_of_message == 1
