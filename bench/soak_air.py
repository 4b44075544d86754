"""The air of a soak: seven stations as rtl_tcp serves them, in a process of its own.

The faults of the server and of the network are its own, and are done when they are told.
"""

from collections.abc import Callable
from datetime import UTC, datetime
import multiprocessing
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnContext
from pathlib import Path
import struct
import threading
import time
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bench.soak_audio import ScriptedAudio
from bench.soak_script import AUDIO_RATE, LEVELS_DBFS, Audio, Script
from eas_core.clock import Clock, SystemClock
from eas_core.radio.modulator import Band, Station, to_u8
from eas_core.radio.plan import nwr_plan
from eas_core.simulator.band import BLOCK_SECONDS, NOISE_BAND, NOISE_DBFS
from eas_core.simulator.rtl_tcp import RtlTcpServer

AHEAD_SECONDS: Final = 1.0
"""What the air may be ahead of who hears it, where it is as fast as it is heard."""

LATE_SECONDS: Final = 1.5
"""More than that a real-time air is not behind: it goes by."""

KEPT: Final = struct.Struct("<ddI")
"""Before each block that is kept: its air, what went by before it (s), its bytes."""

CONTEXT: Final[SpawnContext] = multiprocessing.get_context("spawn")


class ScriptedBand:
    """The band of a script, as `RtlTcpServer` asks for it; whatever a client tunes is as it is."""

    def __init__(
        self, script: Script, told: Callable[[float], None], began: float | None
    ) -> None:
        """Begin with the first moment; `told` is called with the air of each block.

        Where it `began` at a monotonic time, what nobody asks for in time goes by.
        """
        self._told = told
        self._began = began
        self.missed: list[tuple[float, float]] = []
        plan = nwr_plan()
        noise = NOISE_DBFS + 10 * np.log10(plan.tuning.sample_rate / NOISE_BAND)
        stations = [
            Station(channel=channel, level_dbfs=level)
            for channel, level in zip(plan.channels, LEVELS_DBFS, strict=True)
        ]
        self._band = Band(
            plan.tuning, stations, AUDIO_RATE, noise_dbfs=noise, seed=script.seed
        )
        self._audio = ScriptedAudio(script)

    def tune(self, *_: object, **__: object) -> None:
        """Stay."""

    @property
    def air(self) -> float:
        """Where it is."""
        return self._audio.air

    def receive(self) -> NDArray[np.uint8]:
        """Return the next BLOCK_SECONDS, uint8[2·n]."""
        if self._began is not None:
            late = time.monotonic() - self._began - self.air
            if late > LATE_SECONDS:
                self.missed.append((self.air, self.air + late))
                self.skip(late)
        return to_u8(self._band.feed(self._take(BLOCK_SECONDS)))

    def skip(self, seconds: float) -> None:
        """Let so much air go that nobody hears."""
        self._take(seconds)

    def _take(self, seconds: float) -> Audio:
        audio = self._audio.take(seconds)
        self._told(self.air)
        return audio


class _Heard:
    """A clock that goes as what is sent is heard: nothing is sent that waits for long."""

    def __init__(self, heard: Any) -> None:
        self._heard = heard
        self.server: RtlTcpServer | None = None
        self._clients = 0

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        if self.server is not None and self.server.clients != self._clients:
            # What a client is sent first is due from here on.
            self._clients = self.server.clients
            return float(self._heard.value)
        return float(self._heard.value) + AHEAD_SECONDS

    def wait(self, event: threading.Event, seconds: float) -> bool:
        return event.wait(min(seconds, 0.01))


class Air:
    """The process, and what may be done to it; its air is as fast as it is heard or as the world.

    `heard` takes how many seconds in all were heard; `position` is how far the air is.
    """

    def __init__(self, script: Script, kept: Path | None = None) -> None:
        """Begin to serve; where what is sent is `kept`, it is at the pace of the world."""
        self.heard = CONTEXT.Value("d", 0.0)
        self._position = CONTEXT.Value("d", 0.0)
        self._line, other = CONTEXT.Pipe()
        heard = None if kept else self.heard
        self.process = CONTEXT.Process(
            target=_serve,
            args=(script, other, heard, self._position, kept),
            daemon=True,
        )
        self.process.start()
        self.port: int = self._line.recv()
        self.began: float = self._line.recv()
        """Its first moment, monotonic, where it is at the pace of the world."""

    @property
    def position(self) -> float:
        """Seconds of air that were sent or went by."""
        return float(self._position.value)

    def do(self, what: str, seconds: float = 0.0) -> None:
        """Do `cut`, `stall`, `resume`, `garbage`, `gone`, `back` or `skip`."""
        self._line.send((what, seconds))
        self._line.recv()

    def missed(self) -> list[tuple[float, float]]:
        """Return what air went by since nobody heard it, or this machine was slow."""
        self._line.send(("missed", 0.0))
        missed: list[tuple[float, float]] = self._line.recv()
        return missed

    def close(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.join()


def _serve(
    script: Script, line: Connection, heard: Any, position: Any, kept: Path | None
) -> None:
    def told(air: float) -> None:
        position.value = air

    began = time.monotonic()
    scripted = ScriptedBand(script, told, began if kept else None)
    band = _Locked(scripted, kept)
    clock: Clock = SystemClock() if heard is None else _Heard(heard)
    server = _server(band, 0, clock)
    port = server.port
    line.send(port)
    line.send(began)
    while True:
        what, seconds = line.recv()
        if what == "skip":
            band.skip(seconds)
        elif what == "gone":
            server.stop()
        elif what == "back":
            server = _server(band, port, clock)
        elif what != "missed":
            getattr(server, what)()
        line.send(list(scripted.missed))


def _server(band: Any, port: int, clock: Clock) -> RtlTcpServer:
    deadline = time.monotonic() + 10
    while True:
        try:
            server = RtlTcpServer(band, port=port, clock=clock)
        except Exception:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
            continue
        if isinstance(clock, _Heard):
            clock.server = server
        server.start()
        return server


class _Locked:
    """A band that a server takes from while it is told to skip; it keeps what it gave."""

    def __init__(self, band: ScriptedBand, kept: Path | None) -> None:
        self._band = band
        self._lock = threading.Lock()
        self._kept = kept.open("wb") if kept else None
        self._missed = 0
        self.tune = band.tune

    def receive(self) -> NDArray[np.uint8]:
        with self._lock:
            samples = self._band.receive()
            if self._kept is not None:
                missed = self._band.missed[self._missed :]
                self._missed += len(missed)
                gap = sum(end - start for start, end in missed)
                self._kept.write(KEPT.pack(self._band.air, gap, len(samples)))
                self._kept.write(samples.tobytes())
                self._kept.flush()
            return samples

    def skip(self, seconds: float) -> None:
        with self._lock:
            self._band.skip(seconds)
