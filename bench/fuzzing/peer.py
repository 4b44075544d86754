"""The other end of a connection, which sends what a case says and goes."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
import socket
import struct
import threading
import time
from typing import Final, Self

HURRY: Final = 5.0
"""How much faster than ours the clock runs of those who wait for a peer."""

RESET: Final = struct.pack("ii", 1, 0)
"""SO_LINGER: end with a reset, and not in order."""


@dataclass(frozen=True, slots=True)
class Script:
    """What a peer sends, in these pieces, once it has read so many requests; `reset` ends it roughly."""

    pieces: Sequence[bytes]
    reads: bool = False
    reset: bool = False

    @property
    def size(self) -> int:
        """All bytes."""
        return sum(map(len, self.pieces))


class Peer:
    """Serves whoever connects, by the scripts in turn; the last again and again."""

    def __init__(self) -> None:
        """Listen."""
        self.scripts: Sequence[Script] = ()
        self._served = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._serve, name="fuzz_peer")

    def play(self, *scripts: Script) -> None:
        """Serve these from now on."""
        self.scripts, self._served = scripts, 0

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End, and wait for that."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            with sock, suppress(OSError):
                self._answer(sock)

    def _answer(self, sock: socket.socket) -> None:
        script = self.scripts[min(self._served, len(self.scripts) - 1)]
        self._served += 1
        sock.settimeout(2.0)
        if script.reads:
            sock.recv(65_536)
        for piece in script.pieces:
            sock.sendall(piece)
        if script.reset:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            return
        # What is still to be read would make the end a reset.
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(65_536):
            pass


class HurriedClock:
    """A clock by which a minute takes twelve seconds."""

    def now(self) -> datetime:
        """Return the moment."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds, many."""
        return HURRY * time.monotonic()

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait for a part of that."""
        return event.wait(max(0.0, seconds / HURRY))
