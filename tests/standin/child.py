"""A program that is run over the stand-in, and read with a deadline."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
import json
import os
from pathlib import Path
import selectors
import subprocess
import sys
import time
from typing import IO, Any, Final

from . import Standin

ROOT: Final = Path(__file__).parents[2]
DEADLINE_SECONDS: Final = 60.0


class Child:
    """What a process prints; every wait ends within `DEADLINE_SECONDS`."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self._rest = b""

    def read(self, seconds: float = DEADLINE_SECONDS) -> bytes:
        """Return what comes next on its output; empty at the end."""
        output: IO[bytes] | None = self.process.stdout
        assert output is not None
        with selectors.DefaultSelector() as selector:
            selector.register(output, selectors.EVENT_READ)
            if not selector.select(seconds):
                raise TimeoutError("it prints nothing")
        return os.read(output.fileno(), 1 << 16)

    def line(self, seconds: float = DEADLINE_SECONDS) -> dict[str, Any]:
        """Return its next line of JSON; what drivers print beside is left out."""
        while True:
            while b"\n" not in self._rest:
                if not (more := self.read(seconds)):
                    raise EOFError("it ended")
                self._rest += more
            text, _, self._rest = self._rest.partition(b"\n")
            if text.startswith(b"{"):
                line: dict[str, Any] = json.loads(text)
                return line

    def until(self, key: str) -> dict[str, Any]:
        """Return the next line that has this key."""
        while key not in (line := self.line()):
            pass
        return line

    def end_input(self) -> None:
        """Tell it to stop."""
        assert self.process.stdin is not None
        self.process.stdin.close()


@contextmanager
def running(command: list[str], environment: Mapping[str, str]) -> Iterator[Child]:
    """Run a program; it is killed at the end."""
    with subprocess.Popen(
        command,
        env=environment,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield Child(process)
        finally:
            process.kill()


def run(*arguments: str) -> list[str]:
    """Return the command for `tests.standin.run`."""
    return [sys.executable, "-m", "tests.standin.run", *arguments]


def find(environment: Mapping[str, str], *arguments: str) -> dict[str, Any]:
    """Return what `find_dongles` gives in a child: `found`, or `reason` and `hint`."""
    with running(run(*arguments, "find"), environment) as child:
        return child.line()


@contextmanager
def reading(standin: Standin, serial: str, **options: Any) -> Iterator[Child]:
    """Read a dongle in a child."""
    values = json.dumps({"serial": serial, **options})
    with running(run("read", values), standin.environment) as child:
        yield child


def refused(standin: Standin, serial: str, **options: Any) -> dict[str, Any]:
    """Return the line that tells why a dongle cannot be read."""
    with reading(standin, serial, **options) as child:
        return child.until("reason")


def wait_for(condition: Any, seconds: float = DEADLINE_SECONDS) -> None:
    """Wait until a condition holds; AssertionError where it never does."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it never came to be"
        time.sleep(0.02)
