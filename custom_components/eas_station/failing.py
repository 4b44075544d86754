"""A source that cannot even be made: it says why, and the others hear on."""

from collections.abc import Iterator
from dataclasses import dataclass
import threading
from typing import ClassVar

from .eas_core.audio.block import Block
from .eas_core.clock import Clock
from .eas_core.sources.source import SourceError, SourceErrorReason


@dataclass(frozen=True, slots=True)
class FailingSource:
    """Fails each time that it is opened."""

    reason: SourceErrorReason
    hint: str
    kind: ClassVar = "failing"
    live: ClassVar = True

    def blocks(self, clock: Clock, stop: threading.Event) -> Iterator[Block]:
        """Raise SourceError."""
        raise SourceError(self.reason, self.hint)
