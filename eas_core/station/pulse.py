"""Whether the thread of a station still works, seen from another: one that hangs tells nobody."""

from typing import Final

from .records import SourceState
from .station import Station

STANDSTILLS: Final = 3
"""Looks in a row that find it where it was. One finds nothing where a block takes its time,
or the machine has slept."""

HUNG_HINT: Final = (
    "Restart the program if this goes on: the thread that decodes this source hangs."
)


class Pulse:
    """Looks at a station every so often, at half a minute or more."""

    def __init__(self, station: Station) -> None:
        """Take the station; it need not run yet."""
        self._station = station
        self._rounds = -1
        self._standstills = 0

    def beats(self) -> bool:
        """Look once more; return whether it works, or need not."""
        station = self._station
        rounds = station.health.rounds
        stopped = station.status.state is SourceState.STOPPED and not station.running
        if stopped or rounds != self._rounds:
            self._standstills = 0
        else:
            self._standstills += 1
        self._rounds = rounds
        return self._standstills < STANDSTILLS
