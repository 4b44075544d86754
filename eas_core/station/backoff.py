"""How long to wait before a source that failed is opened again."""

from collections.abc import Callable
import random
from typing import Final

FIRST_SECONDS: Final = 1.0
LONGEST_SECONDS: Final = 60.0
JITTER: Final = 0.25
"""Of the wait, less or more: stations that lost one server do not come back as one."""

SOUND_SECONDS: Final = 30.0
"""A source that heard for so long was well: the next failure is a first one."""


class Backoff:
    """Doubles the wait with each failure in a row, up to a minute, for ever."""

    def __init__(self, chance: Callable[[], float] = random.random) -> None:
        """Begin with the shortest wait; `chance` gives numbers from 0 to 1."""
        self._chance = chance
        self._next = FIRST_SECONDS

    def failed(self, heard_seconds: float) -> float:
        """Return the seconds to wait after a failure; the source had heard so long."""
        if heard_seconds >= SOUND_SECONDS:
            self._next = FIRST_SECONDS
        wait, self._next = self._next, min(LONGEST_SECONDS, 2 * self._next)
        return wait * (1 + JITTER * (2 * self._chance() - 1))
