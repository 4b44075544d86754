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
FIRST_SPOILT: Final = 0.003
"""The share of bits that clicks and drop-outs spoil, before any are seen."""

SPOILT_BY_CHANCE: Final = 0.02
"""Bits of a burst; a share of none would forbid what was not seen yet."""

FLIPPED: Final = 0.05
"""Of the spoilt bits, those that look as sound as the other value."""

LIMIT: Final = 20.0
"""Nats; what lies beyond makes no difference to a sum."""

NOISE_FLOOR: Final = 0.003
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


def _gain(tone: Complex, weight: Real, window: int) -> Complex:
    gain: Complex = _around(weight * tone, window) / (
        np.abs(_around(weight, window)) + 0.25
    )
    return gain


def _noise(residual: Real, weight: Real, signal: Real) -> Real:
    """Return the noise's power at each tone around each bit."""
    mean = float(np.sum(weight * residual) / (np.sum(weight) + 1e-9))
    total = np.abs(_around(weight * residual, NOISE_WINDOW)) + 2 * mean
    noise = total / (np.abs(_around(weight, NOISE_WINDOW)) + 2) / 2
    floored: Real = np.maximum(noise, NOISE_FLOOR * signal) + 1e-20
    return floored


def _first_guess(mark: Complex, space: Complex) -> tuple[Real, Real]:
    """Return how much each bit looks like a one, and like a bit at all."""
    size = np.abs(mark) ** 2 + np.abs(space) ** 2
    balance = np.abs(mark) ** 2 - np.abs(space) ** 2
    share = 0.5 + 0.5 * balance / (size + 1e-30)
    weight = size / (size + 0.2 * np.percentile(size, 80) + 1e-30)
    return share, weight


def _coherent(mark: Complex, space: Complex, window: int) -> SoftBits:
    size = np.abs(mark) ** 2 + np.abs(space) ** 2
    share, weight = _first_guess(mark, space)
    spoilt = FIRST_SPOILT
    for _ in range(ROUNDS):
        gain_mark = _gain(mark, weight * share, window)
        gain_space = _gain(space, weight * (1 - share), window)
        far_space = np.abs(mark - gain_mark) ** 2 + np.abs(space) ** 2
        far_mark = np.abs(mark) ** 2 + np.abs(space - gain_space) ** 2
        signal = (np.abs(gain_mark) ** 2 + np.abs(gain_space) ** 2) / 2
        residual = share * far_space + (1 - share) * far_mark
        noise = _noise(residual, weight, signal)
        sound = _normal(far_space, noise), _normal(far_mark, noise)
        fit = _Fit(sound, (far_space, far_mark), size, noise, signal, spoilt)
        share, weight, spoilt = fit.share, fit.weight, fit.spoilt
    return fit.result(coherent=True)


def _energy(mark: Complex, space: Complex, window: int) -> SoftBits:
    """The same where the phase is not to be had: amplitudes only."""
    size = np.abs(mark) ** 2 + np.abs(space) ** 2
    high, low = np.abs(mark), np.abs(space)
    share, weight = _first_guess(mark, space)
    spoilt = FIRST_SPOILT
    noise = np.full(len(mark), float(np.median(np.minimum(high, low) ** 2)) * 2 + 1e-20)
    for _ in range(ROUNDS):
        power_mark = _gain(high**2 + 0j, weight * share, window).real - noise
        power_space = _gain(low**2 + 0j, weight * (1 - share), window).real - noise
        power_mark, power_space = np.maximum(power_mark, 0), np.maximum(power_space, 0)
        signal = (power_mark + power_space) / 2
        off = share * low**2 + (1 - share) * high**2
        noise = _noise(2 * off, weight, signal)
        one = _rice(high, np.sqrt(power_mark), noise) - low**2 / noise
        zero = _rice(low, np.sqrt(power_space), noise) - high**2 / noise
        scale = 2 * np.log(noise)
        sound = one - scale, zero - scale
        far = (
            (high - np.sqrt(power_mark)) ** 2 + low**2,
            (low - np.sqrt(power_space)) ** 2 + high**2,
        )
        fit = _Fit(sound, far, size, noise, signal, spoilt)
        share, weight, spoilt = fit.share, fit.weight, fit.spoilt
    return fit.result(coherent=False)


class _Fit:
    """The likelihoods of one round, float64[bits] each, and what follows from them.

    `one` and `zero` are of a sound bit; `far_*` its squared distances. A spoilt
    one strays by as much as the signal.
    """

    def __init__(
        self,
        sound: tuple[Real, Real],
        far: tuple[Real, Real],
        size: Real,
        noise: Real,
        signal: Real,
        spoilt: float,
    ) -> None:
        one, zero = sound
        broken = [
            _normal(distance, noise + signal) + np.log(spoilt) for distance in far
        ]
        any_one, any_zero = np.logaddexp(one, broken[0]), np.logaddexp(zero, broken[1])
        self._llr = any_one - any_zero
        self._evidence = np.logaddexp(any_one, any_zero) - np.log(2)
        # No signal at all, where a burst has not begun or is over.
        self._nothing = _normal(size, noise)
        self._noise, self._signal = noise, signal
        self.share: Real = 1 / (1 + np.exp(-np.clip(one - zero, -30, 30)))
        self.weight: Real = np.exp(np.logaddexp(one, zero) - np.log(2) - self._evidence)
        inside = self._evidence > self._nothing
        count = float(np.sum(1 - self.weight[inside])) + SPOILT_BY_CHANCE
        self.spoilt: float = min(0.3, count / (int(np.count_nonzero(inside)) + 1))

    def result(self, *, coherent: bool) -> SoftBits:
        """Return the soft bits and how well the model fits."""
        return SoftBits(
            _limit(self._llr, FLIPPED * self.spoilt),
            float(np.sum(self._evidence)),
            coherent,
            self._signal,
            self._noise,
            np.clip(self._evidence - self._nothing, -LIMIT, LIMIT),
        )


def _limit(llr: Real, flipped: float) -> Real:
    """Return the ratios where each bit may be the opposite of what was heard."""
    ratio = np.clip(llr, -LIMIT, LIMIT)
    other = np.log(flipped / (1 - flipped))
    result: Real = np.logaddexp(ratio, other) - np.logaddexp(0, ratio + other)
    return result


def _normal(distance: Real, noise: Real) -> Real:
    """Log-likelihood in nats of a squared distance over both tones."""
    result: Real = -distance / noise - 2 * np.log(noise)
    return result


def _rice(amplitude: Real, mean: Real, noise: Real) -> Real:
    """Log-likelihood of an amplitude around a mean of unknown phase."""
    argument = 2 * amplitude * mean / noise
    small = np.minimum(argument, 500.0)
    bessel = np.log(np.i0(small)) + (argument - small)
    result: Real = bessel - (amplitude**2 + mean**2) / noise
    return result
