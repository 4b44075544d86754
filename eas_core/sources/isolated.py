"""A source in a process of its own: what it does there cannot hurt this one."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
import logging
import math
import threading
import time
from typing import Any, Final, cast, get_type_hints

from ..audio.block import AudioBlock, Block, IqBlock
from ..clock import Clock
from .child_process import ChildProcess
from .child_values import from_plain, to_json
from .child_wire import Beat, Failed, Frame, Returned
from .source import Source, SourceError, SourceErrorReason

_LOGGER = logging.getLogger(__name__)

START_SECONDS: Final = 15.0
"""For Python and numpy, on a small machine that starts a lot at once."""

OPEN_SECONDS: Final = 42.0
BLOCK_SECONDS: Final = 8.8
"""From there to the first block, and from one to the next: more than sources
themselves are patient (a stream 40 and 8), since they know better what is wrong.
These are for those that hang, which is to be seen within 10."""

BEAT_SECONDS: Final = 5.0
"""Without a sign of life, of which there is one each second."""

GRACE_SECONDS: Final = 0.6
"""For a source to close its device when it is stopped."""

LOOK_SECONDS: Final = 0.1
"""How often `stop` is looked at while nothing comes."""

_EXPLAINED: Final = {
    SourceErrorReason.BROKEN,
    SourceErrorReason.CRASHED,
    SourceErrorReason.STALLED,
}
"""What the child's last words may explain."""

SILENT_SECONDS: Final = 3600.0
"""After a warning: who is started each minute, and says a hundred lines, must not fill the log."""

_PACKAGE: Final = __name__.removesuffix(".sources.isolated")
_NAMES: Final = {
    "file": "the file",
    "rtl_sdr": "the dongle",
    "sound_card": "the sound card",
    "stream": "the stream",
}


class IsolatedSource:
    """Runs a source of `catalog.NATIVE` in a child process; for the station it is the same source."""

    def __init__(self, source: Source) -> None:
        """Take the source to run; TypeError where it is no dataclass of plain values."""
        self.source = source
        self.kind = source.kind
        self.live = source.live
        self.pid: int | None = None
        self.beat = Beat()
        self._task = _task(type(source)) | {"values": asdict(cast(Any, source))}
        to_json(self._task)
        self._warned_at = -math.inf

    def blocks(self, clock: Clock, stop: threading.Event) -> Iterator[Block]:
        """Yield the child's blocks; raises SourceError as the source in it does, or STALLED, CRASHED.

        The child lives in real time, whatever the clock. It is gone when this
        generator ends, fails or is closed.
        """
        thing = _NAMES.get(self.kind, "the source")
        child = ChildProcess(self._task, f"what reads {thing}")
        patience = _Patience(thing)
        self.pid, self.beat = child.pid, Beat()
        try:
            for frame in _frames(child, patience, stop):
                if isinstance(frame, AudioBlock | IqBlock):
                    yield frame
                elif isinstance(frame, Beat):
                    self.beat = frame
                elif isinstance(frame, Failed):
                    raise frame.error
                else:
                    return
        except SourceError as error:
            child.close()
            warned = clock.monotonic() - self._warned_at < SILENT_SECONDS
            _log(f"The source {self.kind}", error, child.last_lines, warned)
            if not warned and error.reason in _EXPLAINED:
                self._warned_at = clock.monotonic()
            raise
        finally:
            child.close(GRACE_SECONDS if patience.begun else 0.0)
            self.pid = None


def find_in_child[Device](
    find: Callable[[], list[Device]], seconds: float = 30.0
) -> list[Device]:
    """Return what `find_dongles` or `find_sound_devices` finds, called in a child process.

    As `call_in_child` does.
    """
    return call_in_child(find, what="the search for devices", seconds=seconds)


def call_in_child[*Arguments, Result](
    function: Callable[[*Arguments], Result],
    *arguments: *Arguments,
    what: str,
    seconds: float,
) -> Result:
    """Return what a function of this library returns, called in a child process.

    Its arguments are plain, its result is as annotated: scalars, dataclasses of
    plain values, tuples and lists of them. Raises SourceError as the function
    does, STALLED after the seconds, or CRASHED; `what` is done there begins the
    sentences. Blocks: not for an event loop.
    """
    child = ChildProcess(_task(function) | {"arguments": arguments}, what)
    try:
        value = _await_value(child, what, seconds)
    except SourceError as error:
        child.close()
        _log(what, error, child.last_lines)
        raise
    finally:
        child.close()
    result: Result = from_plain(get_type_hints(function)["return"], value)
    return result


def _await_value(child: ChildProcess, what: str, seconds: float) -> Any:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        frame = child.receive(left)
        if isinstance(frame, Failed):
            raise frame.error
        if isinstance(frame, Returned):
            return frame.value
    raise SourceError(
        SourceErrorReason.STALLED,
        f"Look whether a device or server hangs: {what} did not end within {seconds:.0f} s.",
    )


def _task(target: Callable[..., Any]) -> dict[str, Any]:
    """Name a class or function of this library as its copy in the child knows it."""
    package, _, module = target.__module__.partition(f"{_PACKAGE}.")
    if package or not module:
        raise TypeError(f"{target!r} is not of this library")
    return {"module": module, "name": target.__name__}


def _log(
    what: str, error: SourceError, lines: tuple[str, ...], warned: bool = False
) -> None:
    """Log the child's last words: a warning once an hour, else for debugging only."""
    level = (
        logging.WARNING if error.reason in _EXPLAINED and not warned else logging.DEBUG
    )
    said = "".join(f"\n  {line}" for line in lines)
    _LOGGER.log(level, "%s failed: %s%s", what, error.hint, said)


def _frames(
    child: ChildProcess, patience: _Patience, stop: threading.Event
) -> Iterator[Frame]:
    """Yield what the child sends until `stop` is set; raises SourceError(STALLED, CRASHED)."""
    while not stop.is_set():
        asked = time.monotonic()
        frame = child.receive(LOOK_SECONDS)
        patience.waited(time.monotonic() - asked)
        if frame is None:
            patience.judge()
        else:
            patience.took(frame)
            yield frame


class _Patience:
    """How long a child may be silent.

    Only the time spent waiting for it counts: what it sent while its blocks
    were used elsewhere is still in the pipe.
    """

    def __init__(self, thing: str) -> None:
        self._thing = thing
        self._since_frame = self._since_block = 0.0
        self._opened = False
        self.begun = False

    def waited(self, seconds: float) -> None:
        self._since_frame += seconds
        self._since_block += seconds

    def took(self, frame: Frame) -> None:
        self._since_frame = 0.0
        self._opened = self._opened or isinstance(frame, AudioBlock | IqBlock)
        if not self.begun or isinstance(frame, AudioBlock | IqBlock):
            self._since_block = 0.0
        self.begun = True

    def judge(self) -> None:
        """Raise SourceError(STALLED) where it has been silent for too long."""
        thing, hint = self._thing, None
        limit = BLOCK_SECONDS if self._opened else OPEN_SECONDS
        if not self.begun and self._since_frame > START_SECONDS:
            hint = f"Free this machine of other work: what reads {thing} did not start."
        elif self.begun and self._since_frame > BEAT_SECONDS:
            hint = f"Restart {thing} if this goes on: what reads it hung and was ended."
        elif self.begun and self._since_block > limit:
            hint = f"Check {thing}: it gave nothing for {limit:.0f} seconds."
        if hint:
            raise SourceError(SourceErrorReason.STALLED, hint)
