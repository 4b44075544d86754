"""What every source of audio is, and how it says that it cannot go on."""

from collections.abc import Iterator
from enum import StrEnum
import threading
from typing import Protocol

from ..audio.block import Block
from ..clock import Clock
from ..errors import EasError


class SourceErrorReason(StrEnum):
    """Why a source failed; each is also a translation key."""

    NOT_FOUND = "not_found"
    NOT_AUDIO = "not_audio"
    NO_PERMISSION = "no_permission"
    ENDED = "ended"
    INVALID_OPTION = "invalid_option"
    BROKEN = "broken"


class SourceError(EasError):
    """A source cannot be opened or read; `hint` is one sentence that tells the user what to do."""

    def __init__(self, reason: SourceErrorReason, hint: str) -> None:
        """Keep the reason for programs and the hint for people."""
        super().__init__(hint)
        self.reason = reason
        self.hint = hint


class Source(Protocol):
    """Something that hears: opened by iterating over its blocks.

    `live` sources deliver at the pace of the world: when the engine is slow the
    oldest blocks are dropped. Others (a file read at full speed) wait instead.
    """

    @property
    def kind(self) -> str:
        """What the source is, in one word."""

    @property
    def live(self) -> bool:
        """Whether it delivers at the pace of the world."""

    def blocks(self, clock: Clock, stop: threading.Event) -> Iterator[Block]:
        """Yield blocks until `stop` is set or the source ends.

        Runs on the station's own thread and returns within a second of `stop`.
        Raises SourceError where the source cannot be opened or read on.
        """
