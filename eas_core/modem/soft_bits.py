"""From the tones in the middle of each bit to log-likelihood ratios.

A mark is the complex gain of its tone and nothing at the other, and a space
the reverse. The gains drift slowly (fading, twist, phase), so they are
estimated around each bit from all others by expectation and maximisation.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

type Complex = NDArray[np.complex128]
type Real = NDArray[np.float64]

WINDOWS: Final = (20, 72, 240)
"""Bits either way over which the gains may hold still, from fluttering to steady."""

NOISE_WINDOW: Final = 48
ROUNDS: Final = 4
FREEDOM: Final = 60.0
"""Degrees of freedom of the noise: clicks are far likelier than under a normal law."""

LIMIT: Final = 12.0
"""No bit of one burst is surer than this, whatever the model says."""

NOISE_FLOOR: Final = 0.01
"""Of the signal's power; a clean recording is not free of error for all that."""


@dataclass(frozen=True, slots=True)
class SoftBits:
    """Log-likelihood ratios, float64[bits], positive for a one, and what they rest on.

    `evidence` is the log-likelihood in nats of the model against its rivals
    on the same bits. `signal` and `noise` are powers around each bit: Eb/N0 is
    their ratio.
    """

    llr: Real
    evidence: float
    coherent: bool
    signal: Real
    noise: Real
    presence: Real


def soft_bits(mark: Complex, space: Complex) -> SoftBits:
    """Return the soft bits of complex128[bits] each, under the model that fits best."""
    candidates = [_coherent(mark, space, window) for window in WINDOWS]
    candidates.append(_energy(mark, space, WINDOWS[1]))
    return max(candidates, key=lambda soft: soft.evidence)


def _around(values: NDArray[np.complex128] | Real, window: int) -> Complex:
    """Sum over the window either side of each bit, the bit itself left out."""
    total = np.concatenate((np.zeros(1), np.cumsum(values)))
    index = np.arange(len(values))
    stop = np.minimum(index + window + 1, len(values))
    start = np.maximum(index - window, 0)
    result: Complex = total[stop] - total[start] - values
    return result


def _gain(tone: Complex, share: Real, window: int) -> Complex:
    gain: Complex = _around(share * tone, window) / (
        np.abs(_around(share, window)) + 0.5
    )
    return gain


def _noise(residual: Real, signal: Real) -> Real:
    """Return the noise's power at each tone around each bit."""
    # A residual that a click made must not hide the noise of its neighbours.
    clipped = np.minimum(residual, 6 * np.median(residual) + 1e-30)
    window = min(NOISE_WINDOW, len(residual) - 1)
    count = np.abs(_around(np.ones(len(residual)), window)) + 1.0
    noise = (np.abs(_around(clipped, window)) + np.median(clipped)) / count / 2
    return np.maximum(noise, NOISE_FLOOR * signal) + 1e-20


def _coherent(mark: Complex, space: Complex, window: int) -> SoftBits:
    share = np.full(len(mark), 0.5)
    size = np.abs(mark) ** 2 + np.abs(space) ** 2
    balance = np.abs(mark) ** 2 - np.abs(space) ** 2
    share = 0.5 + 0.5 * balance / (size + 1e-30)
    for _ in range(ROUNDS):
        gain_mark = _gain(mark, share, window)
        gain_space = _gain(space, 1 - share, window)
        far_space = np.abs(mark - gain_mark) ** 2 + np.abs(space) ** 2
        far_mark = np.abs(mark) ** 2 + np.abs(space - gain_space) ** 2
        signal = (np.abs(gain_mark) ** 2 + np.abs(gain_space) ** 2) / 2
        residual = share * far_space + (1 - share) * far_mark
        noise = _noise(residual, signal)
        one, zero = _student(far_space, noise), _student(far_mark, noise)
        llr = one - zero
        share = 1 / (1 + np.exp(-np.clip(llr, -30, 30)))
    return _result(llr, one, zero, size, noise, signal, coherent=True)


def _energy(mark: Complex, space: Complex, window: int) -> SoftBits:
    """The same where the phase is not to be had: amplitudes only."""
    size = np.abs(mark) ** 2 + np.abs(space) ** 2
    high, low = np.abs(mark), np.abs(space)
    share = 0.5 + 0.5 * (high**2 - low**2) / (size + 1e-30)
    noise = np.full(len(mark), float(np.median(np.minimum(high, low) ** 2)) * 2 + 1e-20)
    for _ in range(ROUNDS):
        power_mark = np.maximum(_gain(high**2 + 0j, share, window).real - noise, 0)
        power_space = np.maximum(_gain(low**2 + 0j, 1 - share, window).real - noise, 0)
        signal = (power_mark + power_space) / 2
        off = share * low**2 + (1 - share) * high**2
        noise = _noise(2 * off, signal)
        one = _rice(high, np.sqrt(power_mark), noise) - low**2 / noise
        zero = _rice(low, np.sqrt(power_space), noise) - high**2 / noise
        one, zero = one - 2 * np.log(noise), zero - 2 * np.log(noise)
        share = 1 / (1 + np.exp(-np.clip(one - zero, -30, 30)))
    return _result(one - zero, one, zero, size, noise, signal, coherent=False)


def _student(distance: Real, noise: Real) -> Real:
    """Log-likelihood in nats of squared distances in four real dimensions."""
    tail = (FREEDOM + 4) / 2
    # The constant keeps it comparable with the normal law of the energy model.
    constant = np.log((FREEDOM + 2) / FREEDOM)
    result: Real = (
        constant - tail * np.log1p(2 * distance / noise / FREEDOM) - 2 * np.log(noise)
    )
    return result


def _rice(amplitude: Real, mean: Real, noise: Real) -> Real:
    """Log-likelihood of an amplitude around a mean of unknown phase."""
    argument = 2 * amplitude * mean / noise
    small = np.minimum(argument, 500.0)
    bessel = np.log(np.i0(small)) + (argument - small)
    result: Real = bessel - (amplitude**2 + mean**2) / noise
    return result


def _result(
    llr: Real,
    one: Real,
    zero: Real,
    size: Real,
    noise: Real,
    signal: Real,
    *,
    coherent: bool,
) -> SoftBits:
    evidence = np.logaddexp(one, zero) - np.log(2)
    # Each bit's likelihood that there was no signal at all.
    nothing = -size / noise - 2 * np.log(noise)
    return SoftBits(
        np.clip(llr, -LIMIT, LIMIT),
        float(np.sum(evidence)),
        coherent,
        signal,
        noise,
        np.clip(evidence - nothing, -LIMIT, LIMIT),
    )
