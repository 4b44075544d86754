"""Amplitude modulation: the envelope over the carrier's slow mean."""

from typing import Final

import numpy as np

from .grid import Grid
from .overlap import Complex, Numbers, Real, RealFilter
from .scheme import Scheme

FOLLOW_SHARE: Final = 0.1
"""Of a batch in the carrier's level: a time constant of about 0.4 seconds."""

LEAST_CARRIER: Final = 1e-9
MOST_AUDIO: Final = 4.0
"""Of full scale; an envelope is higher only where a carrier comes up."""


class AmDemodulator:
    """Several channels at once: complex64[channels, hops, n + 1] to float32[channels, any].

    Audio of 1.0 is full modulation.
    """

    def __init__(self, grid: Grid, channels: int, scheme: Scheme) -> None:
        """Take how many channels there are and how they are received."""
        bins = grid.bins(scheme.baseband_rate)
        rate = float(bins * grid.bin_hz)
        sizes = (2 * bins, 2 * grid.bins(scheme.audio_rate))
        self._carrier: Numbers | None = None
        self._audio = RealFilter(channels, scheme.audio_gain, sizes, rate)

    def feed(self, baseband: Complex, shift_hz: float) -> Real:
        """Take a batch; return what is settled. An envelope does not mind a shift."""
        samples = baseband[..., 1:]
        envelope: Real = np.abs(samples).reshape(len(samples), -1)
        audio = envelope / self._follow(envelope)
        audio -= np.float32(1)
        np.minimum(audio, np.float32(MOST_AUDIO), out=audio)
        empty = np.zeros((len(samples), 0), np.float32)
        return np.concatenate([empty, *self._audio.feed(audio)], axis=1)

    def _follow(self, envelope: Real) -> Real:
        """Return the carrier's level, a line over the batch from where it was, float32[channels, n]."""
        mean = np.maximum(envelope.mean(axis=1, dtype=np.float64), LEAST_CARRIER)
        before = mean if self._carrier is None else self._carrier
        after = self._carrier = before + FOLLOW_SHARE * (mean - before)
        along = np.arange(1, envelope.shape[1] + 1) / envelope.shape[1]
        level = before[:, None] + (after - before)[:, None] * along
        followed: Real = level.astype(np.float32)
        return followed
