"""From audio to the two tones: one-bit matched filters on mark and space."""

from fractions import Fraction
from typing import Final, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from .constants import BAUD, MARK, SPACE, check_sample_rate

type Complex = NDArray[np.complex64]

LOWEST_OUTPUT_RATE: Final = 4_000
"""Hz; more than seven outputs a bit, so that between two a line will do."""

HUM_CUTOFF: Final = 380.0
"""Hz; under it there is mains hum and the weight of voice, and 2 % of the signal."""

HUM_FILTER_SECONDS: Final = 0.005
OUTPUTS_A_ROW: Final = 16
SINGLE_THREAD_PRODUCTS: Final = 250_000
"""A matrix product with fewer multiplications is not worth a second thread to BLAS."""

MAX_HOPS_AT_ONCE: Final = 64


class Tones(NamedTuple):
    """Outputs of both filters, complex64[n] each, phase relative to their own centre."""

    mark: Complex
    space: Complex


class Demodulator:
    """Filters and decimates audio in hops of fixed size.

    The hops lie on a grid of the input's samples, and each is one matrix
    product of the same shape: the outputs are the same to the last bit
    whatever the sizes of the blocks that the audio comes in. Output n belongs
    to the bit whose centre is input sample n·decimation.
    """

    def __init__(self, sample_rate: int) -> None:
        """Design the filters for a rate in Hz; raises SampleRateError."""
        self.sample_rate = check_sample_rate(sample_rate)
        self.decimation = max(1, sample_rate // LOWEST_OUTPUT_RATE)
        self.rate = sample_rate / self.decimation
        mark = _matched_filter(MARK, sample_rate)
        space = _matched_filter(SPACE, sample_rate)
        self._reach = len(mark) // 2
        self._matrix = _polyphase(mark, space, self.decimation)
        self._width = self._matrix.shape[0]
        self._row_step = self.decimation * OUTPUTS_A_ROW
        self._rows = max(1, min(32, SINGLE_THREAD_PRODUCTS // self._matrix.size))
        self._pending: NDArray[np.float32] = np.zeros(self._reach, np.float32)

    @property
    def hop(self) -> int:
        """Outputs that come at a time."""
        return self._rows * OUTPUTS_A_ROW

    def feed(self, samples: NDArray[np.float32]) -> Tones:
        """Take float32[any]; return the outputs of the hops that are full."""
        self._pending = np.concatenate((self._pending, samples))
        hop_step = self._rows * self._row_step
        lead = self._width - self._row_step
        hops = max(0, (len(self._pending) - lead) // hop_step)
        parts = [
            self._filter(start * hop_step, min(MAX_HOPS_AT_ONCE, hops - start))
            for start in range(0, hops, MAX_HOPS_AT_ONCE)
        ]
        self._pending = self._pending[hops * hop_step :]
        if len(parts) == 1:
            return parts[0]
        empty = np.zeros(0, np.complex64)
        return Tones(
            np.concatenate([empty, *(part.mark for part in parts)]),
            np.concatenate([empty, *(part.space for part in parts)]),
        )

    def _filter(self, start: int, hops: int) -> Tones:
        rows = hops * self._rows
        audio = self._pending[start : start + (rows - 1) * self._row_step + self._width]
        windows = np.ascontiguousarray(
            sliding_window_view(audio, self._width)[:: self._row_step]
        )
        stacked = windows.reshape(hops, self._rows, self._width)
        out = np.matmul(stacked, self._matrix).reshape(rows, 2, 2 * OUTPUTS_A_ROW)
        mark, space = (
            np.ascontiguousarray(out[:, tone]).view(np.complex64).reshape(-1)
            for tone in (0, 1)
        )
        return Tones(mark, space)


def _matched_filter(tone: Fraction, sample_rate: int) -> NDArray[np.complex128]:
    """One bit of the tone, without hum: complex128[odd], centred."""
    bit = float(sample_rate / BAUD)
    half = int(np.ceil(bit / 2))
    offset = np.arange(-half, half + 1)
    # The share of each sample that lies within the bit.
    share = np.clip(bit / 2 + 0.5 - np.abs(offset), 0.0, 1.0)
    wave = share / bit * np.exp(-2j * np.pi * float(tone) / sample_rate * offset)
    reach = round(HUM_FILTER_SECONDS * sample_rate / 2)
    time = np.arange(-reach, reach + 1)
    low = np.sinc(2 * HUM_CUTOFF / sample_rate * time) * np.hanning(2 * reach + 3)[1:-1]
    high = -low / low.sum()
    high[reach] += 1.0
    return np.convolve(wave, high)


def _polyphase(
    mark: NDArray[np.complex128], space: NDArray[np.complex128], decimation: int
) -> NDArray[np.float32]:
    """Both filters at OUTPUTS_A_ROW positions: float32[window, 4·OUTPUTS_A_ROW]."""
    width = decimation * (OUTPUTS_A_ROW - 1) + len(mark)
    matrix = np.zeros((width, 2, OUTPUTS_A_ROW, 2))
    for tone, taps in enumerate((mark, space)):
        for output in range(OUTPUTS_A_ROW):
            rows = slice(output * decimation, output * decimation + len(taps))
            matrix[rows, tone, output, 0] = taps.real
            matrix[rows, tone, output, 1] = taps.imag
    return matrix.reshape(width, -1).astype(np.float32)
