"""Takes channels out of a band: one transform of the whole band serves all."""

from collections.abc import Sequence

import numpy as np

from .grid import Grid
from .overlap import Complex, Real, middle


class Channelizer:
    """Cuts each channel's bins out of the band's spectra, filters and transforms them back.

    Every hop stands by itself: it is given with the one sample before it, so
    that what a discriminator makes of two neighbours needs no phase from hop to
    hop, and the bins may move between any two.
    """

    def __init__(self, grid: Grid, offsets: Sequence[float], gain: Real) -> None:
        """Take the carriers' offsets from the centre in Hz, and the filter's float32[bins]."""
        bins = len(gain)
        self._gain = gain * np.float32(bins / grid.size)
        nearest = np.round(np.asarray(offsets) / float(grid.bin_hz)).astype(int)
        within = np.fft.fftfreq(bins, 1 / bins).astype(int)
        self._at = nearest[:, None] + within
        self.bins_below = nearest * float(grid.bin_hz) - np.asarray(offsets)
        """Hz from each carrier up to the middle of its bins."""

    def cut(self, spectra: Complex, shift: int) -> Complex:
        """Take spectra of the band, complex64[hops, size], and how many bins all carriers are up.

        Returns complex64[channels, hops, bins / 2 + 1] at the bins' rate.
        """
        taken = spectra.take(self._at + shift, axis=1, mode="wrap") * self._gain
        return middle(np.fft.ifft(taken), before=1).swapaxes(0, 1)
