"""The child's side: runs a source, or calls a function, and sends what comes of it."""

from collections.abc import Callable
from importlib import import_module
import logging
import os
import threading
import time
from typing import Any, BinaryIO, Final

from ..audio.block import AudioBlock, IqBlock
from ..audio.block_queue import BlockQueue
from ..clock import SystemClock
from . import child_leash
from .child_values import from_plain
from .child_wire import Beat, Ended, Failed, Returned, write_frame
from .source import Source, SourceError, SourceErrorReason

_LOGGER = logging.getLogger(__name__)

BEAT_SECONDS: Final = 1.0
QUEUE_SECONDS: Final = 4.0
"""What a slow parent may be behind, besides what the pipe holds: at most 31 MB of
radio samples. What is older is dropped, as the next block's `first_sample` tells."""


def serve(task: dict[str, Any], pipe: int, control: BinaryIO) -> None:
    """Do the task and end the process.

    The task names a `module` of this package and a `name` in it: with `values`
    a source's class, with `arguments` a function.
    """
    stop = threading.Event()
    target = getattr(import_module(f"..{task['module']}", __package__), task["name"])
    if "arguments" in task:
        child_leash.heed(control, child_leash.leave)
        write_frame(pipe, _outcome(lambda: Returned(value=target(*task["arguments"]))))
    else:
        pump = _Pump(from_plain(target, task["values"]), pipe, stop)
        child_leash.heed(control, pump.halt)
        pump.run()
    # What native libraries do at a regular exit may hang or crash.
    os._exit(0)


def _outcome(do: Callable[[], Ended | Returned]) -> Ended | Returned | Failed:
    """Return what came of it: the parent is told of every failure."""
    try:
        return do()
    except SourceError as error:
        return Failed(reason=error.reason, hint=error.hint)
    except Exception as error:
        _LOGGER.exception("The child failed")
        return Failed(
            reason=SourceErrorReason.BROKEN,
            hint=f"Look at the log: the source failed with {type(error).__name__}.",
        )


class _Pump:
    """Reads the source on this thread and writes the pipe on another.

    So a slow parent holds up the writer alone, and a source that is silent
    keeps no beat back.
    """

    def __init__(self, source: Source, pipe: int, stop: threading.Event) -> None:
        self._source = source
        self._pipe = pipe
        self._stop = stop
        self._queue = BlockQueue[Ended | Returned | Failed](QUEUE_SECONDS)
        self._samples = 0
        self._writer = threading.Thread(
            target=self._write, name="eas-pipe", daemon=True
        )

    def halt(self) -> None:
        """Ask the source to stop; what waits is let fall."""
        self._stop.set()
        self._queue.close()

    def run(self) -> None:
        """Return when the source has ended and all is written, or when stopped."""
        self._writer.start()
        self._queue.post(_outcome(self._read))
        if not self._stop.is_set():
            self._writer.join()

    def _read(self) -> Ended:
        blocks = self._source.blocks(SystemClock(), self._stop)
        try:
            for block in blocks:
                self._samples += len(block.samples)
                if not self._queue.put(block, wait=not self._source.live):
                    break
        finally:
            if close := getattr(blocks, "close", None):
                close()
        return Ended()

    def _write(self) -> None:
        try:
            self._write_frames()
        except BrokenPipeError:
            child_leash.leave()
        except Exception:  # without a writer nobody is told of anything
            _LOGGER.exception("The pipe failed")
            child_leash.leave()

    def _write_frames(self) -> None:
        due = 0.0
        while not self._stop.is_set():
            now = time.monotonic()
            if now >= due:
                write_frame(self._pipe, self._beat())
                due = now + BEAT_SECONDS
            try:
                item = self._queue.get(due - now)
            except TimeoutError:
                continue
            if item is not None:
                write_frame(self._pipe, item)
            if not isinstance(item, AudioBlock | IqBlock):
                return

    def _beat(self) -> Beat:
        return Beat(
            samples=self._samples,
            dropped=self._queue.dropped,
            cpu_seconds=time.process_time(),
        )
