"""What agents tell over MQTT, and what they are asked."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
import json
from pathlib import Path
from random import Random
from typing import Any, ClassVar, Final, override

from bench.fuzzing.headers import HEADERS, decoded
from bench.fuzzing.mutate import mutate_bytes, mutate_json, mutate_text
from bench.fuzzing.target import Target, WrongAnswerError
from eas_core.agent.commands import Answered, Commands
from eas_core.agent.followed import FollowedStation
from eas_core.agent.health import station_health
from eas_core.agent.link import status, to_json
from eas_core.agent.sending import Sender
from eas_core.agent.spool import Spool
from eas_core.same import parse_header
from eas_core.sources.simulator import SimulatorSource
from eas_core.station.alerts import build_alert
from eas_core.station.contract import alert_fields, end_fields
from eas_core.station.options import RecordingOptions, StationOptions
from eas_core.station.records import (
    Alert,
    AlertUpdated,
    ChannelStatus,
    EndOfMessage,
    StationRecord,
)
from eas_core.station.station import Station

NOW: Final = datetime(2026, 6, 8, 18, 30, tzinfo=UTC)
TOLD: Final = {"version": 1, "agent": "attic", "station": "Radio"}
BASE: Final = "eas_station"
TOPICS: Final = tuple(
    f"{BASE}/attic/{last}" for last in ("status", "health", "alert", "eom")
)


def example_alert() -> Alert:
    """Return an alert as an agent has heard it."""
    made = build_alert(decoded(HEADERS[0], HEADERS[0]), "162.550", NOW)
    return replace(made, received=NOW)


def examples() -> dict[str, dict[str, Any]]:
    """Return what an agent tells, by the last part of its topic."""
    station = Station(SimulatorSource(["039035"]), StationOptions(name="Radio"))
    end = EndOfMessage(
        received=NOW,
        channels=("162.550",),
        alert_id="0123456789abcdef",
        duration_s=41.5,
    )
    health = station_health("Radio", station)
    return {
        "status": status("online", ["Radio"]),
        "health": {
            "version": 1,
            "kept": 3,
            "unsent": 1,
            "spool_problem": None,
            "stations": [health],
        },
        "alert": TOLD | alert_fields(example_alert()) | {"late": True},
        "eom": TOLD | end_fields(end),
    }


def as_json(value: object) -> bytes:
    """Return a value as an agent, or somebody who knows no better, would write it."""
    try:
        return json.dumps(value).encode("utf-8", "surrogatepass")
    except RecursionError:
        return b"[" * 40_000 + b"]" * 40_000


class PayloadTarget(Target[tuple[str, bytes]]):
    """Any message under the topics of agents is read, or counted; no alert comes that is none."""

    name: ClassVar = "mqtt"
    cases: ClassVar = 160_000
    documented: ClassVar = frozenset({"malformed", "newer", "foreign"})

    def __init__(self) -> None:
        """Make a station that follows agents."""
        self._whole = examples()
        self._station = FollowedStation(BASE, StationOptions(name="Agents"))
        self._heard: list[StationRecord] = []
        self._station.listen(self._heard.append)

    @override
    def case(self, rng: Random) -> tuple[str, bytes]:
        whole = self._whole
        kind = rng.choice([*whole])
        payload = as_json(whole[kind])
        match rng.randrange(10):
            case 0:
                pass
            case 1 | 2 | 3:
                payload = mutate_bytes(rng, payload, [*map(as_json, whole.values())])
            case _:
                payload = as_json(mutate_json(rng, whole[kind]))
        topic = f"{BASE}/attic/{kind}"
        if not rng.randrange(20):
            topic = mutate_text(rng, topic, TOPICS)
        return topic, payload

    @override
    async def run(self, case: tuple[str, bytes]) -> str:
        topic, payload = case
        counts = self._station.fleet.counts
        before = counts.copy()
        self._heard.clear()
        self._station.feed(topic, payload)
        for record in self._heard:
            self._check(record)
        (what,) = counts - before
        return what if what in self.documented else "accepted"

    def _check(self, record: StationRecord) -> None:
        match record:
            case Alert() | AlertUpdated():
                told = record if isinstance(record, Alert) else record.alert
                parse_header(told.best_guess)
                if told.received.tzinfo is None or told.received > datetime.now(UTC):
                    raise WrongAnswerError(f"{told}")
                # Home Assistant writes it as JSON, and the history keeps it.
                _write(alert_fields(told))
            case EndOfMessage():
                _write(end_fields(record))
            case ChannelStatus():
                _write(record.channel)
            case _:
                pass


def _write(told: object) -> None:
    """Write what Home Assistant's bus and history will."""
    json.dumps(told, allow_nan=False, ensure_ascii=False).encode()


ORDERS: Final = (
    {"id": 1, "command": "self_test", "location": "039035"},
    {
        "id": "a",
        "command": "replay",
        "after": "2026-06-08T18:30:00+00:00",
        "known": ["0123456789abcdef"],
    },
    {"id": 2, "command": "recording", "alert_id": "0123456789abcdef", "pieces": [0]},
    {"id": 2, "command": "recording", "alert_id": "../../../etc/passwd"},
    {"id": 3, "command": "restart", "station": "Radio"},
)
SECRET: Final = "root:x:0:0"  # noqa: S105 - what no answer may hold


class _Idle(Station):
    """A station that is restarted a thousand times a second, and so does not hear."""

    @override
    def start(self) -> None:
        pass

    @override
    def stop(self) -> None:
        pass


class CommandTarget(Target[bytes]):
    """Any order is answered once, in JSON, and what is answered is never a file of another's."""

    name: ClassVar = "command"
    cases: ClassVar = 30_000
    documented: ClassVar = frozenset({"refused"})

    @override
    @asynccontextmanager
    async def _opened(self, folder: Path) -> AsyncIterator[None]:
        recording = RecordingOptions(folder=str(folder / "recordings"))
        options = StationOptions(name="Radio", recording=recording)
        self._answers: list[Answered] = []
        self._commands = Commands(
            {"Radio": _Idle(SimulatorSource(["039035"]), options)},
            Spool(folder / "spool"),
            Sender(),
            self._answers.append,
        )
        yield

    @override
    def case(self, rng: Random) -> bytes:
        order = rng.choice(ORDERS)
        if rng.randrange(3):
            return as_json(mutate_json(rng, order))
        return mutate_bytes(rng, as_json(order), [*map(as_json, ORDERS)])

    @override
    async def run(self, case: bytes) -> str:
        self._answers.clear()
        self._commands.take(case)
        (answered,) = self._answers
        text = to_json(answered.answer)
        if SECRET in str(text):
            raise WrongAnswerError(str(text))
        return "accepted" if answered.answer["ok"] else "refused"
