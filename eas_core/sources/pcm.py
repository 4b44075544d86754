"""Raw samples over TCP or UDP, as SDR programs send them."""

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
import threading
from typing import ClassVar, Final, Literal

import numpy as np

from ..audio.block import AudioBlock
from ..audio.files import BLOCK_SECONDS, HIGHEST_RATE, LOWEST_RATE, mix_down
from ..clock import Clock
from .pcm_network import Incoming, connect_to_sender, wait_for_packets, wait_for_sender
from .pcm_rate import RateMeter
from .source import SourceError, SourceErrorReason
from .stream_connection import Stopped, Watch, disconnected

SENDER_SECONDS: Final = 30.0
"""For somebody to send; less than what the station allows a source."""

STALL_SECONDS: Final = 5.0
GAP_SECONDS: Final = 1.0
"""UDP counts nothing: what does not come for longer counts as lost."""

MOST_CHANNELS: Final = 8
_FORMATS: Final = {
    "s16le": ("<i2", 1 / 32_768, 0.0),
    "s16be": (">i2", 1 / 32_768, 0.0),
    "f32le": ("<f4", 1.0, 0.0),
    "u8": ("u1", 1 / 128, -1.0),
}
"""numpy's type, what full scale is divided by, and what is added."""


@dataclass(frozen=True, kw_only=True)
class PcmSource:
    """Raw audio from the network.

    `mode`: `udp` and `tcp_listen` wait at `host:port` for a sender, `tcp_connect`
    goes there. `sample_format` is `s16le`, `f32le`, or as the others say. The
    wire tells neither it nor `sample_rate` (8–96 kHz) nor `channels`: a rate
    that what comes belies is told as INVALID_OPTION.
    """

    kind: ClassVar = "pcm"
    live: ClassVar = True

    mode: Literal["udp", "tcp_listen", "tcp_connect"]
    port: int
    host: str = "0.0.0.0"  # noqa: S104 - Others on the network send.
    sample_rate: int = 48_000
    channels: int = 1
    sample_format: Literal["s16le", "s16be", "f32le", "u8"] = "s16le"

    def blocks(self, clock: Clock, stop: threading.Event) -> Iterator[AudioBlock]:
        """Yield blocks of a quarter of a second, the channels mixed by `mix_down`.

        No end is a regular one: a sender that goes raises SourceError(DISCONNECTED).
        """
        self._check()
        watch = Watch(clock, stop)
        watch.expect(SENDER_SECONDS, self._nobody())
        try:
            with (
                closing(self._open(watch)) as incoming,
                closing(self._assembled(incoming, watch)) as blocks,
            ):
                for block in blocks:
                    watch.pause()
                    yield block
                    watch.expect(STALL_SECONDS, self._stalled())
        except Stopped:
            return

    def _check(self) -> None:
        wrong = None
        if not 1 <= self.port <= 65_535:
            wrong = "Choose a port from 1 to 65535."
        elif not LOWEST_RATE <= self.sample_rate <= HIGHEST_RATE:
            wrong = f"Choose a sample rate from {LOWEST_RATE} to {HIGHEST_RATE} Hz."
        elif not 1 <= self.channels <= MOST_CHANNELS:
            wrong = f"Choose from 1 to {MOST_CHANNELS} channels."
        elif self.sample_format not in _FORMATS:
            wrong = f"Choose one of the sample formats {', '.join(_FORMATS)}."
        if wrong is not None:
            raise SourceError(SourceErrorReason.INVALID_OPTION, wrong)

    def _open(self, watch: Watch) -> Incoming:
        if self.mode == "udp":
            return wait_for_packets(self.host, self.port, watch)
        if self.mode == "tcp_listen":
            return wait_for_sender(self.host, self.port, watch)
        return connect_to_sender(self.host, self.port, watch)

    def _assembled(self, incoming: Incoming, watch: Watch) -> Generator[AudioBlock]:
        """Yield whole blocks, however the bytes are cut; what is left of a frame is carried over."""
        frame_bytes = np.dtype(_FORMATS[self.sample_format][0]).itemsize * self.channels
        block_bytes = round(self.sample_rate * BLOCK_SECONDS) * frame_bytes
        meter = RateMeter(self.sample_rate)
        held = bytearray()
        position = 0
        while True:
            asked_at = watch.now()
            data = incoming.receive()
            gap = watch.now() - asked_at
            if self.mode == "udp" and position and gap > GAP_SECONDS:
                # What was held is old by now, and may end within a frame.
                position += len(held) // frame_bytes + round(gap * self.sample_rate)
                held.clear()
                meter = RateMeter(self.sample_rate)
            if not data:
                raise self._end(any_heard=bool(position))
            held += data
            measured = meter.feed(len(data) / frame_bytes, watch.now())
            if measured is not None:
                raise self._wrong_rate(measured)
            while len(held) >= block_bytes:
                block = self._block(bytes(held[:block_bytes]), position)
                del held[:block_bytes]
                position += len(block.samples)
                yield block

    def _block(self, data: bytes, position: int) -> AudioBlock:
        kind, scale, offset = _FORMATS[self.sample_format]
        frames = np.frombuffer(data, kind).reshape(-1, self.channels)
        channels = frames.T.astype(np.float32) * np.float32(scale) + np.float32(offset)
        np.nan_to_num(channels, copy=False, posinf=0.0, neginf=0.0)
        return AudioBlock(
            samples=mix_down(channels),
            sample_rate=self.sample_rate,
            first_sample=position,
        )

    def _nobody(self) -> SourceError:
        if self.mode == "tcp_connect":
            where = f"{self.host} sends nothing from port {self.port}"
        else:
            where = f"nothing sends to {self._protocol} port {self.port}"
        return SourceError(
            SourceErrorReason.NOT_FOUND,
            f"Start the program that sends and turn its squelch off: {where}.",
        )

    def _stalled(self) -> SourceError:
        return SourceError(
            SourceErrorReason.STALLED,
            f"Turn off the squelch of the program that sends: nothing came to {self._protocol} "
            f"port {self.port} for {STALL_SECONDS:.0f} seconds.",
        )

    def _wrong_rate(self, measured: float) -> SourceError:
        return SourceError(
            SourceErrorReason.INVALID_OPTION,
            f"Correct the sample rate, the channels or the format: {measured:.0f} samples come in a "
            f"second, and {self.sample_rate} were stated.",
        )

    def _end(self, *, any_heard: bool) -> SourceError:
        if any_heard:
            return disconnected()
        return SourceError(
            SourceErrorReason.EMPTY,
            "Look at the program that sends: it went before it had sent a quarter of a second.",
        )

    @property
    def _protocol(self) -> str:
        return "UDP" if self.mode == "udp" else "TCP"
