"""What a sound card lost, by the clock: drivers say that, and seldom how much."""

from math import inf
from typing import Final

WINDOW_SECONDS: Final = 1.0
LEAST_SECONDS: Final = 0.25
"""More than the blocks of two drivers, one on the other, drift apart and together again."""

MOST_DRIFT: Final = 1e-3
"""A card's clock is off by less, as a share; what is missing beyond it is lost."""


class GapFinder:
    """Compares the samples that came with the time that passed.

    Samples come late at times, and those that are late come in the end: what
    the least delay of a second has grown by is lost. It is known within two
    seconds, less than LEAST_SECONDS when it has come to that.
    """

    def __init__(self, sample_rate: int) -> None:
        """Begin with the first samples, at a rate in Hz."""
        self._rate = sample_rate
        self._began: float | None = None
        self._window_began = 0.0
        self._counted = 0
        self._least = inf
        self._usual = inf

    def feed(self, samples: int, at: float, *, overrun: bool = False) -> int:
        """Take how many samples came at a monotonic time; return how many were lost before them.

        An overrun that the driver tells of is one sample at once, and its true
        length when that is known.
        """
        if self._began is None:
            self._began = self._window_began = at
            return int(overrun)
        lost = self._close_window(at) or int(overrun)
        self._counted += samples + lost
        delay = (at - self._began) * self._rate - self._counted
        self._least = min(self._least, delay)
        return lost

    def _close_window(self, at: float) -> int:
        """Return what was lost in a second that is over; the delays are in samples."""
        passed = at - self._window_began
        if passed < WINDOW_SECONDS:
            return 0
        least, self._least, self._window_began = self._least, inf, at
        grown = least - self._usual
        if LEAST_SECONDS * self._rate < grown < inf:
            return round(grown)
        self._usual = min(least, self._usual + MOST_DRIFT * self._rate * passed)
        return 0
