"""An agent at a real Mosquitto: what is told, kept, and told again."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
import socket

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion
import pytest

from eas_core.agent import agent
from eas_core.agent.link import Connected, Link, status
from eas_core.agent.spool import Spool
from eas_core.agent.table import ConfigError
from eas_core.agent.topics import Topics
from eas_core.station import pulse
from eas_core.station.records import Alert, AlertUpdated, EndOfMessage
from tests.core.agent.told import alert, config, running
from tests.peers.mosquitto import (
    PASSWORD,
    USER,
    Listener,
    Mosquitto,
    listener,
    mosquitto,
    write_certificates,
    write_certificates_for_both,
    write_passwords,
)
from tests.peers.network import until

TOPICS = Topics("eas_station", "attic")


@pytest.fixture
def broker() -> Iterator[Mosquitto]:
    with mosquitto() as runs:
        yield runs


@pytest.fixture
def hears(broker: Mosquitto) -> Iterator[Listener]:
    with listener(broker) as everything:
        yield everything


@contextmanager
def service_manager(path: str) -> Iterator[socket.socket]:
    """Listen as systemd does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(path)
        manager.settimeout(5)
        yield manager


def signs_of_life(manager: socket.socket, most: int) -> int:
    """Return how many come, up to so many, until none does for a while."""
    count = 0
    with suppress(TimeoutError):
        while count < most:
            count += manager.recv(200) == b"WATCHDOG=1"
    return count


def ids(hears: Listener) -> list[str]:
    return [told["id"] for told in hears.told("alert")]


def end_of(one: Alert) -> EndOfMessage:
    return EndOfMessage(
        received=datetime.now(UTC),
        channels=one.channels,
        alert_id=one.id,
        duration_s=42.0,
    )


def online(hears: Listener) -> None:
    until(lambda: [one["state"] for one in hears.told("status")][-1:] == ["online"])


def test_an_alert_its_update_and_its_end_are_told(
    tmp_path: Path, broker: Mosquitto, hears: Listener
) -> None:
    tornado = alert()
    with running(config(tmp_path, broker.port)) as station:
        online(hears)
        station.say(tornado)
        both = ("162.550", "162.400")
        station.say(AlertUpdated(alert=replace(tornado, channels=both)))
        station.say(end_of(tornado))
        until(lambda: len(hears.told("eom")) == 1)
        until(lambda: not Spool(tmp_path).unsent)
    first, update = hears.told("alert")
    assert first["version"] == 1
    assert (first["agent"], first["station"]) == ("attic", "Radio")
    assert first["id"] == update["id"] == tornado.id
    assert (first["update"], update["update"]) == (False, True)
    assert first["late"] is False
    assert first["event"] == "Tornado Warning"
    assert first["locations"][0]["name"] == "Cuyahoga County"
    assert hears.told("eom")[0]["alert_id"] == tornado.id
    until(lambda: len(hears.told("status")) == 2)
    assert [one["state"] for one in hears.told("status")] == ["online", "offline"]
    assert hears.told("health")[0]["stations"][0]["station"] == "Radio"


def test_nobody_takes_an_agents_place_by_its_name(
    tmp_path: Path, broker: Mosquitto, hears: Listener
) -> None:
    with running(config(tmp_path, broker.port)) as station:
        online(hears)
        other = Client(CallbackAPIVersion.VERSION2, client_id="eas-agent-attic")
        other.connect("127.0.0.1", broker.port)
        other.loop_start()
        until(other.is_connected)
        station.say(alert())
        until(lambda: len(hears.told("alert")) == 1)
        assert [one["state"] for one in hears.told("status")] == ["online"]
        other.disconnect()
        other.loop_stop()


def test_what_is_heard_while_the_broker_is_dead_comes_late_and_once(
    tmp_path: Path, broker: Mosquitto, hears: Listener
) -> None:
    with running(config(tmp_path, broker.port)) as station:
        online(hears)
        broker.kill()
        away = [alert(county=f"0390{number}") for number in (35, 37, 39)]
        for each in away:
            station.say(each)
        until(lambda: len(Spool(tmp_path).unsent) == 3)
        broker.start()
        until(lambda: len(ids(hears)) >= 3)
        until(lambda: not Spool(tmp_path).unsent)
    assert ids(hears) == [each.id for each in away]
    assert all(told["late"] for told in hears.told("alert"))
    assert [told["received"] for told in hears.told("alert")] == [
        each.received.isoformat() for each in away
    ]


