"""Whether samples come at the rate that was stated, which no wire tells."""

from typing import Final

SPAN_SECONDS: Final = 5.0
TOLERANCE: Final = 0.1
"""A rate is wrong when two spans, one after the other, agree that it is off by more.

What a network has held up comes in a burst, and so is in one span only.
"""


class RateMeter:
    """Counts samples against the clock."""

    def __init__(self, sample_rate: int) -> None:
        """Take the rate that was stated, in Hz."""
        self._stated = sample_rate
        self._begun_at: float | None = None
        self._count = 0.0
        self._before: float | None = None

    def feed(self, samples: float, now: float) -> float | None:
        """Count samples that came; return the rate at which they come, in Hz, where that is a wrong one."""
        if self._begun_at is None:
            # What has come so far was under way for an unknown time.
            self._begun_at = now
            return None
        self._count += samples
        seconds = now - self._begun_at
        if seconds < SPAN_SECONDS:
            return None
        measured = self._count / seconds
        before, self._before = self._before, measured
        self._begun_at, self._count = now, 0.0
        if before is None or not self._is_off(before) or not self._is_off(measured):
            return None
        return measured if abs(measured / before - 1) < TOLERANCE else None

    def _is_off(self, measured: float) -> bool:
        return abs(measured / self._stated - 1) > TOLERANCE
