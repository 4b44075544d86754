"""How a radio's band is cut into bins, so that all filters and rates come out whole."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import lcm
from typing import Final

from .overlap import QUARTER

BIN_HZ: Final = 50
"""About so wide; a filter is as sharp as eight bins."""

WIDEST: Final = Fraction(5, 4)
SMALL_PRIMES: Final = (2, 3, 5, 7, 11)
"""Sizes made of these transform fast."""


@dataclass(frozen=True, slots=True)
class Grid:
    """`size` bins over `sample_rate` Hz."""

    sample_rate: int
    size: int

    @property
    def bin_hz(self) -> Fraction:
        """The width of a bin."""
        return Fraction(self.sample_rate, self.size)

    def bins(self, rate: int) -> int:
        """Return how many bins, a multiple of 4, make about `rate` Hz, a whole number if there is one near."""
        step = lcm(self.bin_hz.denominator, QUARTER)
        if step * self.bin_hz > rate / 4:
            step = QUARTER
        return max(1, round(rate / self.bin_hz / step)) * step

    def rate(self, bins: int) -> int:
        """Return the sample rate of so many bins, Hz."""
        return round(bins * self.bin_hz)


@cache
def grid_of(sample_rate: int) -> Grid:
    """Return the grid for a radio's rate in Hz."""
    least = max(1, round(sample_rate / (BIN_HZ * WIDEST)) // QUARTER)
    most = max(least, round(sample_rate * WIDEST / BIN_HZ) // QUARTER)
    sizes = [QUARTER * count for count in range(least, most + 1)]
    return min(
        (Grid(sample_rate, size) for size in sizes),
        key=lambda grid: (
            grid.bin_hz.denominator > QUARTER,
            not _is_smooth(grid.size),
            abs(grid.bin_hz - BIN_HZ),
        ),
    )


def _is_smooth(size: int) -> bool:
    for prime in SMALL_PRIMES:
        while size % prime == 0:
            size //= prime
    return size == 1
