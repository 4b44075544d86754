"""Whether the thread of a station still works, seen from another: one that hangs tells nobody."""

from typing import Final

from .records import SourceState
from .station import Station

HANGS_SECONDS: Final = 60.0
"""A thread comes round once a second; a block that takes ten is that of a very slow machine."""

STANDSTILLS: Final = 3
"""Looks in a row that must find it where it was: one alone finds that when the machine has slept."""

HUNG_HINT: Final = (
    "Restart Home Assistant, or the agent, if this goes on:"
    " the thread that decodes this source hangs."
)


class Pulse:
    """Looks at a station every so often, at half a minute or more."""

    def __init__(self, station: Station) -> None:
        """Take the station; it need not run yet."""
        self._station = station
        self._rounds = -1
        self._since = 0.0
        self._standstills = 0

    def beats(self, now: float) -> bool:
        """Look once more, at a monotonic time; return whether it works, or need not."""
        station = self._station
        rounds = station.health.rounds
        stopped = station.status.state is SourceState.STOPPED and not station.running
        if stopped or rounds != self._rounds:
            self._rounds, self._since, self._standstills = rounds, now, 0
            return True
        self._standstills += 1
        return now - self._since < HANGS_SECONDS or self._standstills < STANDSTILLS
