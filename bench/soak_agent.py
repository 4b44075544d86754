"""An agent of a soak, in a process that can be killed: it tells of what it is told to hear."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
import os
from pathlib import Path
import threading
import time
from typing import Any, Final

from bench.soak_air import CONTEXT
from eas_core.agent.config import AgentConfig, Broker
from eas_core.agent.topics import Topics
from tests.core.agent.told import alert, running

NAME: Final = "attic"
EVENTS: Final = ("TOR", "SVR", "FFW", "EWW", "TOA", "SVA", "FLW", "HUW", "BZW", "WSW")


def header(number: int, now: datetime) -> str:
    """Return a warning for all of Ohio, unlike those before."""
    issued = now - timedelta(minutes=number // len(EVENTS) % 4)
    purge = 15 * (1 + number // (4 * len(EVENTS)))
    length = f"{purge // 60:02}{purge % 60:02}"
    event = EVENTS[number % len(EVENTS)]
    return f"ZCZC-WXR-{event}-039000+{length}-{issued:%j%H%M}-KCLE/NWS-"


class KilledAgent:
    """An agent with its folder; what it has said is on its disk."""

    def __init__(self, port: int, folder: Path, environment: Mapping[str, str]) -> None:
        """Take the broker's port, where it keeps what waits, what its process has beside."""
        self._port, self._folder = port, folder
        self._environment = environment
        self._number = 0
        self.said: dict[str, float] = {}
        self._process: Any = None
        self._lock = threading.Lock()
        self.start()

    def start(self) -> None:
        """Begin, again."""
        with self._lock:
            self._begin()

    def _begin(self) -> None:
        self._line, other = CONTEXT.Pipe()
        self._process = CONTEXT.Process(
            target=_run, args=(self._port, self._folder, other), daemon=True
        )
        before = {name: os.environ.get(name) for name in self._environment}
        os.environ.update(self._environment)
        try:
            self._process.start()
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
        other.close()
        self._line.recv()

    def say(self) -> str:
        """Have it hear a warning; return the header when it has told of it."""
        with self._lock:
            self._line.send(self._number)
            self._number += 1
            told: str = self._line.recv()
            self.said[told] = time.monotonic()
            return told

    def has_kept(self, header: str) -> bool:
        """Whether a warning is on its disk: from then on it must not be lost."""
        files = [path for path in self._folder.rglob("*") if path.is_file()]
        return any(header.encode() in path.read_bytes() for path in files)

    def kill(self) -> None:
        """Kill it with SIGKILL."""
        with self._lock:
            self._process.kill()
            self._process.join()
            self._line.close()


def _run(port: int, folder: Path, line: Connection) -> None:
    settings = AgentConfig(
        topics=Topics("eas_station", NAME),
        broker=Broker(host="127.0.0.1", port=port),
        stations=(),
        folder=folder,
    )
    with running(settings) as station:
        line.send("ready")
        while True:
            number = line.recv()
            now = datetime.now(UTC)
            text = header(number, now)
            station.say(alert(header=text, now=now))
            line.send(text)
