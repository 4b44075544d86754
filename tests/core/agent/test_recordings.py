"""An agent's recordings come in pieces to whoever asks, by a real Mosquitto."""

from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eas_core.agent.reading import read_alert, read_end, read_recording
from eas_core.agent.sending import MOST_ORDERS, PIECE_SECONDS, Sender, SendingError
from eas_core.agent.transfer import (
    MOST_PIECES,
    PIECE_BYTES,
    Assembly,
    read_manifest,
    read_piece,
)
from eas_core.station.recordings import RecordingIndex
from eas_core.station.records import AlertUpdated, EndOfMessage, RecordingEnd
from tests.core.agent.recorded import flac, record
from tests.core.agent.told import alert, config, running
from tests.peers.mosquitto import Listener, Mosquitto, listener, mosquitto
from tests.peers.network import until

COMMAND = "eas_station/attic/command"


@pytest.fixture
def broker() -> Iterator[Mosquitto]:
    with mosquitto() as runs:
        yield runs


@pytest.fixture
def hears(broker: Mosquitto) -> Iterator[Listener]:
    with listener(broker) as everything:
        yield everything


def answered(hears: Listener, identity: object) -> dict[str, Any]:
    def found() -> list[dict[str, Any]]:
        return [one for one in hears.told("answer") if one["id"] == identity]

    until(lambda: bool(found()))
    return found()[0]


def online(hears: Listener) -> None:
    until(lambda: any(one["state"] == "online" for one in hears.told("status")))


def test_a_recording_is_named_told_and_had_whole(
    tmp_path: Path, broker: Mosquitto, hears: Listener
) -> None:
    tornado, folder = alert(), tmp_path / "recordings"
    finished = record(folder, tornado, voice_seconds=10.0)
    with running(config(tmp_path, broker.port), folder) as station:
        online(hears)
        station.say(tornado)
        station.say(finished)
        until(lambda: len(hears.told("recording")) == 1)
        hears.publish(
            COMMAND,
            {"command": "recording", "id": 1, "alert_id": tornado.id, "file": "whole"},
        )
        said = answered(hears, 1)
        manifest = read_manifest(said["result"])
        assert (said["ok"], said["version"]) == (True, 1)
        assert manifest.name == finished.name
        assert MOST_PIECES / 2 < manifest.count <= MOST_PIECES
        together = Assembly(manifest)
        until(lambda: len(hears.told("piece")) == manifest.count)
        for piece in hears.told("piece"):
            assert (piece["version"], piece["agent"], piece["id"]) == (1, "attic", 1)
            assert together.take(read_piece(piece))
    assert not together.missing
    topics = [topic.rpartition("/")[2] for topic, _, _ in hears.heard]
    assert topics.index("answer") < topics.index("piece")
    assert together.whole() == flac(tornado.best_guess, 10.0)
    offered = read_recording(json_of(hears, "recording"))
    assert (offered.alert_id, offered.name) == (tornado.id, finished.name)
    assert offered.complete


def json_of(hears: Listener, last: str) -> bytes:
    return next(one for topic, one, _ in hears.heard if topic.endswith(f"/{last}"))


def test_pieces_that_are_missing_are_asked_for_by_their_numbers(
    tmp_path: Path, broker: Mosquitto, hears: Listener
) -> None:
    tornado, folder = alert(), tmp_path / "recordings"
    record(folder, tornado)
    order = {"command": "recording", "alert_id": tornado.id, "file": "whole"}
    with running(config(tmp_path, broker.port), folder):
        online(hears)
        hears.publish(COMMAND, order | {"id": "none", "pieces": []})
        manifest = read_manifest(answered(hears, "none")["result"])
        assert manifest.count >= 3
        hears.publish(COMMAND, order | {"id": "two", "pieces": [2, 0]})
        until(lambda: len(hears.told("piece")) == 2)
    sent = hears.told("piece")
    assert [one["index"] for one in sent] == [2, 0]
    assert {(one["count"], one["size"], one["sha256"]) for one in sent} == {
        (manifest.count, manifest.size, manifest.sha256)
    }
    file = flac(tornado.best_guess)
    assert b64decode(sent[0]["data"]) == file[2 * PIECE_BYTES : 3 * PIECE_BYTES]
    assert b64decode(sent[1]["data"]) == file[:PIECE_BYTES]


