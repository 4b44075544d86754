"""A station whose ears are elsewhere: agents hear, and their messages are fed in."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import replace
from typing import Final

from ..clock import Clock, SystemClock
from ..modem.decoded import Decoded
from ..station.live import LiveAudio
from ..station.merging import Merger
from ..station.options import StationOptions
from ..station.recording_files import Recording, RecordingError
from ..station.recording_writer import RecordingWriter
from ..station.recordings import RecordingIndex
from ..station.records import (
    Alert,
    AlertUpdated,
    ChannelStatus,
    Counters,
    EndOfMessage,
    Health,
    RecordingFinished,
    RecordingOffered,
    SourceState,
    SourceStatus,
    StationRecord,
)
from ..station.self_test import SelfTest, SelfTestError
from .fleet import Fleet

STOP_SECONDS: Final = 1.2
"""What is being written may take to be finished; else it is at the next start."""

GATHER_SECONDS: Final = 0.5
"""What hundreds tell of one message is told on at most so often."""

HISTORY: Final = 64
"""Alerts that another agent's message may be the same as."""

type Listener = Callable[[StationRecord], None]
type AgentListener = Callable[[str], None]
"""Called with the name of the agent."""


class FollowedStation:
    """Follows the agents under a base topic, as AnyStation does what it hears itself.

    The first agent to hear a message makes the alert, told at once; so is what
    makes it better known. That others heard it too, and how each channel does,
    waits for `flush`, which whoever feeds it calls GATHER_SECONDS after
    something `waits`. All of it is on one thread, but for `start` and `stop`;
    of recordings that are taken from agents it is told on the thread that
    writes them.
    """

    def __init__(
        self, base: str, options: StationOptions, clock: Clock | None = None
    ) -> None:
        """Take the base topic of the agents."""
        self._options = options
        self._clock = clock or SystemClock()
        recording = options.recording
        self.fleet = Fleet(base, records=recording is not None)
        self._writer = (
            RecordingWriter(recording, self._clock, wake=self._tell_written)
            if recording
            else None
        )
        self._listeners: tuple[Listener, ...] = ()
        self._agent_listeners: dict[str | None, list[AgentListener]] = {}
        self._counters = Counters()
        self._merger = Merger(HISTORY)
        self._waiting: dict[str, AlertUpdated | ChannelStatus] = {}
        self._live = LiveAudio()
        self._status = SourceStatus(state=SourceState.STOPPED, since=self._clock.now())

    @property
    def options(self) -> StationOptions:
        """What is set."""
        return self._options

    @property
    def running(self) -> bool:
        """Whether it follows."""
        return self._status.state is not SourceState.STOPPED

    @property
    def status(self) -> SourceStatus:
        """How all agents together do."""
        return self._status

    @property
    def counters(self) -> Counters:
        """What was counted: malformed are messages of agents that were none."""
        malformed = self.fleet.counts["malformed"] + self.fleet.counts["newer"]
        return replace(self._counters, malformed=malformed)

    @property
    def health(self) -> Health:
        """How they do; what only ears of one's own know is nothing."""
        return Health(
            status=self._status,
            channels=(),
            counters=self.counters,
            uptime_s=None,
            last_sample_age_s=None,
            last_signal_age_s=None,
            restarts=0,
            failures=(),
            lost_share=0.0,
            queued_s=0.0,
            cpu_seconds=0.0,
            recording_problem=self._writer.problem if self._writer else None,
        )

    @property
    def recordings(self) -> RecordingIndex | None:
        """What was taken of the agents' recordings."""
        return self._writer.index if self._writer else None

    @property
    def live(self) -> LiveAudio:
        """Nothing: the audio is where the agents are."""
        return self._live

    @property
    def recent_messages(self) -> tuple[Decoded, ...]:
        """None: what comes is decoded already."""
        return ()

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call the listener with every record from now on; return what ends that."""
        self._listeners = (*self._listeners, listener)

        def unsubscribe() -> None:
            self._listeners = tuple(
                kept for kept in self._listeners if kept is not listener
            )

        return unsubscribe

    def start(self) -> None:
        """Wait for agents."""
        if self._status.state is SourceState.STOPPED:
            now = self._clock.now()
            self._tell([SourceStatus(state=SourceState.STARTING, since=now)])
            if self._writer:
                self._writer.start()

    def stop(self) -> None:
        """Follow them no more."""
        self.flush()
        now = self._clock.now()
        self._tell([SourceStatus(state=SourceState.STOPPED, since=now)])
        if self._writer:
            self._writer.stop()
            self._writer.wait(STOP_SECONDS)

    def listen_agent(
        self, name: str | None, listener: AgentListener
    ) -> Callable[[], None]:
        """Call the listener when something is new of an agent, of any for None; return what ends that."""
        self._agent_listeners.setdefault(name, []).append(listener)
        return lambda: self._agent_listeners[name].remove(listener)

    def forget(self, name: str) -> None:
        """Forget an agent that is gone for good."""
        self.fleet.forget(name)
        self._tell_agents()

    def feed(self, topic: str, payload: bytes | str, *, retained: bool = False) -> None:
        """Take a message from the broker; one that is none is counted."""
        now = self._clock.now()
        self._tell(self.fleet.take(topic, payload, now, retained=retained))
        self._tell_agents()

    @property
    def waits(self) -> bool:
        """Whether something waits to be told."""
        return bool(self._waiting)

    def flush(self) -> None:
        """Tell what waits: the newest of each alert and of each channel."""
        for key in [*self._waiting]:
            # One by one: `stop` may call it while something is fed.
            record = self._waiting.pop(key, None)
            if record is not None:
                self._pass_on(record)

    def unreachable(self) -> None:
        """Take it that there is no broker at all."""
        self._tell(self.fleet.unreachable(self._clock.now()))

    def disconnected(self) -> None:
        """Take it that the broker is gone."""
        self._tell(self.fleet.disconnected(self._clock.now()))
        self._tell_agents()

    def connected(self) -> None:
        """Take it that the broker has told of all agents that it knows of."""
        self._tell(self.fleet.connected(self._clock.now()))

    def adopt(self, draft: Recording, audio: bytes) -> Future[RecordingFinished]:
        """Keep a recording of an agent's, a FLAC file, as if it had been made here.

        Raises RecordingError where nothing is recorded; the result may be one too.
        """
        if self._writer is None or not self._writer.running:
            raise RecordingError("Have the station record, and start it.")
        return self._writer.adopt(draft, audio)

    def self_test(self, location: str) -> Future[SelfTest]:
        """Raise SelfTestError: each agent makes its own."""
        raise SelfTestError("Ask an agent for its self-test, by its command topic.")

    def save_recording(
        self, channel: str | None = None, seconds: float | None = None
    ) -> Future[RecordingFinished]:
        """Raise RecordingError: the audio is where the agent is."""
        raise RecordingError("Ask where the agent is: the audio is there.")

    def _tell_written(self) -> None:
        if self._writer:
            for record in self._writer.told():
                self._pass_on(record)

    def _tell(self, records: Iterable[StationRecord]) -> None:
        for record in records:
            new = self._merged(record)
            match new:
                case None:
                    pass
                case AlertUpdated(alert=alert, only_channels=True):
                    self._waiting[alert.id] = new
                case ChannelStatus(channel=channel):
                    self._waiting[channel] = new
                case Alert():
                    self._pass_on(new)
                case _:
                    # What came before it is told before it.
                    self.flush()
                    self._pass_on(new)

    def _tell_agents(self) -> None:
        for name in self.fleet.changes():
            for key in (name, None):
                for changed in tuple(self._agent_listeners.get(key, ())):
                    changed(name)

    def _merged(self, record: StationRecord) -> StationRecord | None:
        """Return what a record tells beyond what is known, None for nothing; count it."""
        match record:
            case Alert() | AlertUpdated() | EndOfMessage() | RecordingOffered():
                new = self._merger.take(record, self._clock.now())
            case _:
                return record
        counted = self._counters
        match record, new:
            case Alert(), Alert() | AlertUpdated():
                self._counters = replace(counted, messages=counted.messages + 1)
            case Alert() | AlertUpdated(), _:
                self._counters = replace(counted, duplicates=counted.duplicates + 1)
            case _, EndOfMessage():
                ends = counted.ends_of_message + 1
                self._counters = replace(counted, ends_of_message=ends)
        return new

    def _pass_on(self, record: StationRecord) -> None:
        if isinstance(record, SourceStatus):
            self._status = record
        for listener in self._listeners:
            listener(record)
