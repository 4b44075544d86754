"""What could be decoded of a soak: a bare receiver and bare decoders on the very samples that the station got.

In a process of its own, and with nothing of `eas_core.station`: no queue, no merging,
no supervision. Where samples are missing the rule is the one that is documented: up to
a second is silence, more is another stretch of audio.
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.connection import Connection
import os
from pathlib import Path
import threading
from typing import BinaryIO, Final, Self

import numpy as np

from bench.soak_air import CONTEXT, KEPT
from bench.soak_script import Script, Sent
from eas_core.audio.block import AudioBlock, Block, IqBlock
from eas_core.modem.decoded import Decoded
from eas_core.modem.decoder import SameDecoder
from eas_core.radio.plan import NWR_CHANNELS, RadioPlan, nwr_plan
from eas_core.radio.receiver import Receiver
from eas_core.sources.iq import complex_from_u8

BRIDGED_SECONDS: Final = 1.0
BEFORE_SECONDS: Final = 1.0
AFTER_SECONDS: Final = 2.5
"""Around the header of a message that is heard by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decodable:
    """A message that came out: its channel, when it was settled (seconds of air), what it was."""

    channel: int
    air: float
    header: str
    best_guess: str
    bursts: int

    @classmethod
    def of(cls, message: Decoded, channel: int, air: float) -> Self:
        """Return what a decoder gave, at a second of air."""
        return cls(
            channel=channel,
            air=air,
            header=message.header,
            best_guess=message.best_guess,
            bursts=message.bursts,
        )


class Truth:
    """Takes the blocks that a station is given; `close` returns what they hold."""

    def __init__(self) -> None:
        """Start the process."""
        self._blocks, blocks = CONTEXT.Pipe()
        self._found, found = CONTEXT.Pipe()
        self._process = CONTEXT.Process(target=_decode, args=(blocks, found))
        self._process.start()
        blocks.close()
        found.close()
        self._lock = threading.Lock()

    def take(self, opening: int, block: Block, air: float, now: datetime) -> None:
        """Take a block of the so-manieth opening of the source, at a second of air."""
        assert isinstance(block, IqBlock)
        with self._lock:
            self._blocks.send((opening, block, air, now))

    def close(self) -> list[Decodable]:
        """Return all that was decoded."""
        self._blocks.send(None)
        found: list[Decodable] = self._found.recv()
        self._process.join()
        return found


@dataclass(slots=True)
class _Channel:
    """The decoder of one channel, and where its audio goes on."""

    number: int
    decoder: SameDecoder | None = None
    next_sample: int = 0
    found: list[Decodable] = field(default_factory=list)


class _Decoding:
    """Receives and decodes block by block."""

    def __init__(self, plan: RadioPlan) -> None:
        self._receiver = Receiver(plan)
        self._channels = {
            one.name: _Channel(NWR_CHANNELS.index(one.frequency))
            for one in plan.channels
        }
        self._opening = 0
        self._air = 0.0
        self._now: datetime | None = None

    @property
    def found(self) -> list[Decodable]:
        return [each for one in self._channels.values() for each in one.found]

    def take(self, opening: int, block: IqBlock, air: float, now: datetime) -> None:
        if opening != self._opening:
            self.end()
        self._opening, self._air, self._now = opening, air, now
        for name, audio in self._receiver.feed(block).audio.items():
            self._hear(self._channels[name], audio)

    def end(self) -> None:
        for channel in self._channels.values():
            self._flush(channel)

    def _flush(self, channel: _Channel) -> None:
        if channel.decoder is not None:
            self._note(channel, channel.decoder.flush())
        channel.decoder = None

    def _hear(self, channel: _Channel, audio: AudioBlock) -> None:
        gap = audio.first_sample - channel.next_sample
        if gap < 0 or gap > BRIDGED_SECONDS * audio.sample_rate:
            self._flush(channel)
        if channel.decoder is None:
            channel.decoder = SameDecoder(audio.sample_rate, self._clock)
        elif gap:
            self._note(channel, channel.decoder.feed(np.zeros(gap, np.float32)))
        self._note(channel, channel.decoder.feed(audio.samples))
        channel.next_sample = audio.first_sample + len(audio.samples)

    def _clock(self) -> datetime:
        assert self._now is not None
        return self._now

    def _note(self, channel: _Channel, messages: list[Decoded]) -> None:
        channel.found += [
            Decodable.of(one, channel.number, self._air) for one in messages
        ]


def _decode(blocks: Connection, found: Connection) -> None:
    decoding = _Decoding(nwr_plan())
    while (taken := blocks.recv()) is not None:
        decoding.take(*taken)
    decoding.end()
    found.send(decoding.found)


def decode_kept(path: Path, script: Script, wanted: Iterable[Sent]) -> list[Decodable]:
    """Return what can be decoded of some messages in what an air sent in real time and has kept.

    Each is heard by itself, from a second before it to some after its header.
    """
    blocks: list[tuple[float, int, int]] = []
    with path.open("rb") as file:
        while len(head := file.read(KEPT.size)) == KEPT.size:
            air, _, size = KEPT.unpack(head)
            blocks.append((air, file.tell(), size))
            file.seek(size, os.SEEK_CUR)
        return [
            found
            for sent in wanted
            for found in _decode_one(file, blocks, script, sent)
        ]


def _decode_one(
    file: BinaryIO,
    blocks: list[tuple[float, int, int]],
    script: Script,
    sent: Sent,
) -> list[Decodable]:
    plan = nwr_plan([NWR_CHANNELS[one] for one in sent.channels])
    decoding = _Decoding(plan)
    first = bisect_left(blocks, (sent.start - BEFORE_SECONDS,))
    last = bisect_left(blocks, (sent.header_end + AFTER_SECONDS,))
    position = 0
    for air, at, size in blocks[first:last]:
        file.seek(at)
        samples = complex_from_u8(file.read(size))
        block = IqBlock(
            samples=samples,
            sample_rate=plan.tuning.sample_rate,
            first_sample=position,
            center_frequency=plan.tuning.center_frequency,
        )
        position += len(samples)
        decoding.take(0, block, air, script.now(air))
    decoding.end()
    return decoding.found
