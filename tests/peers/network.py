"""Ports of this machine, and peers that are waited for."""

from collections.abc import Callable
from contextlib import suppress
import socket
import subprocess
import time

DEADLINE_SECONDS = 30.0


def until(done: Callable[[], bool], seconds: float = DEADLINE_SECONDS) -> None:
    """Wait until something is so; fail when it is not in time. A peer that is busy is asked again."""
    deadline = time.monotonic() + seconds
    while True:
        with suppress(ConnectionError, TimeoutError):
            if done():
                return
        assert time.monotonic() < deadline, "it did not come to be"
        time.sleep(0.02)


def listening(port: int) -> bool:
    """Whether something takes connections there."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and wait for it."""
    process.kill()
    process.wait(DEADLINE_SECONDS)
