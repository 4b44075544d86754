"""An agent: stations that hear, a spool that keeps, a link that tells; one thread does it all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
import logging
import queue
import threading
from typing import Any, Final

from ..clock import Clock, SystemClock
from ..fault_log import FaultLog
from ..station.contract import alert_fields, end_fields, recording_fields
from ..station.pulse import HUNG_HINT, Pulse
from ..station.records import (
    Alert,
    AlertUpdated,
    EndOfMessage,
    LevelReading,
    RecordingFinished,
    StationRecord,
)
from ..station.station import Station
from ..station.trouble_log import TroubleLog
from .commands import Answered, Commands
from .config import AgentConfig
from .discovery import Discovery, device_payload
from .health import state_of, station_health
from .link import Acknowledged, Asked, Connected, Link, LinkEvent, Miscalled, status
from .memory import remembered
from .sending import Sender
from .spool import Kept, Spool, SpoolError
from .supervisor import Supervisor
from .topics import VERSION

_LOGGER = logging.getLogger(__name__)

LOOK_SECONDS: Final = 1.0
PULSE_SECONDS: Final = 30.0
CHANGED_SECONDS: Final = 5.0
"""Health is told at most so often where it changes."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a station tells."""

    station: str
    record: StationRecord


TOLD: Final = (Alert, AlertUpdated, EndOfMessage, RecordingFinished)
"""What of a station's records goes to the broker, one by one."""

type AgentEvent = Heard | LinkEvent | Answered


