"""Raw samples over TCP or UDP, as SDR programs send them."""

from collections.abc import Iterator
from dataclasses import dataclass
import threading
from typing import ClassVar, Literal

from ..audio.block import Block
from ..clock import Clock


@dataclass(frozen=True, kw_only=True)
class PcmSource:
    """Raw audio from the network.

    `mode`: `udp` and `tcp_listen` wait at `host:port` for a sender, `tcp_connect`
    goes there. `sample_format` is `s16le`, `f32le`, or as the others say.
    """

    kind: ClassVar = "pcm"
    live: ClassVar = True

    mode: Literal["udp", "tcp_listen", "tcp_connect"]
    port: int
    host: str = "0.0.0.0"  # noqa: S104
    sample_rate: int = 48_000
    channels: int = 1
    sample_format: Literal["s16le", "s16be", "f32le", "u8"] = "s16le"

    def blocks(self, clock: Clock, stop: threading.Event) -> Iterator[Block]:
        """Yield AudioBlocks."""
        yield from ()
