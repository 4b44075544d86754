"""A band as it comes from a radio: its channels cut out, and everything measured."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from ..audio.level import FLOOR_DBFS
from .afc import FrequencyControl
from .am import AmDemodulator
from .band_power import BandPower, to_spectrum
from .channelizer import Channelizer
from .fm import FmDemodulator
from .grid import grid_of
from .meter import Figures, Meter
from .overlap import Complex, Numbers, response
from .plan import NWR_CHANNELS, ChannelKind, PlanError, RadioChannel
from .quality import BandSpectrum, SignalQuality
from .scheme import SCHEMES

HOPS: Final = 4
"""Frames that are computed at a time: 40 ms where bins are 50 Hz wide."""

STRONG_SNR_DB: Final = 15.0
WEAK_SNR_DB: Final = 12.0
"""From the one on a channel is heard through the wide filter, which does not distort
what deviates fully; below the other through the narrow one, which hears farther."""

FAR_HZ: Final = 1_000.0
CARRIER_SNR_DB: Final = 0.0
"""Below it a channel's offset is taken to be what the others have."""


FASTEST: Final = 10_000_000
"""Samples a second; three times what an RTL2832U gives. At more, filters fill the memory."""


class Tuner:
    """Channels of one kind in a band of a rate and centre. What it measures outlives gaps."""

    def __init__(
        self,
        channels: Sequence[RadioChannel],
        sample_rate: int,
        center_frequency: int,
        shift_hz: float = 0.0,
    ) -> None:
        """Take by how many Hz carriers are up, if known; raises PlanError where the band is too narrow."""
        check_held(channels, sample_rate, center_frequency)
        self.sample_rate = sample_rate
        self.center_frequency = center_frequency
        self.grid = grid_of(sample_rate)
        self.names = [one.name for one in channels]
        self._channels = channels
        self._scheme = SCHEMES[channels[0].kind]
        self.audio_rate = self.grid.rate(self.grid.bins(self._scheme.audio_rate))
        bins = self.grid.bins(self._scheme.baseband_rate)
        bin_hz = float(self.grid.bin_hz)
        offsets = [one.frequency - center_frequency for one in channels]
        self._narrow, self._wide = (
            Channelizer(self.grid, offsets, response(gain, bins, bins * bin_hz))
            for gain in (self._scheme.narrow_gain, self._scheme.wide_gain)
        )
        self._strong = np.zeros((len(channels), 1, 1), np.bool_)
        narrow = self._scheme.kind is ChannelKind.NWR
        places = [one - center_frequency for one in NWR_CHANNELS if narrow]
        self._control = FrequencyControl(self.grid, places, shift_hz)
        batch_seconds = HOPS / 2 / bin_hz
        self._band_power = BandPower(self.grid, batch_seconds)
        self._batches_a_second = round(1 / batch_seconds)
        self._batches = 0
        self._quality: tuple[SignalQuality, ...] = ()
        self._spectrum: BandSpectrum | None = None
        self._meter = Meter(self.grid, len(channels), self._scheme)

    @property
    def shift_hz(self) -> float:
        """By how many Hz carriers are taken to be up."""
        return self._control.shift_hz

    def new_demodulator(self) -> AmDemodulator | FmDemodulator:
        """Return a demodulator of all channels."""
        kind = AmDemodulator if self._scheme.kind is ChannelKind.AM else FmDemodulator
        return kind(self.grid, len(self._channels), self._scheme)

    def receive(self, spectra: Complex, *, measure: bool = True) -> Complex:
        """Take a batch, complex64[hops, size]; return each channel's baseband, complex64[channels, hops, n + 1].

        Its bins are `shift_hz` above the channels' own.
        """
        if measure:
            self._watch(spectra)
        shift = self._control.shift
        wide = self._wide.cut(spectra, shift)
        heard = np.where(self._strong, wide, self._narrow.cut(spectra, shift))
        if measure:
            self._measure(wide)
        return heard

    def _watch(self, spectra: Complex) -> None:
        power = self._band_power.add(spectra)
        if power is not None:
            self._follow(power)
            self._spectrum = to_spectrum(power, self.center_frequency, self.sample_rate)

    def _measure(self, baseband: Complex) -> None:
        self._meter.add(baseband)
        self._batches += 1
        if self._batches < self._batches_a_second:
            return
        self._batches = 0
        figures = self._meter.read()
        least = np.where(self._strong[:, 0, 0], WEAK_SNR_DB, STRONG_SNR_DB)
        self._strong[:, 0, 0] = figures.snr_db >= least
        self._quality = self._qualities(figures)

    def _follow(self, power: Numbers) -> None:
        before = self._control.shift_hz
        self._control.add(power)
        if abs(self._control.shift_hz - before) > FAR_HZ:
            # What was measured so far was not of the channels.
            self._meter = Meter(self.grid, len(self._channels), self._scheme)

    def take_quality(self) -> tuple[SignalQuality, ...]:
        """Return the qualities of the last second, when there are new ones."""
        quality, self._quality = self._quality, ()
        return quality

    def take_spectrum(self) -> BandSpectrum | None:
        """Return the newest spectrum, if it is new."""
        spectrum, self._spectrum = self._spectrum, None
        return spectrum

    def _qualities(self, figures: Figures) -> tuple[SignalQuality, ...]:
        floor = 10 ** (FLOOR_DBFS / 10)
        power_dbfs = 10 * np.log10(np.maximum(figures.power, floor))
        own = figures.offset_hz + self._wide.bins_below
        known = figures.snr_db > CARRIER_SNR_DB
        offset_hz = np.where(known, own, 0.0) + self.shift_hz
        return tuple(
            SignalQuality(
                channel=channel.name,
                power_dbfs=float(power_dbfs[index]),
                snr_db=float(figures.snr_db[index]),
                quieting_db=float(figures.quieting_db[index]),
                deviation_hz=float(figures.deviation_hz[index]),
                offset_hz=float(offset_hz[index]),
            )
            for index, channel in enumerate(self._channels)
        )


def check_held(
    channels: Sequence[RadioChannel], sample_rate: int, center_frequency: int
) -> None:
    """Raise PlanError where a band does not hold all channels, or they are of several kinds."""
    if not channels or len({one.kind for one in channels}) > 1:
        raise PlanError("Choose channels of one kind, one or more.")
    if sample_rate > FASTEST:
        raise PlanError(f"Choose a sample rate up to {FASTEST} Hz, not {sample_rate}.")
    width = SCHEMES[channels[0].kind].wide_width / 2
    for one in channels:
        if abs(one.frequency - center_frequency) + width > sample_rate / 2:
            raise PlanError(
                f"Choose a higher sample rate or another centre: {one.name} lies outside of"
                f" the {sample_rate} Hz around {center_frequency} Hz."
            )
