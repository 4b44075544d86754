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
    EndOfMessage,
    RecordingOffered,
    SourceState,
    SourceStatus,
    StationRecord,
)
from .payload import NewerVersionError, PayloadError
from .reading import (
    AgentHealth,
    AgentRecording,
    agent_of,
    read_alert,
    read_end,
    read_health,
    read_recording,
    read_status,
)

MOST_AGENTS: Final = 1000
"""A broker that anybody may write to must not fill the memory."""

ON_THE_WAY: Final = timedelta(seconds=60)
"""What takes longer from an agent to here is late."""

CLOCK_OFF: Final = timedelta(minutes=2)
"""By so much an agent's clock may be ahead of this one."""

NOBODY_HINT: Final = (
    "No agent is connected to the broker: start one, or look at its log."
)

NO_BROKER_HINT: Final = "Set up Home Assistant's MQTT integration with your broker."


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSeen:
    """What is known of one agent; `since` is when it came or went.

    `newer` is the text of a message that this version cannot read, `clock_off`
    by how much its clock was ahead, where that was too much.
    """

    name: str
    online: bool
    since: datetime
    software: str = ""
    health: AgentHealth | None = None
    newer: str | None = None
    clock_off: timedelta | None = None
    malformed: int = 0


@dataclass(slots=True)
class Fleet:
    """Follows the agents under `base`; `counts` are of messages by what became of them.

    Where it `records`, alerts name the recordings that can be fetched.
    """

    base: str
    records: bool = False
    agents: dict[str, AgentSeen] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    _status: SourceStatus | None = None
    _channels: dict[str, ChannelStatus] = field(default_factory=dict)

    @property
    def topics(self) -> tuple[str, ...]:
        """What to subscribe to."""
        return tuple(
            f"{self.base}/+/{last}"
            for last in ("status", "health", "alert", "eom", "recording")
        )

    def take(
        self, topic: str, payload: bytes | str, now: datetime
    ) -> list[StationRecord]:
        """Return what a message tells; one that is none is counted, and tells nothing."""
        found = agent_of(topic, self.base)
        if found is None or not self._has_room(found[0]):
            self.counts["foreign"] += 1
            return []
        name, kind = found
        try:
            records = [*self._read(name, kind, payload, now)]
        except NewerVersionError as error:
            self.counts["newer"] += 1
            self._note(name, now, newer=str(error))
            return []
        except PayloadError:
            self.counts["malformed"] += 1
            seen = self.agents.get(name)
            if seen is not None:
                self.agents[name] = replace(seen, malformed=seen.malformed + 1)
            return []
        self.counts[kind] += 1
        return records

    def unreachable(self, now: datetime) -> list[StationRecord]:
        """Return what it means that there is no broker at all."""
        self._status = SourceStatus(
            state=SourceState.DOWN,
            since=now,
            reason=SourceErrorReason.UNREACHABLE,
            hint=NO_BROKER_HINT,
        )
        return [self._status]

    def disconnected(self, now: datetime) -> list[StationRecord]:
        """Return what it means that the broker is not there: nobody is heard of."""
        self.agents = {
            name: replace(seen, online=False, since=now) if seen.online else seen
            for name, seen in self.agents.items()
        }
        self._channels.clear()
        return [*self._judge(now)]

    def forget(self, name: str) -> None:
        """Forget an agent that is gone for good."""
        self.agents.pop(name, None)
        for channel in [*self._channels]:
            if channel.startswith(f"{name} "):
                del self._channels[channel]

    def _has_room(self, name: str) -> bool:
        return name in self.agents or len(self.agents) < MOST_AGENTS

    def _read(
        self, name: str, kind: str, payload: bytes | str, now: datetime
    ) -> Iterator[StationRecord]:
        match kind:
            case "status":
                yield from self._take_status(name, payload, now)
            case "health":
                yield from self._take_health(name, payload, now)
            case "alert":
                told = read_alert(payload)
                _check_writer(told.agent, name)
                alert = self._on_time(name, told.alert, told.late, now)
                yield AlertUpdated(alert=alert) if told.update else alert
            case "eom":
                ended = read_end(payload)
                _check_writer(ended.agent, name)
                end = ended.end
                channels = tuple(f"{name} {channel}" for channel in end.channels)
                yield EndOfMessage(
                    received=min(end.received, now),
                    channels=channels,
                    alert_id=end.alert_id,
                    duration_s=end.duration_s,
                    recording=end.recording if self.records else None,
                )
            case "recording":
                offered = read_recording(payload)
                _check_writer(offered.agent, name)
                if self.records:
                    yield _offer(offered, now)
            case _:
                raise PayloadError("No agent tells anything there.")

    def _on_time(self, name: str, alert: Alert, late: bool, now: datetime) -> Alert:
        """Return an alert with the channels' names of here, and a time that can be."""
        ahead = alert.received - now
        received = alert.received
        if ahead > CLOCK_OFF:
            self._note(name, now, clock_off=ahead)
            received = now
        elif (seen := self.agents.get(name)) is not None and seen.clock_off is not None:
            self._note(name, now, clock_off=None)
        return replace(
            alert,
            received=min(received, now),
            channels=tuple(f"{name} {channel}" for channel in alert.channels),
            late=late or now - received > ON_THE_WAY,
            recording=alert.recording if self.records else None,
        )

    def _take_status(
        self, name: str, payload: bytes | str, now: datetime
    ) -> Iterator[StationRecord]:
        told = read_status(payload)
        seen = self.agents.get(name)
        if seen is None or seen.online != told.online:
            self._note(name, now, online=told.online, since=now, newer=None)
        if told.online:
            self._note(name, now, software=told.software, newer=None)
        else:
            yield from self._drop(name, now)
        yield from self._judge(now)

    def _take_health(
        self, name: str, payload: bytes | str, now: datetime
    ) -> Iterator[StationRecord]:
        health = read_health(payload)
        self._note(name, now, health=health)
        if not self.agents[name].online:
            # It is retained, and so of when the agent was there.
            return
        for station in health.stations:
            for status in station.channels:
                channel = f"{name} {status.channel}"
                new = replace(status, channel=channel)
                if self._channels.get(channel) != new:
                    self._channels[channel] = new
                    yield new
        yield from self._judge(now)

    def _drop(self, name: str, now: datetime) -> Iterator[StationRecord]:
        for channel, status in [*self._channels.items()]:
            if channel.startswith(f"{name} "):
                del self._channels[channel]
                yield replace(status, state=SourceState.DOWN, since=now)

    def _judge(self, now: datetime) -> Iterator[StationRecord]:
        """Tell how all together do, where that is new."""
        states = {status.state for status in self._channels.values()}
        reason, hint = None, None
        if not any(seen.online for seen in self.agents.values()):
            state, reason = SourceState.DOWN, SourceErrorReason.DISCONNECTED
            hint = NOBODY_HINT
        elif not states:
            state = SourceState.STARTING
        else:
            state = next(each for each in BEST_FIRST if each in states)
        if self._status is None or self._status.state is not state:
            self._status = SourceStatus(
                state=state, since=now, reason=reason, hint=hint
            )
            yield self._status

    def _note(self, name: str, now: datetime, **new: object) -> None:
        seen = self.agents.get(name) or AgentSeen(name=name, online=False, since=now)
        self.agents[name] = replace(seen, **new)  # type: ignore[arg-type]


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


def _offer(told: AgentRecording, now: datetime) -> RecordingOffered:
    return RecordingOffered(
        at=min(told.at, now),
        agent=told.agent,
        alert_id=told.alert_id,
        told_as=told.alert_id,
        name=told.name,
        duration_s=told.duration_s,
        complete=told.complete,
    )


def _check_writer(agent: str, name: str) -> None:
    if agent != name:
        raise PayloadError("It is of another agent than its topic.")
