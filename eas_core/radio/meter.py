"""How well channels are received, over a second: carrier, noise, deviation, offset.

Everything is measured behind the wide filter: what a narrow one does to full
deviation would count as noise. Figures are float64[channels].
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from .grid import Grid
from .overlap import HANN_POWER, Complex, Numbers, Real, hann
from .plan import ChannelKind
from .scheme import Scheme

TINY: Final = 1e-30
"""Of a power: what is below is digital silence."""

SNR_ENDS: Final = (0.01, 1 - 1e-6)
"""Shares of a carrier in the power: -20 and 60 dB are the ends of the scale."""

CLICKS: Final = 0.1
"""Of a second: deviation is what its peaks exceed for so long."""

CARRIER_SHARE: Final = 0.5
"""Of the power; with less there is no deviation to speak of."""

VOICE_BOTTOM: Final = 100.0
LEAST_HZ: Final = 1.0
HIGHEST_QUIETING_DB: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was measured: power of full scale 1, `offset_hz` from the middle of the bins."""

    power: Numbers
    snr_db: Numbers
    quieting_db: Numbers
    deviation_hz: Numbers
    offset_hz: Numbers


class Meter:
    """Measures the baseband of several channels of one kind, batch by batch."""

    def __init__(self, grid: Grid, channels: int, scheme: Scheme) -> None:
        """Take how many channels there are and how they are received."""
        self._rate = float(grid.bins(scheme.baseband_rate) * grid.bin_hz)
        self._channels = channels
        self._scheme = scheme
        self._begin()

    def add(self, baseband: Complex) -> None:
        """Take complex64[channels, hops, n + 1], the first of each hop one before it."""
        samples = baseband[..., 1:]
        turned = samples * baseband[..., :-1].conj()
        power = np.square(samples.real) + np.square(samples.imag)
        self._powers.append(power.mean(axis=(1, 2), dtype=np.float64))
        self._turned += turned.sum(axis=(1, 2), dtype=np.complex128)
        if self._scheme.kind is ChannelKind.AM:
            self._shares.append(coherent_share(samples, turned))
            return
        self._shares.append(constancy(power))
        self._measure(np.angle(turned).reshape(self._channels, -1))

    def read(self) -> Figures:
        """Return what was measured since the last time, after one batch or more."""
        share = np.median(self._shares, axis=0)
        if self._scheme.kind is not ChannelKind.AM:
            share = np.sqrt(np.maximum(share, 0.0))
        peaks, noise = self._read_frequency()
        quiet = max(self._scheme.quiet_hz, LEAST_HZ)
        quieting = 20 * np.log10(quiet / np.maximum(noise, LEAST_HZ))
        figures = Figures(
            power=np.mean(self._powers, axis=0),
            snr_db=self._to_snr_db(share),
            quieting_db=np.clip(quieting, 0, HIGHEST_QUIETING_DB),
            deviation_hz=np.where(share > CARRIER_SHARE, peaks, 0.0),
            offset_hz=np.asarray(np.angle(self._turned) * self._rate / (2 * np.pi)),
        )
        self._begin()
        return figures

    def _measure(self, radians: Real) -> None:
        """Take the frequency of one batch, radians a sample, float32[channels, n]."""
        size = radians.shape[1]
        hz = radians * np.float32(self._rate / (2 * np.pi))
        spectra = np.fft.rfft(hz).astype(np.complex64, copy=False)
        low, high = (round(one * size / self._rate) for one in self._scheme.noise_band)
        noise = np.square(np.abs(hann(spectra[:, low:high]))).sum(axis=1)
        self._noise.append(noise * (2 / HANN_POWER / size**2))
        bottom, top = (
            round(one * size / self._rate)
            for one in (VOICE_BOTTOM, self._scheme.voice_top)
        )
        spectra[:, :bottom] = 0
        spectra[:, top:] = 0
        # The ends are left out: the batch is taken for a circle.
        voice = np.fft.irfft(spectra, size)[:, size // 4 : size // 4 * 3]
        self._peaks.append(np.abs(voice).max(axis=1))

    def _read_frequency(self) -> tuple[Numbers, Numbers]:
        """Return the deviation's peak and the noise, RMS, both in Hz."""
        if not self._peaks:
            nothing = np.zeros(self._channels)
            return nothing, nothing + self._scheme.quiet_hz
        peaks = np.quantile(self._peaks, 1 - CLICKS, axis=0).astype(np.float64)
        return peaks, np.sqrt(np.mean(self._noise, axis=0, dtype=np.float64))

    def _to_snr_db(self, share: Numbers) -> Numbers:
        """Return what a carrier's share of the power is as carrier to noise."""
        bounded = np.clip(share, *SNR_ENDS)
        wider = self._scheme.wide_width / self._scheme.snr_bandwidth
        return np.asarray(10 * np.log10(bounded / (1 - bounded) * wider))

    def _begin(self) -> None:
        self._powers: list[Numbers] = []
        self._shares: list[Numbers] = []
        self._noise: list[Real] = []
        self._peaks: list[Real] = []
        self._turned = np.zeros(self._channels, np.complex128)


def constancy(power: Real) -> Numbers:
    """Return the square of the share of power[channels, hops, n] whose envelope is constant.

    Of a carrier's power C and the noise's N the moments are M2 = C + N and
    M4 = C² + 4CN + 2N² (the M2M4 method, Pauluzzi and Beaulieu, IEEE Trans.
    Comm. 48 (2000) 1681), so it is 2 - M4 / M2². About 0 for noise.
    """
    second = power.mean(axis=(1, 2), dtype=np.float64)
    fourth = np.square(power).mean(axis=(1, 2), dtype=np.float64)
    square: Numbers = 2 - fourth / (np.square(second) + TINY)
    return np.where(second > TINY, square, 0.0)


def coherent_share(samples: Complex, turned: Complex) -> Numbers:
    """Return a carrier's share of the power, without its sidebands, where it is modulated along itself.

    Takes complex64[channels, hops, n] and each sample times the conjugate of the
    one before. What is square to the carrier is half of the noise.
    """
    turn = np.angle(turned.sum(axis=(1, 2)))[:, None, None]
    still = samples * np.exp(-1j * turn * np.arange(samples.shape[2]))
    mean = still.mean(axis=2, keepdims=True)
    across = (still * mean.conj()).imag / (np.abs(mean) + TINY)
    carrier = np.square(np.abs(mean)).mean(axis=(1, 2))
    noise = 2 * np.square(across).mean(axis=(1, 2))
    share: Numbers = carrier / (carrier + noise + TINY)
    return share
