"""Agents that tell of recordings as a test wants it, at a real broker."""

from collections.abc import Callable, Mapping
import hashlib
import json
from typing import Any, override

from paho.mqtt.client import Client, MQTTMessage

from eas_core.agent.link import status
from eas_core.agent.transfer import Manifest, manifest_fields, piece_fields
from eas_core.station.contract import alert_fields, end_fields
from eas_core.station.recording_files import recording_name
from eas_core.station.records import Alert, EndOfMessage, RecordingEnd
from tests.core.agent.recorded import flac
from tests.peers.mosquitto import Listener

PIECE_BYTES = 20_000

type Message = tuple[str, dict[str, Any]]
"""The topic's end after the base, and what is told there."""


def manifest_of(alert: Alert) -> Manifest:
    """What an agent that has recorded an alert says of it."""
    file = flac(alert.best_guess)
    return Manifest(
        alert_id=alert.id,
        name=recording_name(alert.received, alert.event_code, alert.id),
        station="Radio",
        channel="162.550",
        started=alert.received,
        duration_s=20.0,
        ended_by=RecordingEnd.END_OF_MESSAGE,
        lost_s=0.0,
        file="whole",
        size=len(file),
        piece_bytes=PIECE_BYTES,
        count=-(-len(file) // PIECE_BYTES),
        sha256=hashlib.sha256(file).hexdigest(),
    )


def piece(manifest: Manifest, alert: Alert, index: int) -> dict[str, Any]:
    file = flac(alert.best_guess)
    cut = file[index * PIECE_BYTES : (index + 1) * PIECE_BYTES]
    return piece_fields(manifest, index, cut)


def honest(alert: Alert, order: Mapping[str, Any]) -> list[Message]:
    """What an agent sends that has the recording."""
    manifest = manifest_of(alert)
    wanted = order.get("pieces", [*range(manifest.count)])
    return [
        ("answer", {"ok": True, "result": manifest_fields(manifest)}),
        *(("piece", piece(manifest, alert, index)) for index in wanted),
    ]


type Sends = Callable[[Mapping[str, Any]], list[Message]]
"""What an agent does when it is asked for a recording; a topic may be another's."""


class AgentsPeer(Listener):
    """Plays agents, each of which answers to orders as a test says."""

    def __init__(self, port: int) -> None:
        self.sends: dict[str, Sends] = {}
        self.orders: list[tuple[str, dict[str, Any]]] = []
        super().__init__(port)

    @override
    def _take(self, client: Client, userdata: Any, message: MQTTMessage) -> None:
        super()._take(client, userdata, message)
        base, agent, last = message.topic.split("/")
        if last != "command":
            return
        order = json.loads(message.payload)
        if order["command"] != "recording":
            return
        self.orders.append((agent, order))
        for topic, told in self.sends[agent](order):
            sender, _, end = topic.rpartition("/")
            said = {"version": 1, "agent": agent, "id": order["id"]} | told
            data = json.dumps(said)
            client.publish(f"{base}/{sender or agent}/{end}", data, qos=1)

    def come(self, name: str, sends: Sends) -> None:
        """Have an agent be there, and do so when it is asked for a recording."""
        self.sends[name] = sends
        self._is(name, "online")

    def is_asked(self, name: str) -> bool:
        """Whether somebody follows an agent, and asks it for what was missed."""
        command = f"eas_station/{name}/command"
        return any(topic == command for topic, _, _ in tuple(self.heard))

    def go(self, name: str) -> None:
        self._is(name, "offline")

    def _is(self, name: str, state: str) -> None:
        self.publish(f"eas_station/{name}/status", status(state), retain=True)

    def tell(self, name: str, alert: Alert, *, late: bool = False) -> None:
        """Have an agent tell an alert, its end, and that it is recorded."""
        recording = manifest_of(alert).name
        said = {"version": 1, "agent": name, "station": "Radio", "late": late}
        told = said | alert_fields(alert) | {"recording": recording, "late": late}
        self.publish(f"eas_station/{name}/alert", told)
        end = EndOfMessage(
            received=alert.received,
            channels=("162.550",),
            alert_id=alert.id,
            duration_s=20.0,
        )
        told = said | end_fields(end) | {"recording": recording}
        self.publish(f"eas_station/{name}/eom", told)
        self.offer(name, alert, recording, late=late)

    def offer(self, name: str, alert: Alert, recording: str, **more: Any) -> None:
        offered = {
            "version": 1,
            "agent": name,
            "station": "Radio",
            "alert_id": alert.id,
            "name": recording,
            "received": alert.received.isoformat(),
            "duration_s": 20.0,
            "complete": True,
        }
        self.publish(f"eas_station/{name}/recording", offered | more)
