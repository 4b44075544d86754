"""Listeners to sound cards, in processes of their own."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
import json
import os
from pathlib import Path
import signal
import subprocess
import sys
import threading
import time
from typing import Any

from tests.peers.network import DEADLINE_SECONDS, end, until

ROOT = Path(__file__).parents[3]


class Listener:
    """What a `sound_child` tells."""

    def __init__(self, env: dict[str, str], *arguments: str) -> None:
        self.started_at = time.monotonic()
        self.told: list[dict[str, Any]] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.core.sources.sound_child", *arguments],
            cwd=ROOT,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    @property
    def blocks(self) -> list[dict[str, Any]]:
        return self.having("first")

    @property
    def headers(self) -> list[str]:
        return [line["header"] for line in self.having("header")]

    def having(self, key: str) -> list[dict[str, Any]]:
        return [line for line in list(self.told) if key in line]

    def wait(self, key: str, seconds: float = DEADLINE_SECONDS) -> dict[str, Any]:
        """Return the first line that has the key."""
        self.wait_until(lambda: bool(self.having(key)), seconds)
        return self.having(key)[0]

    def wait_until(
        self, done: Callable[[], bool], seconds: float = DEADLINE_SECONDS
    ) -> None:
        until(lambda: done() or self.process.poll() is not None, seconds)
        self._thread.join(0.2)
        assert done(), self.told[-3:]

    def wait_for_audio(self, seconds: float) -> None:
        """Wait until so many seconds of audio have come from now on."""
        wait_for_audio([self], seconds)

    def stop(self) -> float:
        """Stop it; return how long the source took to."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()
        taken: float = self.wait("stopped_in")["stopped_in"]
        return taken

    def programs(self) -> list[int]:
        """Return the processes that it has started and that run."""
        return programs_of(self.process.pid)

    def signal(self, pid: int, number: signal.Signals) -> None:
        """Send a signal to it or to a program of its own."""
        assert pid in (self.process.pid, *self.programs())
        os.kill(pid, number)

    def close(self) -> None:
        end(self.process)
        self._thread.join(DEADLINE_SECONDS)
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.told.append(json.loads(line))


def wait_for_audio(listeners: Sequence[Listener], seconds: float) -> None:
    """Wait until so many seconds of audio have come to each from now on."""
    begins = [len(listener.blocks) for listener in listeners]
    for listener, begin in zip(listeners, begins, strict=True):

        def heard(listener: Listener = listener, begin: int = begin) -> bool:
            new = listener.blocks[begin:]
            return sum(float(one["count"] / one["rate"]) for one in new) >= seconds

        listener.wait_until(heard)


@contextmanager
def listening(env: dict[str, str], *arguments: str) -> Iterator[Listener]:
    """Have one listen to a device, a channel of it, or without a device search."""
    listener = Listener(env, *arguments)
    try:
        yield listener
    finally:
        listener.close()


def found(env: dict[str, str], *arguments: str) -> list[dict[str, Any]]:
    """Return the devices that a search finds."""
    with listening(env, *arguments) as search:
        devices: list[dict[str, Any]] = search.wait("devices")["devices"]
        return devices


def programs_of(parent: int) -> list[int]:
    """Return the processes that one has started and that run."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent and fields[0] != "Z":
            found.append(int(status.parent.name))
    return found


def runs(pid: int) -> bool:
    """Whether a process is there and has not ended."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def without_programs(env: dict[str, str]) -> dict[str, str]:
    """Return an environment in which ffmpeg is not found."""
    return env | {"PATH": os.devnull}
