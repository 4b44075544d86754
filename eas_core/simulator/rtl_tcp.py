"""The band as rtl_tcp serves a dongle: any program that knows rtl_tcp can hear it.

One client at a time, as the genuine server has it: a second one is accepted
when the first has gone. After rtl_tcp.c of osmocom's rtl-sdr.
"""

from collections import deque
from contextlib import suppress
import select
import socket
import threading
from types import TracebackType
from typing import Final, Self

import numpy as np

from ..clock import Clock, SystemClock
from ..errors import EasError
from ..sources.rtl_tcp import COMMAND, GREETING, MAGIC
from .band import BLOCK_SECONDS, BandSimulator
from .dongle import GAINS, TUNER_R820T, Dongle, Settings

QUEUE_BLOCKS: Final = 100
"""A client that is slower loses the oldest; rtl_tcp keeps 500 buffers unless told otherwise."""

BACKLOG: Final = 4
"""Clients that wait for the one that is served."""

RTL_TCP_GREETING: Final = GREETING.pack(MAGIC, TUNER_R820T, len(GAINS))
NO_GREETING: Final = b"HTTP/1.1 400 Bad Request\r\n\r\n"

LOOK_SECONDS: Final = 0.2
"""How often `stop` and `cut` are looked at."""

BEHIND_SECONDS: Final = 1.0
"""What more than that was not sent in time is left out."""


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
        self._dongle = Dongle(band)
        self._clock = clock or SystemClock()
        self._stop = threading.Event()
        self._stalled = threading.Event()
        self._garbage = threading.Event()
        self._cut = threading.Event()
        self._thread: threading.Thread | None = None
        self._rng = np.random.default_rng(0)
        self.commands: deque[tuple[int, int]] = deque(maxlen=1000)
        self.clients = 0
        self.dropped = 0
        """Blocks that clients were too slow for."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        unfit = EasError(
            f"Choose another port or address: {host}:{port} cannot be listened on."
        )
        # Python would leave a socket open that it cannot bind for that.
        if port not in range(65_536):
            raise unfit
        try:
            self._listener = socket.create_server(
                (host, port), family=family, backlog=BACKLOG
            )
        except OSError as error:
            raise unfit from error
        self._listener.settimeout(LOOK_SECONDS)
        self.port = int(self._listener.getsockname()[1])

    @property
    def settings(self) -> Settings:
        """What its clients have set."""
        return self._dongle.settings

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
        line = _Line(client)
        line.put(NO_GREETING if self._garbage.is_set() else RTL_TCP_GREETING)
        due = self._clock.monotonic()
        while not (self._stop.is_set() or self._cut.is_set()):
            if not line.exchange(due - self._clock.monotonic()):
                return
            commands = line.commands()
            self._dongle.obey(commands)
            self.commands.extend(commands)
            now = self._clock.monotonic()
            if now >= due:
                due = max(due, now - BEHIND_SECONDS) + BLOCK_SECONDS
                self._put_samples(line)

    def _put_samples(self, line: _Line) -> None:
        samples = self._dongle.receive()
        if self._garbage.is_set():
            samples = self._rng.bytes(len(samples))
        if not self._stalled.is_set():
            self.dropped += line.put(samples)


class _Line:
    """A client's connection, never waited for longer than asked."""

    def __init__(self, client: socket.socket) -> None:
        self._client = client
        self._waiting: deque[bytes] = deque()
        self._part = memoryview(b"")
        self._typed = bytearray()

    def put(self, data: bytes) -> bool:
        """Send it when it can be; return whether the oldest was dropped for it."""
        full = len(self._waiting) >= QUEUE_BLOCKS
        if full:
            self._waiting.popleft()
        self._waiting.append(data)
        return full

    def exchange(self, seconds: float) -> bool:
        """Send and take what goes within the time; False when the client has gone."""
        if not self._part and self._waiting:
            self._part = memoryview(self._waiting.popleft())
        wanted = [self._client] if self._part else []
        seconds = min(max(0.0, seconds), LOOK_SECONDS)
        reads, writes, _ = select.select([self._client], wanted, [], seconds)
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
