"""What an agent writes is read as it was; anything else is told to be none."""

from collections.abc import Callable
from datetime import UTC, datetime
import json
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from eas_core.agent.health import station_health
from eas_core.agent.link import status, to_json
from eas_core.agent.payload import LONGEST, NewerVersionError, PayloadError
from eas_core.agent.reading import (
    agent_of,
    read_alert,
    read_end,
    read_health,
    read_status,
)
from eas_core.station.contract import alert_fields, end_fields
from eas_core.station.records import EndOfMessage
from tests.core.agent.told import ToldStation, alert

READERS = (read_alert, read_end, read_health, read_status)
TOLD = {"version": 1, "agent": "attic", "station": "Radio"}
END = EndOfMessage(
    received=datetime(2026, 11, 25, 1, 2, tzinfo=UTC),
    channels=("162.550",),
    alert_id="0123456789abcdef",
    duration_s=41.5,
)
HEALTH = {
    "version": 1,
    "kept": 3,
    "unsent": 1,
    "spool_problem": None,
    "stations": [station_health("Radio", ToldStation())],
}


def test_what_was_written_is_read() -> None:
    told = read_alert(to_json(TOLD | alert_fields(alert()) | {"late": True}))
    assert told.alert.id == alert().id
    assert told.alert.locations == alert().locations
    assert (told.station, told.late, told.update) == ("Radio", True, False)
    assert read_end(to_json(TOLD | end_fields(END))).end == END
    health = read_health(to_json(HEALTH))
    assert health.stations[0].name == "Radio"
    assert health.stations[0].channels[0].channel == "main"
    assert (health.kept, health.unsent) == (3, 1)
    online = read_status(to_json(status("online", ["Radio"])))
    assert (online.online, online.stations) == (True, ("Radio",))
    assert not read_status(to_json(status("offline"))).online


@pytest.mark.parametrize("read", READERS)
def test_a_later_version_is_told_apart(read: Callable[[bytes], object]) -> None:
    with pytest.raises(NewerVersionError, match="update EAS Station"):
        read(b'{"version": 2, "state": "levitating"}')


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xff\xfe",
        b"null",
        b"[]",
        b"{}",
        b'{"version": true}',
        b'{"version": "1"}',
        b'{"version": 1}',
        b"[" * 50_000,
        b'{"version": 1, "x": ' + b"[" * 60 + b"]" * 60 + b"}",
        b'{"version": 1, "x": NaN}',
        b'{"version": 1, "x": "' + b"x" * LONGEST + b'"}',
    ],
)
def test_what_is_no_message_is_none(
    read: Callable[[bytes], object], payload: bytes
) -> None:
    with pytest.raises(PayloadError):
        read(payload)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("best_guess", "ZCZC-nonsense"),
        ("confidence", float("nan")),
        ("confidence", 10**400),
        ("bursts", "3"),
        ("bursts", 2**70),
        ("test", 0),
        ("issued", "yesterday"),
        ("received", "0001-01-01T00:00:00+14:00"),
        ("sender", "\ud800"),
        ("locations", [{"code": "039035"}]),
        ("locations", ["039035"]),
        ("locations", [{"code": "0" * 6, "name": "", "state": "", "part": 0}] * 32),
        ("channels", [7]),
        ("message", "x" * 3000),
        ("late", "yes"),
    ],
)
def test_an_alert_that_is_not_whole_is_none(field: str, value: object) -> None:
    told = TOLD | alert_fields(alert()) | {field: value}
    with pytest.raises(PayloadError):
        read_alert(json.dumps(told))


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
WHOLE: list[dict[str, Any]] = [
    TOLD | alert_fields(alert()),
    TOLD | end_fields(END),
    HEALTH,
    status("online", ["Radio"]),
]


@given(which=st.integers(0, 3), change=st.data())
@settings(max_examples=300, deadline=None)
def test_whatever_stands_in_a_field_is_read_or_refused(
    which: int, change: st.DataObject
) -> None:
    told = dict(WHOLE[which])
    field = change.draw(st.sampled_from(sorted(told)))
    told[field] = change.draw(ANY)
    try:
        READERS[which](json.dumps(told))
    except PayloadError as error:
        assert str(error).endswith(".")


def test_a_topic_names_its_agent() -> None:
    assert agent_of("eas_station/attic/alert", "eas_station") == ("attic", "alert")
    for topic in (
        "eas_station/attic",
        "x/attic/alert",
        "eas_station/A/alert",
        "eas_station/a/b/c",
    ):
        assert agent_of(topic, "eas_station") is None
