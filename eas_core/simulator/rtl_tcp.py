"""The band as rtl_tcp serves a dongle: any program that knows rtl_tcp can hear it.

One client at a time, as the genuine server has it: a second one is accepted
when the first has gone. After rtl_tcp.c of osmocom's rtl-sdr.
"""

from collections import deque
from contextlib import suppress
from dataclasses import dataclass
import select
import socket
import threading
from types import TracebackType
from typing import Final, Self

import numpy as np

from ..clock import Clock, SystemClock
from ..errors import EasError
from ..radio.plan import DIRECT_SAMPLING_OFF, NWR_CENTER, Tuning
from ..sources.rtl_tcp import COMMAND, GREETING, MAGIC, Command
from .band import BLOCK_SECONDS, USUAL_GAIN_DB, BandSimulator

TUNER_R820T: Final = 5
GAINS: Final = 29
DEFAULT_RATE: Final = 2_048_000
RATES: Final = ((225_001, 300_000), (900_001, 3_200_000))
"""What an RTL2832U samples at; other rates are refused and the old one stays."""

QUEUE_BLOCKS: Final = 100
"""A client that is slower loses the oldest, as rtl_tcp's does by default after 500 buffers."""

LOOK_SECONDS: Final = 0.2
AUTOMATIC_GAIN_DB: Final = USUAL_GAIN_DB


@dataclass(slots=True)
class Settings:
    """What a client has set."""

    sample_rate: int = DEFAULT_RATE
    frequency: int = NWR_CENTER
    gain_db: float | None = None
    ppm: int = 0
    agc: bool = False
    direct_sampling: int = DIRECT_SAMPLING_OFF
    bias_tee: bool = False


class RtlTcpServer:
    """Serves a band on a port of its own, from `start` to `stop` or as a context.

    `stall`, `resume`, `cut` and `garbage` do what servers and networks do.
    """

    def __init__(
        self,
        band: BandSimulator,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Clock | None = None,
    ) -> None:
        """Listen at once; port 0 is a free one. Raises EasError where that is not possible."""
        self._band = band
        self._clock = clock or SystemClock()
        self._stop = threading.Event()
        self._stalled = threading.Event()
        self._garbage = threading.Event()
        self._cut = threading.Event()
        self._thread: threading.Thread | None = None
        self.settings = Settings()
        self.commands: deque[tuple[int, int]] = deque(maxlen=1000)
        self.clients = 0
        try:
            self._listener = socket.create_server((host, port), backlog=4)
        except (OSError, OverflowError) as error:
            raise EasError(
                f"Choose another port or address: {host}:{port} cannot be listened on."
            ) from error
        self._listener.settimeout(LOOK_SECONDS)

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._listener.getsockname()[1])

    def start(self) -> None:
        """Begin to serve."""
        self._thread = threading.Thread(target=self._serve, name="eas-rtl-tcp")
        self._thread.start()

    def stop(self) -> None:
        """Close all, and wait for the end."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        self._listener.close()

    def __enter__(self) -> Self:
        """Begin to serve."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close all."""
        self.stop()

    def stall(self) -> None:
        """Send nothing more, and keep the connection."""
        self._stalled.set()

    def resume(self) -> None:
        """End a stall, and garbage."""
        self._stalled.clear()
        self._garbage.clear()

    def cut(self) -> None:
        """Close the client's connection."""
        self._cut.set()

    def garbage(self) -> None:
        """Greet the next clients with what is no rtl_tcp, and send noise."""
        self._garbage.set()

    def _serve(self) -> None:
        while not self._stop.is_set():
            try:
                client, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            self.clients += 1
            self._cut.clear()
            with client, suppress(OSError):
                self._talk(client)

    def _talk(self, client: socket.socket) -> None:
        """Serve one client until it goes."""
        client.setblocking(False)
        self.settings = Settings()
        self._tune()
        line = _Line(client)
        if self._garbage.is_set():
            line.put(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        else:
            line.put(GREETING.pack(MAGIC, TUNER_R820T, GAINS))
        due = self._clock.monotonic()
        while not (self._stop.is_set() or self._cut.is_set()):
            wait = max(0.0, due - self._clock.monotonic())
            if not line.exchange(wait):
                return
            self._obey(line.commands())
            if self._clock.monotonic() < due:
                continue
            due = max(due, self._clock.monotonic() - 1.0) + BLOCK_SECONDS
            samples = self._band.receive()
            if self._garbage.is_set():
                samples = np.random.default_rng().integers(0, 256, 2000, np.uint8)
            if not self._stalled.is_set():
                line.put(samples.tobytes())

    def _obey(self, commands: list[tuple[int, int]]) -> None:
        for command, value in commands:
            self.commands.append((command, value))
            self._set(command, value)
        if commands:
            self._tune()

    def _set(self, command: int, value: int) -> None:
        settings = self.settings
        signed = value - (1 << 32) if value >> 31 else value
        match command:
            case Command.FREQUENCY:
                settings.frequency = value
            case Command.SAMPLE_RATE:
                if any(low <= value <= high for low, high in RATES):
                    settings.sample_rate = value
            case Command.GAIN_MODE if not value:
                settings.gain_db = None
            case Command.GAIN:
                settings.gain_db = signed / 10
            case Command.PPM:
                settings.ppm = signed
            case Command.AGC:
                settings.agc = bool(value)
            case Command.DIRECT_SAMPLING:
                settings.direct_sampling = value
            case Command.BIAS_TEE:
                settings.bias_tee = bool(value)

    def _tune(self) -> None:
        settings = self.settings
        gain = AUTOMATIC_GAIN_DB if settings.gain_db is None else settings.gain_db
        self._band.tune(
            Tuning(
                center_frequency=settings.frequency, sample_rate=settings.sample_rate
            ),
            gain,
            settings.ppm,
        )


class _Line:
    """A client's connection, never waited for longer than asked."""

    def __init__(self, client: socket.socket) -> None:
        self._client = client
        self._waiting: deque[bytes] = deque()
        self._part = memoryview(b"")
        self._typed = bytearray()

    def put(self, data: bytes) -> None:
        if len(self._waiting) >= QUEUE_BLOCKS:
            self._waiting.popleft()
        self._waiting.append(data)

    def exchange(self, seconds: float) -> bool:
        """Send and take what goes within the time; False when the client has gone."""
        if not self._part and self._waiting:
            self._part = memoryview(self._waiting.popleft())
        wanted = [self._client] if self._part else []
        reads, writes, _ = select.select([self._client], wanted, [], min(seconds, 0.2))
        if reads:
            typed = self._client.recv(4096)
            if not typed:
                return False
            self._typed += typed
        if writes:
            self._part = self._part[self._client.send(self._part) :]
        return True

    def commands(self) -> list[tuple[int, int]]:
        """Return the whole commands that came."""
        whole = len(self._typed) // COMMAND.size * COMMAND.size
        found = [
            COMMAND.unpack_from(self._typed, at) for at in range(0, whole, COMMAND.size)
        ]
        del self._typed[:whole]
        return [(int(command), int(value)) for command, value in found]
