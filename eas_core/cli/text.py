"""A decoded message as a sentence."""

from datetime import UTC, datetime

from ..modem.decoded import Decoded
from ..station.alerts import build_alert


def received_text(message: Decoded, now: datetime | None = None) -> str:
    """Return what a message says; its year is the nearest to now."""
    if message.end_of_message:
        return "End of message"
    return build_alert(message, "", now or datetime.now(UTC)).message