def test_what_was_kept_by_an_agent_that_died_is_told_by_the_next(
    tmp_path: Path, broker: Mosquitto
) -> None:
    broker.kill()
    with running(config(tmp_path, broker.port)) as station:
        station.say(alert())
        until(lambda: len(Spool(tmp_path).unsent) == 1)
    broker.start()
    with listener(broker) as hears, running(config(tmp_path, broker.port)):
        until(lambda: ids(hears) == [alert().id])
        until(lambda: not Spool(tmp_path).unsent)


def test_the_broker_says_that_an_agent_is_gone(
    tmp_path: Path, broker: Mosquitto, hears: Listener
) -> None:
    with running(config(tmp_path, broker.port)):
        online(hears)
    until(lambda: hears.told("status")[-1]["state"] == "offline")
    # The word of its own, which is retained for whoever comes later.
    with listener(broker) as late:
        until(lambda: bool(late.told("status")))
        assert late.told("status") == [hears.told("status")[-1]]
        assert late.told("status")[0]["state"] == "offline"


def test_systemd_is_told_nothing_more_where_a_station_hangs(
    tmp_path: Path, broker: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agent, "PULSE_SECONDS", 0.0)
    monkeypatch.setattr(pulse, "HANGS_SECONDS", 0.0)
    watched = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "900000"}
    with (
        service_manager(watched["NOTIFY_SOCKET"]) as manager,
        running(
            config(tmp_path / "agent", broker.port), environment=watched
        ) as station,
    ):
        assert manager.recv(200).startswith(b"READY=1")
        assert signs_of_life(manager, 5) == 5
        station.hangs = True
        assert signs_of_life(manager, 10) < 10
        station.come_round()
        assert signs_of_life(manager, 1) == 1


def test_orders_are_answered_by_their_id(
    tmp_path: Path, broker: Mosquitto, hears: Listener
) -> None:
    orders = [
        b"\xff",
        b"[]",
        b"{}",
        b"[" * 10_000,
        {"command": "dance", "id": 1},
        {"command": "restart", "id": "a", "station": "Radio"},
        {"command": "restart", "id": "b", "station": "None"},
        {"command": "self_test", "id": "c"},
        {"command": "recording", "id": "d", "name": "../../etc/passwd"},
        {"command": "replay", "id": "e", "after": 7},
        {"command": "replay", "id": {"no": 1}},
    ]
    with running(config(tmp_path, broker.port)) as station:
        online(hears)
        for order in orders:
            hears.publish("eas_station/attic/command", order)
        until(lambda: len(hears.told("answer")) == len(orders))
        assert station.starts == 2
    answers = hears.told("answer")
    assert [one["ok"] for one in answers] == [False] * 5 + [True] + [False] * 5
    assert [one["id"] for one in answers[5:10]] == ["a", "b", "c", "d", "e"]
    assert all(one["error"].endswith(".") for one in answers if not one["ok"])


def test_whoever_missed_something_asks_for_it_and_says_what_is_known(
    tmp_path: Path, broker: Mosquitto, hears: Listener
) -> None:
    first, second, third = alert("SVR"), alert(), alert("FFW")
    with running(config(tmp_path, broker.port)) as station:
        online(hears)
        for each in (first, second, third):
            station.say(each)
            station.say(end_of(each))
        until(lambda: len(hears.told("eom")) == 3)
        order = {
            "command": "replay",
            "id": 1,
            "after": first.received.isoformat(),
            "known": [third.id, 7],
        }
        hears.publish("eas_station/attic/command", order)
        until(lambda: len(hears.told("eom")) >= 5)
        until(lambda: bool(hears.told("answer")))
    assert hears.told("answer")[0]["result"] == {"count": 3}
    assert ids(hears) == [first.id, second.id, third.id, second.id]
    assert hears.told("alert")[3]["late"] is True


def test_an_agent_that_was_killed_in_mid_message_knows_what_it_told(
    tmp_path: Path, broker: Mosquitto, hears: Listener
) -> None:
    tornado = alert()
    with running(config(tmp_path, broker.port)) as station:
        station.say(tornado)
        until(lambda: len(ids(hears)) == 1)
    with running(config(tmp_path, broker.port)) as station:
        # An end without a beginning, and the same message on the air once more.
        station.say(replace(end_of(tornado), alert_id=None, duration_s=None))
        station.say(replace(tornado, bursts=2))
        station.say(end_of(alert("SVR")))
        until(lambda: len(hears.told("eom")) == 2)
    assert ids(hears) == [tornado.id]
    assert hears.told("eom")[0]["alert_id"] == tornado.id


