"""The time, passed in, so that tests run hours in seconds."""

from datetime import UTC, datetime
import threading
import time
from typing import Protocol


class Clock(Protocol):
    """What the engine asks for time."""

    def now(self) -> datetime:
        """Return the present moment as an aware UTC datetime."""

    def monotonic(self) -> float:
        """Return seconds that never run backwards, for intervals."""

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait until the event is set or the seconds have passed; return whether it is set."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the present moment as an aware UTC datetime."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds that never run backwards, for intervals."""
        return time.monotonic()

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait until the event is set or the seconds have passed; return whether it is set."""
        return event.wait(max(0.0, seconds))
