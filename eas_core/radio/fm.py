"""Frequency modulation: a discriminator that clicks little, and de-emphasis."""

from typing import Final

import numpy as np

from .grid import Grid
from .overlap import Complex, Numbers, Real, RealFilter
from .scheme import Scheme

FOLLOW_SHARE: Final = 0.04
"""Of a batch in the mean frequency: a time constant of about a second."""

FARTHEST_FOLLOWED: Final = 0.25
"""Of the limit; a carrier farther off than this is for the frequency control."""

TINY: Final = np.float32(1e-20)


class FmDemodulator:
    """Several channels at once: complex64[channels, hops, n + 1] to float32[channels, any].

    A discriminator's clicks come where noise takes the envelope to nothing. So
    a sample counts in proportion to its power, up to the mean, and frequencies
    that no transmitter has are limited.
    """

    def __init__(self, grid: Grid, channels: int, scheme: Scheme) -> None:
        """Take how many channels there are and how they are received."""
        bins = grid.bins(scheme.baseband_rate)
        rate = float(bins * grid.bin_hz)
        sizes = (2 * bins, 2 * grid.bins(scheme.audio_rate))
        self._scheme = scheme
        self._hz = np.float32(rate / (2 * np.pi))
        self._reach = FARTHEST_FOLLOWED * scheme.limit
        self._mean = np.zeros(channels)
        self._shift_hz: float | None = None
        self._batches = 0
        self._audio = RealFilter(channels, scheme.audio_gain, sizes, rate)

    def feed(self, baseband: Complex, shift_hz: float) -> Real:
        """Take a batch and how far its bins are above the channels; return what is settled."""
        turned = baseband[..., 1:] * baseband[..., :-1].conj()
        frequency = self._discriminate(turned, shift_hz)
        empty = np.zeros((len(frequency), 0), np.float32)
        return np.concatenate([empty, *self._audio.feed(frequency)], axis=1)

    def _discriminate(self, turned: Complex, shift_hz: float) -> Real:
        """Return the frequency around each carrier's mean in Hz, float32[channels, n]."""
        self._move(shift_hz)
        strength = np.abs(turned)
        mean_strength = strength.mean(axis=(1, 2), keepdims=True)
        weight = 2 * strength / (strength + mean_strength + TINY)
        around = np.angle(turned) * self._hz
        around -= self._mean.astype(np.float32)[:, None, None]
        limit = np.float32(self._scheme.limit)
        np.clip(around, -limit, limit, out=around)
        around *= weight
        self._follow(
            around.mean(axis=(1, 2), dtype=np.float64)
            / (weight.mean(axis=(1, 2), dtype=np.float64) + float(TINY))
        )
        return around.reshape(len(around), -1)

    def _move(self, shift_hz: float) -> None:
        """Leave carriers where they are when the bins move, as long as they were heard at all."""
        moved = shift_hz - (shift_hz if self._shift_hz is None else self._shift_hz)
        self._shift_hz = shift_hz
        if abs(moved) <= self._reach:
            self._mean = self._mean - moved
        else:
            self._mean = np.zeros_like(self._mean)
            self._batches = 0

    def _follow(self, error: Numbers) -> None:
        """Let the mean follow, at first quickly."""
        self._batches += 1
        share = max(FOLLOW_SHARE, 1 / self._batches)
        self._mean = np.clip(self._mean + share * error, -self._reach, self._reach)
