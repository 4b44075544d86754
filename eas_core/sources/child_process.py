"""The parent's side of a child process: started, listened to, ended and reaped."""

from collections import deque
from concurrent.futures import Future
from contextlib import suppress
import fcntl
import os
from pathlib import Path
import re
import select
import signal
import subprocess
import sys
import threading
from typing import IO, Any, Final

from .child_values import to_json
from .child_wire import Frame, FrameReader, WireError
from .source import SourceError, SourceErrorReason

KILL_SECONDS: Final = 0.4
"""What is waited for a killed process: more only where the kernel holds it."""

PIPE_BYTES: Final = 1024 * 1024
"""What every user may have of a pipe, by Linux's default."""

_MAIN: Final = Path(__file__).with_name("child_main.py")
_ONE_THREAD: Final = {"OPENBLAS_NUM_THREADS": "1"}
"""A source multiplies no matrices, and each of numpy's threads takes memory."""

_HANDED_ON: Final = re.compile(
    r"(HOME|LANG|PATH|TMPDIR|TZ|SSL_CERT_(DIR|FILE)|XDG_(CONFIG_HOME|RUNTIME_DIR))\Z"
    r"|(ALSA|JACK|LC|LD|LIBUSB|PIPEWIRE|PULSE|RTLSDR)_"
)
"""What drivers, sound servers, the loader and TLS look at. The rest is the parent's
own: tokens and passwords are handed to programs in their environment."""


_NO_PYTHON: Final = (TypeError, ValueError)
"""What an empty `sys.executable` gives, as in a program that embeds Python."""


class ChildProcess:
    """A process that does one task of `child_serve`.

    A thread of its own starts it, takes its error output and reaps it, and ends
    with it: Linux ends the child when that thread ends (`child_leash`), not the
    one that happens to ask for it. For one user at a time.
    """

    def __init__(self, task: dict[str, Any], what: str) -> None:
        """Start the process; `what` it does begins the sentences of its errors.

        Raises SourceError where the system does not let it start.
        """
        self._what = what
        self._log = LastLines()
        self._lock = threading.Lock()
        self._gone = threading.Event()
        started: Future[subprocess.Popen[bytes]] = Future()
        try:
            threading.Thread(
                target=self._keep, args=(started,), name="eas-child", daemon=True
            ).start()
            self._process = started.result()
        except (OSError, RuntimeError, *_NO_PYTHON) as error:
            raise SourceError(
                SourceErrorReason.BROKEN,
                f"Free memory and processes of this machine: {what} "
                f"could not be started ({error}).",
            ) from error
        self._output = _pipe(self._process.stdout)
        self._frames = FrameReader(self._output.fileno())
        self._poll = select.poll()
        self._poll.register(self._output, select.POLLIN)
        self._tell(to_json(task | {"parent": os.getpid(), "path": _packages()}))

    @property
    def pid(self) -> int:
        """Its number, which is its group's and its session's as well."""
        return self._process.pid

    @property
    def last_lines(self) -> tuple[str, ...]:
        """The newest that it wrote to its error output; complete once it is closed."""
        return self._log.lines

    def receive(self, seconds: float) -> Frame | None:
        """Return the next frame; None where it is not there within the seconds.

        Raises SourceError(CRASHED) where the process has ended or what comes
        is no frame.
        """
        try:
            frame = self._frames.read()
            if frame is None and self._poll.poll(1000 * seconds):
                frame = self._frames.read()
        except EOFError:
            raise self._crash() from None
        except WireError as error:
            raise SourceError(
                SourceErrorReason.CRASHED,
                f"Look at the log: {self._what} sent what is no audio.",
            ) from error
        return frame

    def close(self, grace_seconds: float = 0.0) -> None:
        """End the process, by asking first where there is grace; it may be called again."""
        if grace_seconds and not self._gone.is_set():
            self._tell("stop")
            self._gone.wait(grace_seconds)
        self._kill()
        self._gone.wait(KILL_SECONDS)
        for pipe in (self._process.stdin, self._process.stdout):
            _pipe(pipe).close()

    def _tell(self, line: str) -> None:
        # What is gone already is seen by who listens to it.
        with suppress(OSError, ValueError):
            _pipe(self._process.stdin).write(f"{line}\n".encode())

    def _crash(self) -> SourceError:
        self._gone.wait(KILL_SECONDS)
        self._kill()
        self._gone.wait(KILL_SECONDS)
        code = self._process.returncode
        how = _how_it_ended(code)
        return SourceError(
            SourceErrorReason.CRASHED, f"Look at the log: {self._what} {how}."
        )

    def _kill(self) -> None:
        with self._lock:
            # Until it is reaped nobody else can have its number.
            if self._process.returncode is None:
                _kill_group(self._process.pid)

    def _keep(self, started: Future[subprocess.Popen[bytes]]) -> None:
        try:
            process = _start()
        except (OSError, *_NO_PYTHON) as error:
            started.set_exception(error)
            return
        started.set_result(process)
        self._drain(_pipe(process.stderr), process.pid)
        _has_ended(process.pid, wait=True)
        with self._lock:
            # Programs that it started, such as ffmpeg, go with it.
            _kill_group(process.pid)
            process.wait()
        self._gone.set()

    def _drain(self, errors: IO[bytes], pid: int) -> None:
        """Take the error output to its end, or the process's where another holds it."""
        poll = select.poll()
        poll.register(errors, select.POLLIN)
        with errors:
            while True:
                if poll.poll(500):
                    if not (chunk := os.read(errors.fileno(), 4096)):
                        return
                    self._log.feed(chunk)
                elif _has_ended(pid, wait=False):
                    return


