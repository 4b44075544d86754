"""All agents under a base topic, as one who follows them knows them.

What is read of their messages comes out as a station's records: an agent's
channel is called `attic 162.550`, so that whoever merges alerts sees who heard
what. Nothing here touches a network; all of it is on one thread.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from ..sources.source import SourceErrorReason
from ..station.records import (
    Alert,
    AlertUpdated,
    ChannelStatus,
    RecordingOffered,
    SourceState,
    SourceStatus,
    StationRecord,
)
from .clock import CLOCK_OFF, CLOCK_RIGHT, RIGHT, AgentClock, placed
from .names import Names
from .payload import NewerVersionError, PayloadError
from .reading import (
    AgentAlert,
    agent_of,
    read_alert,
    read_end,
    read_health,
    read_recording,
    read_status,
)
from .seen import AgentFault, AgentSeen, Deliveries

MOST_AGENTS: Final = 1000
"""A broker that anybody may write to must not fill the memory."""

MOST_FAULTS: Final = 100

NOBODY_HINT: Final = (
    "No agent is connected to the broker: start one, or look at its log."
)

GONE_HINT: Final = "Look at the broker, and at Home Assistant's MQTT integration: they are not connected."

NO_BROKER_HINT: Final = "Set up Home Assistant's MQTT integration with your broker."


@dataclass(slots=True)
class Fleet:
    """Follows the agents under `base`; `counts` are of messages by what became of them.

    `faults` are by agent and the last part of the topic, until something there
    is read again.
    Where it `records`, alerts and their ends name the recording that can be
    fetched, all agents' as the first has named its own.
    """

    base: str
    records: bool = False
    agents: dict[str, AgentSeen] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    faults: dict[tuple[str, str], AgentFault] = field(default_factory=dict)
    _changed: set[str] = field(default_factory=set)
    _names: Names = field(default_factory=Names)
    _status: SourceStatus | None = None
    _channels: dict[str, ChannelStatus] = field(default_factory=dict)
    _ends: Deliveries = field(default_factory=Deliveries)

    @property
    def topics(self) -> tuple[str, ...]:
        """What to subscribe to, in this order: who hears of an agent hears what it is asked for."""
        return tuple(
            f"{self.base}/+/{last}"
            for last in ("eom", "recording", "alert", "status", "health")
        )

    def take(
        self, topic: str, payload: bytes | str, now: datetime, *, retained: bool = False
    ) -> list[StationRecord]:
        """Return what a message tells; one that is none is counted, and tells nothing.

        `retained` is one that the broker kept: it is of an unknown time. An empty
        one is how it is taken back.
        """
        found = agent_of(topic, self.base)
        if found is None or not self._has_room(found[0]):
            self.counts["foreign"] += 1
            return []
        name, kind = found
        try:
            records = (
                [*self._read(name, kind, payload, now, retained)]
                if payload
                else [*self._take_back(name, kind, now)]
            )
        except PayloadError as error:
            self._blame(name, kind, error, now, retained)
            return []
        self.counts[kind if payload else "taken_back"] += 1
        if self.faults.pop((name, kind), None) is not None:
            self._changed.add(name)
        return records

    def changes(self) -> set[str]:
        """Return of which agents something is new since the last call."""
        changed, self._changed = self._changed, set()
        return changed

    def faults_of(self, name: str) -> list[AgentFault]:
        """Return what is wrong with what an agent says."""
        return [fault for (agent, _), fault in self.faults.items() if agent == name]

    def reason_of(self, channel: str) -> str | None:
        """Return why a channel does not hear well, in a source's reasons, None where nobody says."""
        name = agent_of_channel(channel)
        own = channel.removeprefix(f"{name} ")
        seen = self.agents.get(name)
        if seen is None or not seen.online:
            return SourceErrorReason.DISCONNECTED.value
        stations = () if seen.health is None else seen.health.stations
        return next(
            (
                one.reason
                for one in stations
                if any(status.channel == own for status in one.channels)
            ),
            None,
        )

    def unreachable(self, now: datetime) -> list[StationRecord]:
        """Return what it means that there is no broker at all."""
        reason = SourceErrorReason.UNREACHABLE
        return [*self._set_status(SourceState.DOWN, now, reason, NO_BROKER_HINT)]

    def disconnected(self, now: datetime) -> list[StationRecord]:
        """Return what it means that the broker is not there: nobody is heard of."""
        for name, seen in [*self.agents.items()]:
            if seen.online:
                self._note(name, now, online=False, since=now)
        self._channels.clear()
        reason = SourceErrorReason.DISCONNECTED
        return [*self._set_status(SourceState.DOWN, now, reason, GONE_HINT)]

    def connected(self, now: datetime) -> list[StationRecord]:
        """Return what it means that the broker has told of all agents that it knows of."""
        return [*self._judge(now)]

    def forget(self, name: str) -> None:
        """Forget an agent that is gone for good."""
        self.agents.pop(name, None)
        self.faults = {key: one for key, one in self.faults.items() if key[0] != name}
        self._changed.add(name)
        for channel in [*self._channels]:
            if channel.startswith(f"{name} "):
                del self._channels[channel]

    def _has_room(self, name: str) -> bool:
        return name in self.agents or len(self.agents) < MOST_AGENTS

    def _blame(
        self,
        name: str,
        kind: str,
        error: PayloadError,
        now: datetime,
        retained: bool,
    ) -> None:
        """Count a message that is none, and note that it came."""
        newer = isinstance(error, NewerVersionError)
        self.counts["newer" if newer else "malformed"] += 1
        seen = self.agents.get(name)
        if newer:
            self._note(name, now)
        elif seen is not None:
            self._note(name, now, malformed=seen.malformed + 1)
        if retained and kind == "health" and (seen is None or not seen.online):
            # Of whoever was there once.
            return
        known = self.faults.get((name, kind))
        if known is None and len(self.faults) >= MOST_FAULTS:
            return
        since = now if known is None else known.since
        self.faults[name, kind] = AgentFault(
            topic=f"{self.base}/{name}/{kind}",
            newer=newer,
            text=str(error),
            since=since,
        )
        self._changed.add(name)

    def _take_back(
        self, name: str, kind: str, now: datetime
    ) -> Iterator[StationRecord]:
        seen = self.agents.get(name)
        if kind == "status" and seen is not None and seen.online:
            self._note(name, now, online=False, since=now)
            yield from self._drop(name, now)
            yield from self._judge(now)

    def _read(
        self, name: str, kind: str, payload: bytes | str, now: datetime, retained: bool
    ) -> Iterator[StationRecord]:
        match kind:
            case "status":
                yield from self._take_status(name, payload, now)
            case "health":
                yield from self._take_health(name, payload, now, retained)
            case "alert":
                told = read_alert(payload)
                _check_writer(told.agent, name)
                alert = self._placed(name, told, now)
                yield AlertUpdated(alert=alert) if told.update else alert
            case "eom":
                ended = read_end(payload)
                _check_writer(ended.agent, name)
                end, off = ended.end, self._clock(name).off or timedelta()
                # By the time here the same might look like another.
                if self._ends.are_known((name, end.alert_id, end.received)):
                    return
                alert_id = end.alert_id and self._names.id_here(name, end.alert_id)
                yield replace(
                    end,
                    alert_id=alert_id,
                    received=min(end.received - off, now),
                    channels=tuple(f"{name} {channel}" for channel in end.channels),
                    recording=self._recording(alert_id, end.recording),
                )
            case "recording":
                offered = read_recording(payload)
                _check_writer(offered.agent, name)
                if self.records:
                    off = self._clock(name).off or timedelta()
                    yield RecordingOffered(
                        at=min(offered.at - off, now),
                        base=self.base,
                        agent=offered.agent,
                        alert_id=self._names.id_here(name, offered.alert_id),
                        told_as=offered.alert_id,
                        name=offered.name,
                        duration_s=offered.duration_s,
                        complete=offered.complete,
                    )
            case _:
                raise PayloadError("No agent tells anything there.")

    def _placed(self, name: str, told: AgentAlert, now: datetime) -> Alert:
        """Return an alert with the channels' names and the time of here."""
        alert = told.alert
        ahead = alert.received - now
        # What was heard a while ago may have been on the way for as long.
        if ahead > CLOCK_OFF or (not told.late and ahead >= -CLOCK_RIGHT):
            self._compare(name, alert.received, now)
        channels = tuple(f"{name} {channel}" for channel in alert.channels)
        alert = replace(alert, channels=channels, late=told.late)
        here = placed(alert, self._clock(name), now)
        alert_id = self._names.take(name, told.told_as, here)
        recording = self._recording(alert_id, alert.recording)
        return replace(here, id=alert_id, recording=recording)

    def _recording(self, alert_id: str | None, name: str | None) -> str | None:
        return self._names.recording(alert_id, name) if self.records else None

    def _clock(self, name: str) -> AgentClock:
        seen = self.agents.get(name)
        return RIGHT if seen is None else seen.clock

    def _compare(self, name: str, told: datetime, now: datetime) -> None:
        """Look at an agent's clock by a time that it tells now."""
        before = self._clock(name)
        clock = before.take(told, now)
        if clock != before:
            self._note(name, now, clock=clock)

    def _take_status(
        self, name: str, payload: bytes | str, now: datetime
    ) -> Iterator[StationRecord]:
        told = read_status(payload)
        seen = self.agents.get(name)
        came = told.online and (seen is None or not seen.online)
        if came or seen is None or seen.online != told.online:
            self._note(name, now, online=told.online, since=now)
        if told.online:
            if self.agents[name].software != told.software:
                self._note(name, now, software=told.software)
            if came:
                yield from self._known_channels(name, SourceState.STARTING, now)
        else:
            yield from self._drop(name, now)
        if told.online or self._status is not None:
            # Who is heard of first need not be the only one: `connected` tells.
            yield from self._judge(now)

    def _take_health(
        self, name: str, payload: bytes | str, now: datetime, retained: bool
    ) -> Iterator[StationRecord]:
        health = read_health(payload)
        if health.at is not None and not retained:
            self._compare(name, health.at, now)
        self._note(name, now, health=health)
        if not self.agents[name].online:
            # It is retained, and so of when the agent was there.
            yield from self._known_channels(name, SourceState.DOWN, now)
            return
        judged = (
            self._status is not None and self._status.state is not SourceState.STARTING
        )
        for station in health.stations:
            for status in station.channels:
                channel = f"{name} {status.channel}"
                new = replace(status, channel=channel)
                if self._channels.get(channel) != new:
                    self._channels[channel] = new
                    judged = False
                    yield new
        if not judged:
            yield from self._judge(now)

    def _known_channels(
        self, name: str, state: SourceState, now: datetime
    ) -> Iterator[ChannelStatus]:
        """Tell of the channels that an agent last told of, that they are in a state."""
        health = self.agents[name].health
        for station in () if health is None else health.stations:
            for status in station.channels:
                yield replace(
                    status, channel=f"{name} {status.channel}", state=state, since=now
                )

    def _drop(self, name: str, now: datetime) -> Iterator[StationRecord]:
        for channel, status in [*self._channels.items()]:
            if channel.startswith(f"{name} "):
                del self._channels[channel]
                yield replace(status, state=SourceState.DOWN, since=now)

    def _judge(self, now: datetime) -> Iterator[StationRecord]:
        """Tell how all together do by what is known of each."""
        states = {status.state for status in self._channels.values()}
        reason, hint = None, None
        if not any(seen.online for seen in self.agents.values()):
            state, reason = SourceState.DOWN, SourceErrorReason.DISCONNECTED
            hint = NOBODY_HINT
        elif not states:
            state = SourceState.STARTING
        else:
            state = next(each for each in BEST_FIRST if each in states)
        yield from self._set_status(state, now, reason, hint)

    def _set_status(
        self,
        state: SourceState,
        now: datetime,
        reason: SourceErrorReason | None,
        hint: str | None,
    ) -> Iterator[StationRecord]:
        """Tell how all together do, where that is new."""
        known = self._status
        if known is not None and known.state is state:
            if known.hint == hint:
                return
            now = known.since
        self._status = SourceStatus(state=state, since=now, reason=reason, hint=hint)
        yield self._status

    def _note(self, name: str, now: datetime, **new: object) -> None:
        seen = self.agents.get(name) or AgentSeen(name=name, online=False, since=now)
        self.agents[name] = replace(seen, **new)  # type: ignore[arg-type]
        self._changed.add(name)


BEST_FIRST: Final = (
    SourceState.HEARING,
    SourceState.DEGRADED,
    SourceState.QUIET,
    SourceState.NO_SIGNAL,
    SourceState.STARTING,
    SourceState.DOWN,
    SourceState.STOPPED,
)
"""One agent that hears is enough for all together to hear."""


def agent_of_channel(channel: str) -> str:
    """Return whose channel that is, by its name here."""
    return channel.partition(" ")[0]


def _check_writer(agent: str, name: str) -> None:
    if agent != name:
        raise PayloadError("It is of another agent than its topic.")
