"""Filters by the fast Fourier transform, over a stream that is cut into halves that overlap.

A frame is transformed, multiplied by a response and transformed back; the
middle half of what comes out is the filtered signal, as long as the filter
reaches no further than a quarter of a frame either way. Filters have no delay
in this: output and input have the same times. The frames lie on a grid of the
input's samples and are computed in batches of one size, so that the output is
the same to the last bit whatever the blocks that the input comes in.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

type Real = NDArray[np.float32]
type Complex = NDArray[np.complex64]
type Numbers = NDArray[np.float64]
type Hertz = NDArray[np.floating[Any]]
type Shape = Callable[[Hertz], Hertz]
"""Gain at frequencies in Hz."""

QUARTER: Final = 4
"""Frames are a multiple of so many samples."""


class Frames[Sample: np.generic]:
    """Cuts a stream of rows into frames that advance by half their size.

    The first frame begins a quarter before the first sample, in silence.
    """

    def __init__(self, rows: int, size: int, batch: int, dtype: type[Sample]) -> None:
        """Take the size of a frame, a multiple of 4, and how many come at once."""
        self._size = size
        self._batch = batch
        self.step = size // 2 * batch
        """Samples by which a batch moves on."""
        self._pending: NDArray[Sample] = np.zeros((rows, size // QUARTER), dtype)

    def feed(self, samples: NDArray[Sample]) -> Iterator[NDArray[Sample]]:
        """Take samples[rows, any]; yield frames[rows, batch, size] as they are full."""
        held = np.concatenate((self._pending, samples), axis=1)
        half = self._size // 2
        step = self.step
        needed = step + half
        start = 0
        while held.shape[1] - start >= needed:
            part = held[:, start : start + needed]
            yield sliding_window_view(part, self._size, axis=1)[:, ::half]
            start += step
        # A view would keep the whole block alive.
        self._pending = held[:, start:].copy()


def middle(frames: NDArray[Any], before: int = 0) -> NDArray[Any]:
    """Return the middle half of frames[…, size], with `before` samples more at its front."""
    size = frames.shape[-1]
    return frames[..., size // 4 - before : size // 4 * 3]


def hann(spectra: Complex) -> Complex:
    """Return the spectra that frames[…, bins] have under Hann's window, but for the outermost bins.

    Of power 3/8 of the frames' own.
    """
    sides = spectra[..., :-2] + spectra[..., 2:]
    return spectra[..., 1:-1] * np.float32(0.5) - sides * np.float32(0.25)


HANN_POWER: Final = 3 / 8


def response(shape: Shape, size: int, sample_rate: float) -> Real:
    """Return a filter's gain at the bins of a complex transform, float32[size].

    What `shape` asks for is smoothed so that the filter reaches no further than
    a quarter of the frame: by 4 · sample_rate / size Hz either way.
    """
    wanted = shape(np.fft.fftfreq(size, 1 / sample_rate))
    taps = np.fft.fftshift(np.fft.ifft(wanted))
    reach = size // QUARTER - 2
    window = np.zeros(size)
    window[size // 2 - reach : size // 2 + reach + 1] = np.hanning(2 * reach + 1)
    smooth: Real = np.fft.fft(np.fft.ifftshift(taps * window)).real.astype(np.float32)
    return smooth


def frame_sizes(from_rate: int, to_rate: int, seconds: float) -> tuple[int, int]:
    """Return sizes of frames, both multiples of 4, that last equally long, about `seconds`."""
    ratio = Fraction(to_rate, from_rate)
    unit = QUARTER * ratio.denominator
    count = max(1, round(seconds * from_rate / unit))
    return count * unit, count * QUARTER * ratio.numerator


class RealFilter:
    """Filters rows of real samples, and changes their rate."""

    def __init__(
        self,
        rows: int,
        shape: Shape,
        sizes: tuple[int, int],
        sample_rate: float,
        batch: int = 2,
    ) -> None:
        """Take sizes of frames at the input's and the output's rate, and the input's in Hz."""
        self._sizes = sizes
        self._frames = Frames(rows, sizes[0], batch, np.float32)
        bins = min(sizes) // 2 + 1
        gain = response(shape, sizes[0], sample_rate)[:bins] * (sizes[1] / sizes[0])
        # The last bin at both rates stands for two frequencies, and is outside of any use.
        gain[-1] = 0.0
        self._gain = gain.astype(np.float32)

    def feed(self, samples: Real) -> Iterator[Real]:
        """Take float32[rows, any]; yield float32[rows, batch · half] as they are settled."""
        for frames in self._frames.feed(samples):
            yield self.filter(np.fft.rfft(frames).astype(np.complex64, copy=False))

    def filter(self, spectra: Complex) -> Real:
        """Return float32[rows, batch · half] of spectra[rows, batch, bins]."""
        shaped = spectra[..., : len(self._gain)] * self._gain
        heard = middle(np.fft.irfft(shaped, self._sizes[1]))
        return heard.reshape(len(heard), -1)
