"""A cheap look for the preamble, on all audio: most of the day there is no burst."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from .constants import BAUD, BITS_PER_BYTE, PREAMBLE
from .demodulator import Tones
from .encoder import to_bits

BYTES_SUMMED: Final = 4
"""A preamble whose beginning was swallowed by a squelch still has these."""

THRESHOLD_SIGMA: Final = 3.9
"""Noise passes it about once in 20 s; what follows is cheap, a lost burst is not."""

_BYTE = to_bits(PREAMBLE[:1]).astype(np.float32) * 2 - 1
_ZEROS = np.flatnonzero(_BYTE < 0)
# Free of its mean, so that a louder tone (twist) does not look like a preamble.
_WEIGHTS = _BYTE - _BYTE.mean()
# The balance of noise is uniform over -1…1: its variance is a third.
_SIGMA = float(np.sqrt(BYTES_SUMMED * np.sum(_WEIGHTS**2) / 3))


class PreambleDetector:
    """Correlates the balance of the two tones with 0xAB over some bytes.

    Element by element only, so that the scores do not depend on how the
    outputs are cut into blocks.
    """

    def __init__(self, rate: float) -> None:
        """Take the rate of the demodulator's outputs in Hz."""
        bit = rate / float(BAUD)
        self._bits = [round(index * bit) for index in range(BITS_PER_BYTE)]
        self._bytes = [
            round(index * BITS_PER_BYTE * bit) for index in range(BYTES_SUMMED)
        ]
        self.span = self._bits[-1] + self._bytes[-1]
        self._balance: NDArray[np.float32] = np.zeros(self.span, np.float32)

    def feed(self, tones: Tones) -> NDArray[np.float32]:
        """Return a score for each output, float32[n] in sigmas of noise.

        The score at n is that of the bytes whose last bit is centred at n.
        """
        mark, space = _power(tones.mark), _power(tones.space)
        balance = (mark - space) / (mark + space + np.float32(1e-20))
        balance = np.concatenate((self._balance, balance))
        self._balance = balance[len(balance) - self.span :]
        length = len(balance) - self._bits[-1]
        shifted = [balance[start : start + length] for start in self._bits]
        zeros = shifted[_ZEROS[0]] + shifted[_ZEROS[1]] + shifted[_ZEROS[2]]
        one_byte = sum(shifted[1:], shifted[0])
        one_byte = one_byte * _WEIGHTS[0] - zeros * (_WEIGHTS[0] - _WEIGHTS[_ZEROS[0]])
        length -= self._bytes[-1]
        total = sum(
            (one_byte[start : start + length] for start in self._bytes[1:]),
            one_byte[:length],
        )
        scores: NDArray[np.float32] = total * np.float32(1 / _SIGMA)
        return scores


def _power(tone: NDArray[np.complex64]) -> NDArray[np.float32]:
    power: NDArray[np.float32] = tone.real**2 + tone.imag**2
    return power
