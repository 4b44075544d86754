"""The messages in an audio file, as programs read them."""

from collections.abc import Iterator
from datetime import UTC, datetime
import threading
from typing import Any

from ..clock import SystemClock
from ..modem.decoded import Decoded
from ..modem.decoder import SameDecoder
from ..sources.file import StrangersFile
from ..sources.isolated import IsolatedSource
from .alerts import build_alert


def decode_file(
    path: str, stop: threading.Event | None = None
) -> Iterator[dict[str, Any]]:
    """Yield the fields of each message in a file, up to its end or the stop.

    It is read in a process of its own. Raises SourceError for what cannot be read
    as audio.
    """
    decoder: SameDecoder | None = None
    rate = 0
    source = IsolatedSource(StrangersFile(path=path))
    for block in source.blocks(SystemClock(), stop or threading.Event()):
        if decoder is None:
            rate = block.sample_rate
            decoder = SameDecoder(rate)
        for message in decoder.feed(block.samples):
            yield message_fields(message, rate)
    if decoder is not None:
        for message in decoder.flush():
            yield message_fields(message, rate)


def message_fields(message: Decoded, sample_rate: int) -> dict[str, Any]:
    """Return what `eas-station decode --json` tells of a message, without its file."""
    return {
        "header": message.header,
        "best_guess": message.best_guess,
        "partial": message.partial,
        "confidence": message.confidence,
        "bursts": message.bursts,
        "start_s": round(message.start_sample / sample_rate, 3),
        "end_s": round(message.end_sample / sample_rate, 3),
        "text": received_text(message),
    }


def received_text(message: Decoded, now: datetime | None = None) -> str:
    """Return what a message says; its year is the nearest to now."""
    if message.end_of_message:
        return "End of message"
    return build_alert(message, "", now or datetime.now(UTC)).message
