"""A stream by its address: HTTP, Icecast, HLS, RTSP, in any codec."""

from collections.abc import Iterator
from dataclasses import dataclass
import threading
from typing import ClassVar

from ..audio.block import Block
from ..clock import Clock


@dataclass(frozen=True, kw_only=True)
class StreamSource:
    """What an address sends; user and password may stand in it."""

    kind: ClassVar = "stream"
    live: ClassVar = True

    url: str

    def blocks(self, clock: Clock, stop: threading.Event) -> Iterator[Block]:
        """Yield AudioBlocks at the stream's own rate. Native code: run it by IsolatedSource."""
        yield from ()