def test_an_order_that_cannot_be_met_says_why(
    tmp_path: Path, broker: Mosquitto, hears: Listener
) -> None:
    tornado, lost, folder = alert(), alert("SVR"), tmp_path / "recordings"
    record(folder, tornado)
    (folder / f"{record(folder, lost).name}.flac").unlink()
    wrong: list[dict[str, Any]] = [
        {},
        {"alert_id": "../../etc/passwd"},
        {"alert_id": f"{tornado.id}/../x"},
        {"alert_id": "*"},
        {"alert_id": 7},
        {"alert_id": "f" * 16},
        {"alert_id": lost.id},
        {"alert_id": tornado.id, "file": "sidecar"},
        {"alert_id": tornado.id, "pieces": 3},
        {"alert_id": tornado.id, "pieces": [-1]},
        {"alert_id": tornado.id, "pieces": [10**9]},
        {"alert_id": tornado.id, "pieces": [True]},
        {"alert_id": tornado.id, "pieces": [0, 0]},
        {"alert_id": tornado.id, "pieces": [*range(MOST_PIECES + 1)]},
    ]
    with running(config(tmp_path, broker.port), folder):
        online(hears)
        for number, one in enumerate(wrong):
            order = {"command": "recording", "id": number, "file": "whole"} | one
            hears.publish(COMMAND, order)
        until(lambda: len(hears.told("answer")) == len(wrong))
    for one in hears.told("answer"):
        assert not one["ok"]
        assert one["error"].endswith(".")
    assert not hears.told("piece")


def test_an_agent_that_does_not_record_says_so(
    tmp_path: Path, broker: Mosquitto, hears: Listener
) -> None:
    with running(config(tmp_path, broker.port)):
        online(hears)
        order = {"command": "recording", "id": 1, "alert_id": alert().id}
        hears.publish(COMMAND, order)
        assert "[station.recording]" in answered(hears, 1)["error"]


def test_an_alert_and_its_end_name_the_recording(
    tmp_path: Path, broker: Mosquitto, hears: Listener
) -> None:
    finished = record(tmp_path / "recordings", alert())
    tornado = alert()
    named = AlertUpdated(alert=replace(tornado, recording=finished.name))
    end = EndOfMessage(
        received=tornado.received,
        channels=("162.550",),
        alert_id=tornado.id,
        duration_s=41.0,
        recording=finished.name,
    )
    with running(config(tmp_path, broker.port)) as station:
        online(hears)
        station.say(named)
        station.say(end)
        until(lambda: len(hears.told("eom")) == 1)
    assert read_alert(json_of(hears, "alert")).alert.recording == finished.name
    assert read_end(json_of(hears, "eom")).end.recording == finished.name


def test_the_best_recording_of_an_alert_is_sent(tmp_path: Path) -> None:
    tornado = alert()
    record(tmp_path, tornado, 4.0, RecordingEnd.SOURCE_DOWN)
    whole = record(tmp_path, alert(), 2.0)
    index = RecordingIndex(tmp_path)
    said = Sender().take({"alert_id": tornado.id}, [index])
    assert said["name"] == whole.name
    assert said["file"] == "copy"


def test_one_who_asks_without_end_is_told_to_wait(tmp_path: Path) -> None:
    tornado = alert()
    record(tmp_path, tornado)
    sender, index = Sender(), RecordingIndex(tmp_path)
    order = {"alert_id": tornado.id, "pieces": [0]}
    for _ in range(MOST_ORDERS):
        sender.take(order, [index])
    with pytest.raises(SendingError, match="Ask later"):
        sender.take(order, [index])


def test_a_piece_waits_for_the_one_before_and_for_its_time(tmp_path: Path) -> None:
    tornado, sent = alert(), list[dict[str, Any]]()
    record(tmp_path, tornado)
    sender = Sender()
    order = {"alert_id": tornado.id, "file": "whole", "pieces": [0, 1, 2]}
    sender.take(order, [RecordingIndex(tmp_path)])

    def publish(piece: dict[str, Any]) -> int:
        sent.append(piece)
        return len(sent)

    assert sender.wait(10.0) == 0.0
    sender.send(10.0, publish)
    assert sender.wait(11.0) is None
    sender.send(11.0, publish)
    assert len(sent) == 1
    sender.acknowledged(1)
    assert sender.wait(10.0) == pytest.approx(PIECE_SECONDS)
    sender.send(10.0 + PIECE_SECONDS / 2, publish)
    assert len(sent) == 1
    sender.send(10.0 + PIECE_SECONDS, publish)
    sender.acknowledged(2)
    # The broker has gone: whoever still wants it asks again.
    sender.send(11.0, lambda piece: None)
    assert sender.wait(12.0) is None
    assert [one["index"] for one in sent] == [0, 1]
