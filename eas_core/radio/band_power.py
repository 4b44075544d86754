"""The power over the band, averaged a fifth of a second, for the eye and the frequency control."""

from math import ceil
from typing import Final

import numpy as np

from ..audio.level import FLOOR_DBFS
from .grid import Grid
from .overlap import HANN_POWER, Complex, Numbers, hann
from .quality import BandSpectrum

SECONDS: Final = 0.2
SPECTRUM_BINS: Final = 256
EVERY: Final = 2
"""Of so many frames, which overlap by half, one is enough."""


class BandPower:
    """Averages the spectra of the band."""

    def __init__(self, grid: Grid, batch_seconds: float) -> None:
        """Take how long a batch of spectra lasts."""
        self._grid = grid
        self._wanted = ceil(SECONDS / batch_seconds)
        self._sum = np.zeros(grid.size)
        self._frames = self._batches = 0

    def add(self, spectra: Complex) -> Numbers | None:
        """Take complex64[hops, size]; return each bin's power, float64[size], when it is averaged.

        Of full scale 1, in the transform's order; the sum is the power of the band.
        """
        some = spectra[::EVERY]
        around = np.concatenate((some[:, -1:], some, some[:, :1]), axis=1)
        shaped = hann(around)
        power = np.square(shaped.real) + np.square(shaped.imag)
        self._sum += power.sum(axis=0)
        self._frames += len(some)
        self._batches += 1
        if self._batches < self._wanted:
            return None
        mean = self._sum / (self._frames * HANN_POWER * self._grid.size**2)
        self._sum = np.zeros(self._grid.size)
        self._frames = self._batches = 0
        return mean


def to_spectrum(power: Numbers, center_frequency: int, span: int) -> BandSpectrum:
    """Return what people see of bins' powers, float64[size] in the transform's order."""
    rising = np.fft.fftshift(power)
    edges = np.linspace(0, len(rising), SPECTRUM_BINS + 1).round().astype(int)
    widths = np.diff(edges) * SPECTRUM_BINS / len(rising)
    sums = np.add.reduceat(rising, edges[:-1]) / widths
    floor = 10 ** (FLOOR_DBFS / 10)
    levels = 10 * np.log10(np.maximum(sums, floor))
    return BandSpectrum(
        center_frequency=center_frequency,
        span=span,
        power_dbfs=tuple(levels.round(1).tolist()),
    )
