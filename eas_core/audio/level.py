"""The level meter: RMS and peak over short windows, in dB of full scale."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .block import AudioBlock, Block

FLOOR_DBFS: Final = -120.0
"""What digital silence reads."""

CLIPPED: Final = 0.999
"""Of full scale; a sample at the converter's end stop."""


@dataclass(frozen=True, slots=True)
class Level:
    """One window's level: of a full-scale sine, RMS is -3 and the peak 0 dBFS."""

    rms_dbfs: float
    peak_dbfs: float
    clipped: int


def to_dbfs(amplitude: float) -> float:
    """Return an amplitude, full scale 1, in dB; no less than FLOOR_DBFS."""
    if not amplitude > 10 ** (FLOOR_DBFS / 20):
        return FLOOR_DBFS
    return float(20 * np.log10(amplitude))


def measure(samples: NDArray[np.float32]) -> Level:
    """Return the level of float32[n]; that of silence where n is 0."""
    if not len(samples):
        return Level(FLOOR_DBFS, FLOOR_DBFS, 0)
    return measure_windows(samples.reshape(1, -1))[0]


def measure_windows(windows: NDArray[np.float32]) -> list[Level]:
    """Return the level of each row of float32[rows, n], n over 0.

    A sample that is no number counts as silence, as it does in the decoder.
    """
    size = np.abs(windows)
    size[~np.isfinite(size)] = 0.0
    rms = np.sqrt(np.square(size, dtype=np.float64).mean(axis=1))
    peak = size.max(axis=1)
    clipped = np.count_nonzero(size >= CLIPPED, axis=1)
    return [
        Level(to_dbfs(float(one)), to_dbfs(float(top)), int(count))
        for one, top, count in zip(rms, peak, clipped, strict=True)
    ]


def clipped_share(block: Block) -> float:
    """Return the share of a block's samples that are at full scale, 0 to 1."""
    if not len(block.samples):
        return 0.0
    if isinstance(block, AudioBlock):
        return float(np.mean(np.abs(block.samples) >= CLIPPED))
    sides = (block.samples.real, block.samples.imag)
    return float(np.mean([np.mean(np.abs(side) >= CLIPPED) for side in sides]))


class LevelMeter:
    """Cuts a stream into windows of a fixed length and measures each."""

    def __init__(self, sample_rate: int, seconds: float) -> None:
        """Take the rate in Hz and the window's length."""
        self._window = max(1, round(sample_rate * seconds))
        self._pending: NDArray[np.float32] = np.zeros(0, np.float32)

    def feed(self, samples: NDArray[np.float32]) -> list[Level]:
        """Take float32[any]; return the levels of the windows that are full."""
        audio = np.concatenate((self._pending, samples))
        full = len(audio) // self._window
        # A view would keep the whole block alive.
        self._pending = audio[full * self._window :].copy()
        if not full:
            return []
        return measure_windows(audio[: full * self._window].reshape(full, -1))
