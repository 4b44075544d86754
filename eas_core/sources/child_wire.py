"""What a child process sends its parent over a pipe: frames of samples, and of JSON."""

from collections.abc import Callable
from dataclasses import dataclass
import json
import os
import struct
from typing import Any, Final

import numpy as np

from ..audio.block import AudioBlock, Block, IqBlock
from .child_values import from_plain, to_json
from .source import SourceError, SourceErrorReason

# A frame, all of it little-endian:
#
#   0        2         3      4        8
#   +--------+---------+------+--------+---------------- - - -
#   | EA 53  | version | kind | length | body: `length` bytes
#   +--------+---------+------+--------+---------------- - - -
#     magic     u8        u8     u32
#
# The body of a block (kinds 1 audio, 2 IQ); an audio block's centre is 0:
#
#   0             8              16                 24
#   +-------------+--------------+------------------+------------- - - -
#   | sample_rate | first_sample | center_frequency | samples
#   +-------------+--------------+------------------+------------- - - -
#     i64 Hz        i64            i64 Hz             f32, or pairs (I, Q) of f32
#
# The body of every other kind is the JSON of its dataclass.

MAGIC: Final = b"\xeaS"
VERSION: Final = 1
AUDIO, IQ, BEAT, FAILED, RETURNED, ENDED = range(1, 7)
LONGEST_BODY: Final = 32 * 1024 * 1024
"""Bytes; four seconds of the fastest radio. What says that it is longer is no frame."""

_HEAD: Final = struct.Struct("<2sBBI")
_BLOCK: Final = struct.Struct("<qqq")


class WireError(ValueError):
    """What came is no frame: something else wrote into the pipe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """A sign of life, at once and then each second.

    `samples` were given by the source, `dropped` blocks did not fit the queue
    to a slow parent, `cpu_seconds` were used by the process.
    """

    samples: int = 0
    dropped: int = 0
    cpu_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The source's SourceError, its last frame."""

    reason: SourceErrorReason
    hint: str

    @property
    def error(self) -> SourceError:
        """The error as the source raised it."""
        return SourceError(self.reason, self.hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What a function returned, dataclasses in it as dicts."""

    value: Any


@dataclass(frozen=True, slots=True)
class Ended:
    """The source came to its regular end; its last frame."""


type Frame = Block | Beat | Failed | Returned | Ended

_NOTES: Final[dict[int, type[Any]]] = {
    BEAT: Beat,
    FAILED: Failed,
    RETURNED: Returned,
    ENDED: Ended,
}
_KINDS: Final = {form: kind for kind, form in _NOTES.items()}


def write_frame(descriptor: int, frame: Frame) -> None:
    """Write a frame, waiting as long as the pipe is full; raises OSError when it is closed."""
    kind, *body = _encode(frame)
    length = sum(map(len, body))
    if length > LONGEST_BODY:
        raise WireError(f"A block of {length} bytes is too long for a frame.")
    parts = [memoryview(_HEAD.pack(MAGIC, VERSION, kind, length)), *body]
    while parts:
        written = os.writev(descriptor, parts)
        while parts and written >= len(parts[0]):
            written -= len(parts.pop(0))
        if parts:
            parts[0] = parts[0][written:]


class FrameReader:
    """Takes frames from a pipe that does not block, as they come."""

    def __init__(self, descriptor: int) -> None:
        """Begin with a frame's head."""
        self._descriptor = descriptor
        self._kind: int | None = None
        self._expect(_HEAD.size)

    def read(self) -> Frame | None:
        """Return the next frame, or None where it is not there yet as a whole.

        Raises EOFError at the end of the pipe, WireError for what is no frame.
        """
        while self._fill():
            if self._kind is None:
                self._kind, length = _decode_head(self._buffer)
                self._expect(length)
                continue
            frame = _decode(self._kind, self._buffer)
            self._kind = None
            self._expect(_HEAD.size)
            return frame
        return None

    def _expect(self, length: int) -> None:
        self._buffer = bytearray(length)
        self._missing = memoryview(self._buffer)

    def _fill(self) -> bool:
        """Read what is missing; return whether all is there."""
        while self._missing:
            try:
                count = os.readv(self._descriptor, [self._missing])
            except BlockingIOError:
                return False
            if not count:
                raise EOFError
            self._missing = self._missing[count:]
        return True


def _encode(frame: Frame) -> tuple[int, *tuple[memoryview, ...]]:
    if isinstance(frame, AudioBlock | IqBlock):
        radio = isinstance(frame, IqBlock)
        samples = np.ascontiguousarray(frame.samples, "<c8" if radio else "<f4")
        center = frame.center_frequency if isinstance(frame, IqBlock) else 0
        head = _BLOCK.pack(frame.sample_rate, frame.first_sample, center)
        return IQ if radio else AUDIO, memoryview(head), samples.view(np.uint8).data
    return _KINDS[type(frame)], memoryview(to_json(frame).encode())


def _decode_head(head: bytearray) -> tuple[int, int]:
    magic, version, kind, length = _HEAD.unpack(head)
    known = (magic, version) == (MAGIC, VERSION) and AUDIO <= kind <= ENDED
    if not known or length > LONGEST_BODY:
        raise WireError("What came is no frame.")
    return kind, length


def _decode(kind: int, body: bytearray) -> Frame:
    decode: Callable[[int, bytearray], Frame]
    decode = _decode_block if kind in (AUDIO, IQ) else _decode_note
    try:
        return decode(kind, body)
    except (TypeError, ValueError, struct.error) as error:
        raise WireError(f"The body of a frame of kind {kind} is malformed.") from error


def _decode_block(kind: int, body: bytearray) -> Block:
    rate, first, center = _BLOCK.unpack_from(body)
    if rate <= 0 or first < 0:
        raise WireError("A block's format is malformed.")
    if kind == AUDIO:
        return AudioBlock(
            samples=np.frombuffer(body, "<f4", offset=_BLOCK.size),
            sample_rate=rate,
            first_sample=first,
        )
    return IqBlock(
        samples=np.frombuffer(body, "<c8", offset=_BLOCK.size),
        sample_rate=rate,
        first_sample=first,
        center_frequency=center,
    )


def _decode_note(kind: int, body: bytearray) -> Frame:
    note: Frame = from_plain(_NOTES[kind], json.loads(body))
    return note
