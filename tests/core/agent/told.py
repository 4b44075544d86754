"""An agent whose station says what a test wants, at a real broker."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
import threading
from typing import override

from eas_core.agent.agent import Agent
from eas_core.agent.config import AgentConfig, Broker
from eas_core.agent.supervisor import Supervisor
from eas_core.agent.topics import Topics
from eas_core.sources.simulator import SimulatorSource
from eas_core.station.alerts import build_alert
from eas_core.station.options import RecordingOptions, StationOptions
from eas_core.station.records import Alert, StationRecord
from eas_core.station.station import Station
from tests.core.station.decoded import decoded
from tests.peers.network import until

ISSUED = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)


class ToldStation(Station):
    """A station that hears nothing, and says what it is told to."""

    def __init__(self, folder: Path | None = None) -> None:
        recording = RecordingOptions(folder=str(folder)) if folder else None
        options = StationOptions(name="Radio", recording=recording)
        super().__init__(SimulatorSource(["039035"]), options)
        self.starts = 0
        self.hangs = False

    @property
    @override
    def running(self) -> bool:
        """Whether it ought to come round; it never does by itself."""
        return self.hangs

    def come_round(self) -> None:
        self._rounds += 1

    @override
    def start(self) -> None:
        self.starts += 1

    def say(self, record: StationRecord) -> None:
        self._tell([record])


def alert(
    event: str = "TOR",
    county: str = "039035",
    *,
    header: str | None = None,
    now: datetime = ISSUED,
) -> Alert:
    header = header or f"ZCZC-WXR-{event}-{county}+0030-3290100-KCLE/NWS-"
    return replace(
        build_alert(decoded(header), "162.550", now), received=datetime.now(UTC)
    )


def config(folder: Path, port: int, **broker: object) -> AgentConfig:
    return AgentConfig(
        topics=Topics("eas_station", "attic"),
        broker=Broker(host="127.0.0.1", port=port, **broker),  # type: ignore[arg-type]
        stations=(),
        folder=folder,
    )


@contextmanager
def running(
    settings: AgentConfig,
    recordings: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[ToldStation]:
    """Give the station of an agent that runs."""
    station, stop = ToldStation(recordings), threading.Event()
    agent = Agent(settings, {"Radio": station}, Supervisor(environment or {}))
    thread = threading.Thread(target=agent.run, args=(stop,))
    thread.start()
    try:
        # What is said before nobody hears.
        until(lambda: station.starts > 0)
        yield station
    finally:
        stop.set()
        agent.wake()
        thread.join(20)
        assert not thread.is_alive()
