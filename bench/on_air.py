"""A transmitter for receivers on this machine: raw samples over TCP, at the pace of the air."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
import socket
import threading
import time
from typing import Final

import numpy as np
from numpy.typing import NDArray

RATE: Final = 16_000
STEP_SECONDS: Final = 0.05
NOISE: Final = 0.003


class Transmitter:
    """Sends s16le at RATE to all who connect to `port`: what is said, and noise else."""

    def __init__(self) -> None:
        """Begin to send noise."""
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._heard_by: list[socket.socket] = []
        self._saying = np.zeros(0, np.float32)
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self.said_samples = 0
        self.quiet_since = time.monotonic()
        self._random = np.random.default_rng(1)
        self._threads = [
            threading.Thread(target=do, daemon=True) for do in (self._serve, self._send)
        ]
        for thread in self._threads:
            thread.start()

    def say(self, audio: NDArray[np.float32]) -> None:
        """Send float32[n] from now on, after what is still being said."""
        with self._lock:
            if not len(self._saying):
                self.said_samples = 0
            self._saying = np.concatenate((self._saying, audio))

    @property
    def quiet(self) -> bool:
        """Whether all was sent."""
        return not len(self._saying)

    @property
    def said_seconds(self) -> float:
        """How much was sent of what was last said."""
        return self.said_samples / RATE

    def close(self) -> None:
        """Go off the air."""
        self._ended.set()
        # `close` alone lets `accept` wait on.
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._server.accept()
                client.settimeout(1.0)
                self._heard_by.append(client)

    def _send(self) -> None:
        due, count = time.monotonic(), round(STEP_SECONDS * RATE)
        while not self._ended.is_set():
            due += STEP_SECONDS
            time.sleep(max(0.0, due - time.monotonic()))
            step = self._random.normal(0, NOISE, count).astype(np.float32)
            with self._lock:
                said, self._saying = self._saying[:count], self._saying[count:]
                self.said_samples += len(said)
                if len(said):
                    self.quiet_since = time.monotonic()
            step[: len(said)] += said
            data = (np.clip(step, -1, 1) * 32_767).astype("<i2").tobytes()
            for client in tuple(self._heard_by):
                try:
                    client.sendall(data)
                except OSError:
                    self._heard_by.remove(client)
                    client.close()
        for client in self._heard_by:
            client.close()


@contextmanager
def on_air() -> Iterator[Transmitter]:
    """Give a transmitter."""
    transmitter = Transmitter()
    try:
        yield transmitter
    finally:
        transmitter.close()
