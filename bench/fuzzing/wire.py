"""What a child process, or whatever wrote into its pipe, sends its parent."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import fcntl
import os
from pathlib import Path
from random import Random
import struct
from typing import ClassVar, Final, override

import numpy as np

from bench.fuzzing.mutate import mutate_bytes
from bench.fuzzing.target import Target, WrongAnswerError
from eas_core.audio.block import AudioBlock, IqBlock
from eas_core.sources.child_wire import (
    Beat,
    Ended,
    Failed,
    Frame,
    FrameReader,
    Returned,
    WireError,
    write_frame,
)
from eas_core.sources.source import SourceErrorReason

PIPE_BYTES: Final = 1 << 20
MOST_FRAMES: Final = 1000


def frames() -> list[Frame]:
    """Return one of each kind."""
    ramp = np.linspace(-1, 1, 40, dtype=np.float32)
    return [
        AudioBlock(samples=ramp, sample_rate=48_000, first_sample=7),
        IqBlock(
            samples=(ramp + 1j).astype(np.complex64),
            sample_rate=240_000,
            first_sample=0,
            center_frequency=162_475_000,
        ),
        Beat(samples=100, dropped=1, cpu_seconds=0.5),
        Failed(reason=SourceErrorReason.STALLED, hint="Look."),
        Returned(value=[{"serial": "1", "name": "x"}]),
        Ended(),
    ]


class WireTarget(Target[bytes]):
    """Any bytes are frames, or a WireError; no frame is longer than what came."""

    name: ClassVar = "wire"
    cases: ClassVar = 60_000
    documented: ClassVar = frozenset({"WireError"})

    @override
    @asynccontextmanager
    async def _opened(self, folder: Path) -> AsyncIterator[None]:
        self._made = []
        for frame in frames():
            read, write = os.pipe()
            write_frame(write, frame)
            os.close(write)
            self._made.append(os.read(read, 65_536))
            os.close(read)
        yield

    @override
    def case(self, rng: Random) -> bytes:
        chosen = [rng.choice(self._made) for _ in range(rng.choice((1, 1, 3, 6)))]
        data = mutate_bytes(rng, b"".join(chosen), self._made)
        if not rng.randrange(4):
            # A head that is right, with a body that is not.
            body = mutate_bytes(rng, rng.choice(self._made)[8:], self._made)
            head = struct.pack("<2sBBI", b"\xeaS", 1, rng.randrange(1, 7), len(body))
            data = head + body
        return data[:PIPE_BYTES]

    @override
    async def run(self, case: bytes) -> str:
        read, write = os.pipe()
        fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        os.set_blocking(read, False)
        try:
            os.write(write, case)
            os.close(write)
            reader = FrameReader(read)
            for _ in range(MOST_FRAMES):
                frame = reader.read()
                if isinstance(
                    frame, AudioBlock | IqBlock
                ) and frame.samples.nbytes > len(case):
                    raise WrongAnswerError(f"{frame}")
        except EOFError:
            return "accepted"
        except WireError:
            return "WireError"
        finally:
            os.close(read)
        raise WrongAnswerError("more frames than bytes")
