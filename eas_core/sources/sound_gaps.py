"""What a sound card lost, by the clock: drivers say that, and seldom how much."""

from typing import Final

WINDOW_SECONDS: Final = 1.0
LEAST_SECONDS: Final = 0.05
"""Less is the crystal's error and the uneven ways of threads."""


class GapFinder:
    """Compares the samples that came with the time that passed.

    Samples come late at times, and those that are late come in the end: what
    the least delay of a second has grown by is lost. It is known within two
    seconds; a slow drift, which is the crystal's, is followed.
    """

    def __init__(self, sample_rate: int) -> None:
        """Begin with the first samples."""
        self._rate = sample_rate
        self._began: float | None = None
        self._counted = 0
        self._window_ends = 0.0
        self._least: float | None = None
        self._usual: float | None = None

    def feed(self, samples: int, at: float, *, overrun: bool = False) -> int:
        """Take how many samples came at a monotonic time; return how many were lost before them.

        An overrun that the driver tells of is one sample at once, and its true
        length when that is known.
        """
        if self._began is None:
            self._began, self._window_ends = at, at + WINDOW_SECONDS
            return int(overrun)
        lost = self._close_window(at) if at >= self._window_ends else 0
        if overrun and not lost:
            lost = 1
        self._counted += samples + lost
        delay = (at - self._began) * self._rate - self._counted
        self._least = delay if self._least is None else min(self._least, delay)
        return lost

    def _close_window(self, at: float) -> int:
        self._window_ends = at + WINDOW_SECONDS
        least, self._least = self._least, None
        if least is None or self._usual is None:
            self._usual = least if least is not None else self._usual
            return 0
        grown = round(least - self._usual)
        if grown > LEAST_SECONDS * self._rate:
            return grown
        self._usual = least
        return 0
