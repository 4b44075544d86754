"""What every source of audio is, and how it says that it cannot go on."""

from collections.abc import Iterator
from enum import StrEnum
import threading
from typing import Protocol

from ..audio.block import Block
from ..clock import Clock
from ..errors import EasError


class SourceErrorReason(StrEnum):
    """Why a source failed, or hears badly; each is also a translation key."""

    NOT_FOUND = "not_found"
    """No such file, device, dongle or page."""
    BUSY = "busy"
    """Another program holds the device."""
    NO_PERMISSION = "no_permission"
    """The system does not let us open it; the hint names the rule to add."""
    UNPLUGGED = "unplugged"
    """The device was there and is gone."""
    STALLED = "stalled"
    """Nothing came for longer than it may take."""
    CRASHED = "crashed"
    """The process that reads the device ended by itself."""
    NO_LIBRARY = "no_library"
    """A native library is missing; the hint says what to install."""
    LIBRARY_UNUSABLE = "library_unusable"
    """A native library is there and does not do: too old, or broken."""
    UNREACHABLE = "unreachable"
    """The host's name is unknown, or nothing answers there."""
    REFUSED = "refused"
    """The host answers and nothing listens at that port."""
    DISCONNECTED = "disconnected"
    """The other side ended the connection."""
    TLS_ERROR = "tls_error"
    """The certificate or the handshake is bad."""
    UNAUTHORIZED = "unauthorized"
    """User or password is wrong, or is asked for."""
    WRONG_PROTOCOL = "wrong_protocol"
    """What answers does not speak what was expected."""
    NOT_AUDIO = "not_audio"
    """What comes is no audio that can be decoded."""
    EMPTY = "empty"
    """It ended before a first sample."""
    ENDED = "ended"
    """It came to its regular end."""
    INVALID_OPTION = "invalid_option"
    """An option does not suit this source."""
    BROKEN = "broken"
    """It failed in a way of its own; the log has more."""

    LOSING_SAMPLES = "losing_samples"
    """It hears, and samples are lost on the way."""
    OVERLOADED = "overloaded"
    """It hears, and this machine is too slow for it."""
    CLIPPING = "clipping"
    """It hears, and the input is driven past full scale."""
    SILENT = "silent"
    """Audio comes, and nothing is in it."""
    NO_CARRIER = "no_carrier"
    """The radio works, and no station is heard on its channels."""


class SourceError(EasError):
    """A source cannot be opened or read; `hint` is one sentence that tells the user what to do."""

    def __init__(self, reason: SourceErrorReason, hint: str) -> None:
        """Keep the reason for programs and the hint for people."""
        super().__init__(hint)
        self.reason = reason
        self.hint = hint


class Source(Protocol):
    """Something that hears: opened by iterating over its blocks.

    Sources are frozen dataclasses of plain values, so that one can be handed to
    a child process. `live` sources deliver at the pace of the world: when the
    engine is slow the oldest blocks are dropped. Others (a file read at full
    speed) wait instead.
    """

    @property
    def kind(self) -> str:
        """What the source is, in one word."""

    @property
    def live(self) -> bool:
        """Whether it delivers at the pace of the world."""

    def blocks(self, clock: Clock, stop: threading.Event) -> Iterator[Block]:
        """Yield blocks until `stop` is set or the source ends.

        Runs on a thread that may block; returns within a second of `stop`.
        `first_sample` counts every sample since this call, those that were lost
        too. Raises SourceError where the source cannot be opened or read on:
        each call tries once, the station calls again.
        """
