"""From audio to radio samples, for simulators, tests and benches; never for a transmitter.

SAME tones must not be sent to the public (47 CFR 11.45).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .grid import grid_of
from .modulation import FM_DEVIATION, NWR_DEVIATION, baseband_rate, emphasis
from .overlap import (
    Complex,
    Frames,
    Hertz,
    Real,
    RealFilter,
    frame_sizes,
    middle,
    response,
)
from .plan import ChannelKind, PlanError, RadioChannel, Tuning

AM_DEPTH: Final = 1.0
"""Audio of full scale takes the carrier to nothing and to its double."""

AUDIO_FRAME_SECONDS: Final = 0.04
BATCH: Final = 2


_AUDIO_BAND: Final = {
    ChannelKind.NWR: (100.0, 3_400.0),
    ChannelKind.FM: (20.0, 15_000.0),
    ChannelKind.AM: (20.0, 5_000.0),
}
"""Hz that a station sends of its audio."""

_OCCUPIED: Final = {
    ChannelKind.NWR: 10_000.0,
    ChannelKind.FM: 110_000.0,
    ChannelKind.AM: 8_000.0,
}
"""Hz either side of the carrier that are sent at most."""


class Modulator:
    """One kind of station, several rows at once: audio to complex baseband of amplitude 1.

    Any block size gives the same samples; there is no delay, though the last
    tens of milliseconds wait for what follows. `error_hz` moves the carrier.
    """

    def __init__(
        self,
        kind: ChannelKind,
        audio_rate: int,
        sample_rate: int,
        *,
        rows: int = 1,
        error_hz: float = 0.0,
    ) -> None:
        """Take both rates in Hz; the baseband's is best NARROW_RATE or WIDE_RATE."""
        self._kind = kind
        self._rate = sample_rate
        sizes = frame_sizes(audio_rate, sample_rate, AUDIO_FRAME_SECONDS)
        low, high = _AUDIO_BAND[kind]
        high = min(high, 0.45 * audio_rate)

        def shape(frequency: Hertz) -> Hertz:
            size = np.abs(frequency)
            return emphasis(kind, size) * ((size >= low) & (size <= high))

        self._filter = RealFilter(rows, shape, sizes, audio_rate, BATCH)
        self._turn = 2 * np.pi * error_hz / sample_rate
        self._phase = np.zeros((rows, 1))

    def feed(self, audio: Real) -> Complex:
        """Take float32[rows, any], full scale ±1; return complex64[rows, what is settled]."""
        parts = [np.zeros((len(audio), 0), np.complex64)]
        parts += [self._modulate(shaped) for shaped in self._filter.feed(audio)]
        return np.concatenate(parts, axis=1)

    def _modulate(self, shaped: Real) -> Complex:
        sent = np.clip(shaped, -1.0, 1.0)
        if self._kind is ChannelKind.AM:
            carrier = self._turned(np.zeros_like(sent))
            return carrier * (1 + np.float32(AM_DEPTH) * sent)
        deviation = FM_DEVIATION if self._kind is ChannelKind.FM else NWR_DEVIATION
        return self._turned(sent * np.float32(2 * np.pi * deviation / self._rate))

    def _turned(self, steps: Real) -> Complex:
        """Return the unit circle at the sum of all steps so far."""
        phase = np.cumsum(steps + self._turn, axis=1) + self._phase
        self._phase = np.remainder(phase[:, -1:], 2 * np.pi)
        angle = np.remainder(phase, 2 * np.pi).astype(np.float32)
        turned: Complex = np.cos(angle) + np.complex64(1j) * np.sin(angle)
        return turned


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """A transmitter as a radio receives it: its channel, and its carrier's power, of full scale."""

    channel: RadioChannel
    level_dbfs: float = -20.0
    error_hz: float = 0.0
    """How far this one is off its channel, beside the radio's own error."""