def test_what_was_missed_goes_before_what_is_heard_while_it_connects(
    broker: Mosquitto, tmp_path: Path
) -> None:
    told: list[object] = []
    link = Link(config(tmp_path, broker.port).broker, TOPICS, told.append)
    link.start()
    until(lambda: Connected() in told)
    assert link.publish(TOPICS.alert, {}, qos=1) is None
    link.meet()
    assert link.publish(TOPICS.alert, {}, qos=1) is not None
    link.stop()


def test_somebody_who_calls_an_agent_gone_is_put_right(
    tmp_path: Path, broker: Mosquitto, hears: Listener
) -> None:
    with running(config(tmp_path, broker.port)):
        online(hears)
        hears.publish("eas_station/attic/status", status("offline"), retain=True)
        online(hears)
        told = [one["state"] for one in hears.told("status")]
    assert told == ["online", "offline", "online"]


def test_a_retained_order_is_of_another_time(
    tmp_path: Path, broker: Mosquitto, hears: Listener
) -> None:
    topic = "eas_station/attic/command"
    hears.publish(topic, {"command": "restart", "id": "old"}, retain=True)
    with running(config(tmp_path, broker.port)):
        online(hears)
        hears.publish(topic, {"command": "dance", "id": "new"})
        until(lambda: bool(hears.told("answer")))
    assert [one["id"] for one in hears.told("answer")] == ["new"]


def is_told(tmp_path: Path, broker: Mosquitto, **tls: object) -> None:
    """Have an alert told, which is late where it had to wait."""
    with running(config(tmp_path, broker.port, **tls)) as station:
        station.say(alert())
        until(lambda: not Spool(tmp_path).unsent)


def is_refused(
    log: pytest.LogCaptureFixture, tmp_path: Path, broker: Mosquitto, **tls: object
) -> str:
    """Have an alert kept, since the broker and the agent do not agree; return what is logged."""
    log.clear()
    with running(config(tmp_path, broker.port, **tls)) as station:
        station.say(alert())
        until(lambda: len(Spool(tmp_path).unsent) == 1)
        until(lambda: bool(log.messages))
    (said,) = log.messages
    return said


def test_a_broker_is_known_by_its_certificate(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("WARNING", "eas_core.agent.link")
    with mosquitto(write_certificates) as broker:
        # No list of authorities that the system has knows this one.
        said = is_refused(caplog, tmp_path, broker, tls=True)
        assert "certificate is not to be trusted" in said
        assert "ca_file" in said
        assert "tls" in is_refused(caplog, tmp_path / "plain", broker)
        is_told(tmp_path, broker, tls=True, ca_file=str(broker.folder / "ca.pem"))
    with pytest.raises(ConfigError, match="certificates that can be read"):
        Link(
            replace(config(tmp_path, 1).broker, tls=True, ca_file="/none"),
            TOPICS,
            print,
        )


def test_an_agent_is_known_by_its_certificate(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("WARNING", "eas_core.agent.link")
    with mosquitto(write_certificates_for_both) as broker:
        ca, key = (str(broker.folder / name) for name in ("ca.pem", "key.pem"))
        server = {"tls": True, "ca_file": ca}
        said = is_refused(caplog, tmp_path, broker, **server)
        assert "certificate_file" in said
        is_told(tmp_path, broker, **server, certificate_file=ca, key_file=key)


def test_where_no_broker_speaks_that_is_said(
    tmp_path: Path, broker: Mosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("WARNING", "eas_core.agent.link")
    # It does not speak TLS, and then it is not there at all.
    assert "tls" in is_refused(caplog, tmp_path, broker, tls=True)
    broker.kill()
    assert "no broker listens" in is_refused(caplog, tmp_path / "none", broker)


def test_a_broker_asks_who_it_is(tmp_path: Path) -> None:
    with mosquitto(write_passwords) as broker:
        wrong = config(tmp_path, broker.port, user=USER, password="guess")
        with running(wrong) as station:
            station.say(alert())
            until(lambda: len(Spool(tmp_path).unsent) == 1)
        right = config(tmp_path, broker.port, user=USER, password=PASSWORD)
        with running(right):
            until(lambda: not Spool(tmp_path).unsent)
