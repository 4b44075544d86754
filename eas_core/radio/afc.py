"""The receiver's frequency error, which is the same for all carriers."""

from cmath import phase
from collections.abc import Sequence
from math import pi, sqrt
from typing import Final, NamedTuple

import numpy as np

from .grid import Grid
from .overlap import Numbers

RASTER: Final = 25_000.0
"""Hz between channels of NOAA Weather Radio."""

FARTHEST: Final = 11_000.0
"""Hz; ±60 ppm are 9,750. A carrier beyond the middle of two places is the neighbour's."""

MOVE_HZ: Final = 200.0
"""Less than this is left to the discriminator."""

AVERAGE_SHARE: Final = 0.07
"""Of a fifth of a second in the average: a time constant of three seconds."""

CARRIER_MOMENT: Final = 0.1
"""How concentrated a place's power is where there is a carrier, 0 to 1: about -6 dB
of carrier to noise in 15 kHz. Noise has 0.02, and 0.04 where the band's floor falls
by a decibel over a place."""

TOGETHER: Final = 1_500.0
"""Hz within which carriers agree; transmitters are good to a tenth of that."""

TINY: Final = 1e-30
BARE_SHARE: Final = 0.95
BARE_WEIGHT: Final = 0.01
"""A line without modulation may be a spur: it counts where there is nothing else."""

LINE_BINS: Final = 2
ROUNDS: Final = 5
SPIKE_BINS: Final = 4
"""To either side of the centre, where the receiver's own DC is."""


class _Carrier(NamedTuple):
    shift_hz: float
    weight: float


class FrequencyControl:
    """Estimates by how much all carriers are up, from the band's averaged power.

    Where a carrier is within its place is the phase of its power's first
    circular moment over 25 kHz: that is the autocorrelation at 40 µs, a
    discriminator that weighs by power. Flat noise has none, and a modulation as
    wide up as down does not move it. The shift that most of the carriers'
    strength agrees upon is taken.
    """

    def __init__(
        self, grid: Grid, places: Sequence[float], shift_hz: float = 0.0
    ) -> None:
        """Take where carriers may be, Hz from the centre; none are left to where they are.

        Places at the edge of the band are left out.
        """
        self._bin_hz = float(grid.bin_hz)
        self._half = round(RASTER / 2 / self._bin_hz)
        room = grid.sample_rate / 2 - RASTER / 2
        inside = [one for one in places if abs(one) <= room]
        self._places = inside
        self._reach = min([FARTHEST, *(room - abs(one) for one in inside)])
        offsets = np.arange(-self._half, self._half)
        self._wave = np.exp(2j * np.pi * offsets * self._bin_hz / RASTER)
        self._offsets = offsets
        self._power = np.zeros(grid.size)
        self._updates = 0
        self._found = False
        self.shift = round(shift_hz / self._bin_hz)
        """Bins by which carriers are up, as it is used now."""

    @property
    def shift_hz(self) -> float:
        """Hz by which carriers are up, as it is used now."""
        return self.shift * self._bin_hz

    def add(self, power: Numbers) -> None:
        """Take the power of each bin of the band, float64[size]; move when it is worth it."""
        if not self._places:
            return
        self._updates += 1
        share = max(AVERAGE_SHARE, 1 / self._updates)
        self._power += share * (_without_spike(power) - self._power)
        carriers = [self._carrier(place) for place in self._places]
        found = _agreed([one for one in carriers if one is not None])
        if found is None:
            return
        if not self._found or abs(found - self.shift_hz) > MOVE_HZ:
            self.shift = round(found / self._bin_hz)
        self._found = True

    def _carrier(self, place: float) -> _Carrier | None:
        """Return where the carrier of a place is, if there is one."""
        shift, moment, total = 0.0, 0j, 0.0
        for _ in range(ROUNDS):
            middle = round((place + shift) / self._bin_hz)
            window = self._power.take(self._offsets + middle, mode="wrap")
            total = float(window.sum()) + TINY
            moment = complex(window @ self._wave) / total
            turned = phase(moment) / (2 * pi) * RASTER
            shift = middle * self._bin_hz - place + turned
            if abs(shift) > self._reach:
                return None
        if abs(moment) < CARRIER_MOMENT:
            return None
        bare = BARE_WEIGHT if _is_bare(window) else 1.0
        return _Carrier(shift, bare * abs(moment) * sqrt(total))


def _is_bare(window: Numbers) -> bool:
    """Whether all power over the noise is one line, as of a receiver's own spurs."""
    above = window - np.median(window)
    top = int(above.argmax())
    line = above[max(0, top - LINE_BINS) : top + LINE_BINS + 1].sum()
    return bool(line > BARE_SHARE * above.sum())


def _agreed(carriers: list[_Carrier]) -> float | None:
    """Return the shift that has the most weight around it."""
    best, most = None, 0.0
    for one in carriers:
        around = [
            two for two in carriers if abs(two.shift_hz - one.shift_hz) < TOGETHER
        ]
        weight = sum(two.weight for two in around)
        if weight > most:
            best = sum(two.shift_hz * two.weight for two in around) / weight
            most = weight
    return best


def _without_spike(power: Numbers) -> Numbers:
    level = power.copy()
    near = np.arange(-SPIKE_BINS, SPIKE_BINS + 1)
    beside = np.concatenate((near[:4] - 5, near[-4:] + 5))
    level[near] = power[beside].mean()
    return level