class Band:
    """Several stations in one band, as a radio that is tuned to it gives them.

    `error_hz` is how far all of them appear above their channels, as by a
    crystal that is wrong: -ppm · centre / 1e6. `noise_dbfs` is the power of
    the noise over the whole band, of full scale; None is no noise. `spike_dbfs`
    is a carrier on the centre, as receivers have one. The same seed gives the
    same noise.
    """

    def __init__(
        self,
        tuning: Tuning,
        stations: Sequence[Station],
        audio_rate: int,
        *,
        error_hz: float = 0.0,
        noise_dbfs: float | None = None,
        spike_dbfs: float | None = None,
        seed: int = 0,
    ) -> None:
        """Take stations of one kind; raises PlanError where the band does not hold them."""
        self.tuning = tuning
        self._places = [_Place(tuning, one, audio_rate, error_hz) for one in stations]
        self._noise = None if noise_dbfs is None else _amplitude(noise_dbfs - 3.0103)
        self._spike = 0.0 if spike_dbfs is None else _amplitude(spike_dbfs)
        self._rng = np.random.default_rng(seed)
        self._pending = [np.zeros(0, np.complex64) for _ in stations]

    def feed(self, audio: Real) -> Complex:
        """Take float32[stations, any], full scale ±1; return the radio's complex64[what is settled].

        On average as long as the audio is; the last tens of milliseconds wait.
        """
        for index, (place, row) in enumerate(zip(self._places, audio, strict=True)):
            more = place.feed(row[None, :])
            self._pending[index] = np.concatenate((self._pending[index], more))
        ready = min(len(one) for one in self._pending)
        total = np.zeros(ready, np.complex64)
        for index, held in enumerate(self._pending):
            total += held[:ready]
            self._pending[index] = held[ready:].copy()
        if self._noise is not None:
            noise = self._rng.standard_normal(2 * ready, np.float32)
            noise *= np.float32(self._noise)
            total += noise.view(np.complex64)
        total += np.complex64(self._spike)
        return total


class _Place:
    """One station, moved to its place in the band."""

    def __init__(
        self, tuning: Tuning, station: Station, audio_rate: int, error_hz: float
    ) -> None:
        channel = station.channel
        grid = grid_of(tuning.sample_rate)
        bins = grid.bins(baseband_rate(channel.kind))
        exact = (
            channel.frequency - tuning.center_frequency + error_hz + station.error_hz
        )
        self._bin = round(exact / grid.bin_hz)
        rest = exact - float(self._bin * grid.bin_hz)
        rate = grid.rate(bins)
        width = _OCCUPIED[channel.kind]
        if abs(exact) + width > tuning.sample_rate / 2:
            raise PlanError(
                f"Choose a higher sample rate: {channel.name} lies outside of"
                f" {tuning.sample_rate} Hz around {tuning.center_frequency} Hz."
            )
        self._modulator = Modulator(channel.kind, audio_rate, rate, error_hz=rest)
        self._frames = Frames(1, bins, BATCH, np.complex64)
        self._grid = grid
        gain = _amplitude(station.level_dbfs) * grid.size / bins
        self._gain = gain * response(lambda f: (np.abs(f) <= width) * 1.0, bins, rate)
        self._at = (np.fft.fftfreq(bins, 1 / bins).astype(int) + self._bin) % grid.size
        self._hop = 0

    def feed(self, audio: Real) -> Complex:
        """Take float32[1, any]; return complex64[what is settled] at the band's rate."""
        parts = [np.zeros(0, np.complex64)]
        for frames in self._frames.feed(self._modulator.feed(audio)):
            wide = np.zeros((BATCH, self._grid.size), np.complex64)
            wide[:, self._at] = np.fft.fft(frames[0]) * self._gain
            # A frame's own time begins half a frame after that of the one before.
            hops = self._hop + np.arange(BATCH)
            wide[(hops * self._bin) % 2 == 1] *= -1
            self._hop += BATCH
            parts.append(middle(np.fft.ifft(wide)).reshape(-1))
        return np.concatenate(parts)


def _amplitude(decibels: float) -> np.float32:
    return np.float32(10 ** (decibels / 20))


def to_u8(samples: Complex) -> NDArray[np.uint8]:
    """Return what an RTL2832U would give, uint8[2·n]: I and Q in turn, 127.5 is zero, clipped."""
    parts = np.ascontiguousarray(samples).view(np.float32)
    quantised = np.rint(parts * np.float32(127.5) + np.float32(127.5))
    levels: NDArray[np.uint8] = np.clip(quantised, 0, 255).astype(np.uint8)
    return levels
