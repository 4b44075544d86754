"""A dongle on another machine, through rtl_tcp."""

from collections.abc import Iterator
from dataclasses import dataclass, field
import threading
from typing import ClassVar

from ..audio.block import Block
from ..clock import Clock
from ..radio.plan import Tuning
from .dongle import DongleOptions


@dataclass(frozen=True, kw_only=True)
class RtlTcpSource:
    """The IQ samples of an rtl_tcp server."""

    kind: ClassVar = "rtl_tcp"
    live: ClassVar = True

    host: str
    port: int = 1234
    tuning: Tuning
    dongle: DongleOptions = field(default_factory=DongleOptions)

    def blocks(self, clock: Clock, stop: threading.Event) -> Iterator[Block]:
        """Yield IqBlocks at the pace of the server."""
        yield from ()