class LastLines:
    """The last lines of a text that comes in pieces, without secrets of addresses."""

    LINES: Final = 100
    LENGTH: Final = 400

    def __init__(self) -> None:
        """Begin with none."""
        self._lines: deque[str] = deque(maxlen=self.LINES)
        self._rest = b""

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines, and what may be the beginning of another one."""
        return tuple(self._lines) + ((_clean(self._rest),) if self._rest else ())

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes."""
        *whole, rest = (self._rest + chunk).split(b"\n")
        self._rest = rest[: self.LENGTH]
        self._lines.extend(_clean(line[: self.LENGTH]) for line in whole)


def _clean(line: bytes) -> str:
    text = line.decode(errors="replace").rstrip()
    text = re.sub(r"(?<=://)[^\s/]*@", "***@", text)
    return re.sub(r"(?<=[?&])([^\s=&]+)=[^\s&]+", r"\1=***", text)


def _start() -> subprocess.Popen[bytes]:
    """Start Python alone: no user's settings, nothing on its path but its own library."""
    process = subprocess.Popen(  # noqa: S603 - Our own file, by this Python.
        [sys.executable, "-I", "-S", "-X", "faulthandler", str(_MAIN)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        cwd="/",
        env=_environment(),
        # Its own: what is typed at a terminal is for the parent to decide.
        start_new_session=True,
    )
    output = _pipe(process.stdout).fileno()
    os.set_blocking(output, False)
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with suppress(OSError):  # a smaller one does as well
            fcntl.fcntl(output, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    return process


def _environment() -> dict[str, str]:
    handed_on = {
        name: os.environ[name] for name in os.environ if _HANDED_ON.match(name)
    }
    return handed_on | _ONE_THREAD


def _packages() -> list[str]:
    """Return where installed packages are, of all that this process imports from."""
    names = ("site-packages", "dist-packages")
    return [
        str(Path(entry).absolute()) for entry in sys.path if Path(entry).name in names
    ]


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe


def _has_ended(pid: int, *, wait: bool) -> bool:
    """Whether a child has ended; its number stays its own until it is reaped."""
    how = os.WEXITED | os.WNOWAIT | (0 if wait else os.WNOHANG)
    try:
        return os.waitid(os.P_PID, pid, how) is not None
    except ChildProcessError:  # somebody reaps what is not theirs
        return True


def _kill_group(pid: int) -> None:
    # Beyond Linux a group that has ended may not be signalled.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _how_it_ended(code: int | None) -> str:
    if code is None:
        return "does not end"
    if code >= 0:
        return f"ended by itself with code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"