class Agent:
    """Runs stations and tells a broker what they hear, until it is stopped.

    What is heard is on the disk before it is told; what the broker did not
    take is told when it is there again, marked `late`.
    """

    def __init__(
        self,
        config: AgentConfig,
        stations: Mapping[str, Station],
        supervisor: Supervisor,
        clock: Clock | None = None,
    ) -> None:
        """Take the stations by their names; raises EasError for a folder or certificates of no use."""
        self._config = config
        self._supervisor = supervisor
        self._clock = clock or SystemClock()
        self._events: queue.SimpleQueue[AgentEvent] = queue.SimpleQueue()
        self._spool = Spool(config.folder)
        self._spool_problem: str | None = None
        self._spool_log, self._pulse_log = FaultLog(_LOGGER), FaultLog(_LOGGER)
        self._trouble_logs = {name: TroubleLog(_LOGGER, name) for name in stations}
        self._stations = stations
        kept = self._spool.after("")
        self._mergers = {name: remembered(name, kept) for name in stations}
        self._link = Link(config.broker, config.topics, self._events.put)
        self._sender = Sender()
        self._commands = Commands(
            self._stations, self._spool, self._sender, self._events.put
        )
        payload = device_payload(config.topics, stations)
        self._discovery = Discovery(
            config.folder, config.topics, config.discovery, payload
        )
        self._discovering: dict[int, str] = {}
        self._flying: dict[int, int] = {}
        self._levels: dict[str, dict[str, list[float]]] = {}
        self._pulses = [Pulse(station) for station in stations.values()]
        self._works = True
        self._pulse_due = 0.0
        self._levels_due = self._health_due = self._change_due = 0.0
        self._status_due: float | None = None
        self._told_state: object = None

    def run(self, stop: threading.Event) -> None:
        """Hear and tell until `stop` is set."""
        for name, station in self._stations.items():
            station.listen(partial(self._from_station, name))
            station.start()
        self._link.start()
        self._supervisor.ready(f"{len(self._stations)} stations hear")
        try:
            while not stop.is_set():
                try:
                    self._take(self._events.get(timeout=self._patience()))
                except queue.Empty:
                    pass
                self._attend()
        finally:
            self._supervisor.stopping()
            self._stop()

    def _patience(self) -> float:
        """Return how long nothing need be done, in seconds, where nothing happens."""
        wait = self._sender.wait(self._clock.monotonic())
        return LOOK_SECONDS if wait is None else min(wait, LOOK_SECONDS)

    def wake(self) -> None:
        """Have `run` look at its `stop` at once."""
        self._events.put(Acknowledged(-1))

    def _stop(self) -> None:
        for station in self._stations.values():
            station.stop()
        while True:
            # What was heard to the last is kept, if no longer told.
            try:
                self._take(self._events.get_nowait())
            except queue.Empty:
                break
        self._link.stop()

    def _from_station(self, name: str, record: StationRecord) -> None:
        """Take a record on a station's thread."""
        if isinstance(record, TOLD):
            self._events.put(Heard(name, record))
        elif isinstance(record, LevelReading) and self._config.level_seconds:
            self._levels.setdefault(name, {})[record.channel] = [
                round(record.rms_dbfs, 1),
                round(record.peak_dbfs, 1),
            ]

    def _take(self, event: AgentEvent) -> None:
        match event:
            case Heard(station=station, record=record):
                self._take_record(station, self._merged(station, record))
            case Connected():
                self._take_connection()
            case Miscalled():
                # Not at once: whoever says so may say it all the time.
                self._status_due = self._clock.monotonic() + CHANGED_SECONDS
            case Acknowledged():
                self._sender.acknowledged(event.message)
                topic = self._discovering.pop(event.message, None)
                if topic is not None:
                    self._discovery.published(topic)
                number = self._flying.pop(event.message, None)
                if number is not None:
                    self._spool.mark_sent(number)
            case Asked():
                self._commands.take(event.payload)
            case Answered():
                self._link.publish(self._config.topics.answer, event.answer, qos=1)
                self._publish(event.missed, late=True)

    def _merged(self, station: str, record: StationRecord) -> StationRecord | None:
        """Return what a record tells beyond what was told before the agent was started anew."""
        if isinstance(record, TOLD):
            return self._mergers[station].take(record, self._clock.now())
        return record

    def _take_record(self, station: str, record: StationRecord | None) -> None:
        match record:
            case Alert():
                self._keep_alert(station, record, update=False)
            case AlertUpdated(alert=alert):
                self._keep_alert(station, alert, update=True)
            case EndOfMessage():
                told = end_fields(record) | {"recording": record.recording}
                self._keep("eom", station, told, test=True)
            case RecordingFinished(alert_id=str()):
                self._keep("recording", station, recording_fields(record), test=True)

    def _keep_alert(self, station: str, alert: Alert, *, update: bool) -> None:
        told = {"update": update, "recording": alert.recording}
        self._keep("alert", station, alert_fields(alert) | told, test=alert.test)

    def _keep(
        self, kind: Any, station: str, told: dict[str, Any], *, test: bool
    ) -> None:
        agent = self._config.topics.agent
        payload = {"version": VERSION, "agent": agent, "station": station} | told
        try:
            kept = self._spool.keep(kind, payload, test=test)
            self._spool_problem = None
            self._spool_log.over(
                "What is heard is kept in %s again", self._config.folder
            )
        except SpoolError as error:
            self._spool_problem = str(error)
            self._spool_log.once("What is heard is in memory only. %s", error)
            # It is in memory at least, and goes out where the broker is there.
            kept = self._spool.unsent[-1]
        self._publish([kept], late=False)

    def _take_connection(self) -> None:
        self._link.meet()
        self._say_online()
        self._health_due = 0.0
        for topic, payload in self._discovery.messages():
            message = self._link.publish(topic, payload, qos=1, retain=True)
            if message is not None:
                self._discovering[message] = topic
        self._sender.drop()
        # paho itself sends again what it had begun to send.
        flying = {*self._flying.values()}
        missed = [kept for kept in self._spool.unsent if kept.number not in flying]
        self._publish(missed, late=True)

    def _say_online(self) -> None:
        self._status_due = None
        self._link.say_online(status("online", self._stations))

    def _publish(self, messages: Iterable[Kept], *, late: bool) -> None:
        for kept in messages:
            topic = getattr(self._config.topics, kept.kind)
            payload = {**kept.payload, "late": late}
            message = self._link.publish(topic, payload, qos=1)
            if message is None:
                return
            self._flying[message] = kept.number

    def _attend(self) -> None:
        """Do what is due by the clock."""
        now = self._clock.monotonic()
        self._look_at_stations(now)
        if self._works:
            self._supervisor.alive(now)
        if self._events.empty():
            # Alerts come first, and the answer that says what the pieces are of.
            self._sender.send(now, self._publish_piece)
        if self._status_due is not None and now >= self._status_due:
            self._say_online()
        every = self._config.level_seconds
        if every and now >= self._levels_due:
            self._levels_due = now + every
            self._link.publish(self._config.topics.level, self._levels)
        if now < self._change_due:
            return
        healths = {name: each.health for name, each in self._stations.items()}
        for name, health in healths.items():
            self._trouble_logs[name].look(health, now)
        state = (self._spool_problem, *map(state_of, healths.values()))
        if now >= self._health_due or state != self._told_state:
            self._told_state = state
            self._change_due = now + CHANGED_SECONDS
            self._health_due = now + self._config.health_seconds
            topic = self._config.topics.health
            self._link.publish(topic, self._health(), qos=1, retain=True)

    def _look_at_stations(self, now: float) -> None:
        """See whether each station's thread works; systemd starts anew what does not say so."""
        if now < self._pulse_due:
            return
        self._pulse_due = now + PULSE_SECONDS
        beats = [pulse.beats(now) for pulse in self._pulses]
        self._works = all(beats)
        if self._works:
            self._pulse_log.over("The threads that decode work again")
        else:
            self._pulse_log.once(HUNG_HINT)

    def _publish_piece(self, piece: dict[str, Any]) -> int | None:
        topics = self._config.topics
        told = {"version": VERSION, "agent": topics.agent} | piece
        return self._link.publish(topics.piece, told, qos=1)

    def _health(self) -> dict[str, Any]:
        return {
            "version": VERSION,
            "at": self._clock.now().isoformat(timespec="seconds"),
            "kept": len(self._spool),
            "unsent": len(self._spool.unsent),
            "spool_problem": self._spool_problem,
            "stations": [
                station_health(name, station)
                for name, station in self._stations.items()
            ],
        }
