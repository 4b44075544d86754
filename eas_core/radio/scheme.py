"""How each kind of channel is received: widths and limits, most of them measured.

docs/radio.md has the measurements and the commands that print them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from .modulation import FM_DEVIATION, NWR_DEVIATION, baseband_rate, emphasis
from .overlap import Hertz
from .plan import ChannelKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """Numbers of one kind of channel, in Hz.

    Weak carriers are heard in `narrow_width`, strong ones in `wide_width`, where
    all are measured; carrier to noise is told for `snr_bandwidth`. Frequencies
    are limited to `limit` either side of the carrier: what is beyond is a click.
    Audio is what lies in `audio_band`, at about `audio_rate`; 1.0 is `deviation`
    at the reference tone, and deviation is measured up to `voice_top`. What the
    discriminator gives in `noise_band` is noise, `quiet_hz` (RMS) of it where
    there is no carrier.
    """

    kind: ChannelKind
    narrow_width: float
    wide_width: float
    snr_bandwidth: float
    audio_rate: int
    audio_band: tuple[float, float]
    limit: float = 0.0
    deviation: float = 1.0
    voice_top: float = 0.0
    noise_band: tuple[float, float] = (0.0, 0.0)
    quiet_hz: float = 0.0

    @property
    def baseband_rate(self) -> int:
        """About the rate of the channel's complex baseband."""
        return baseband_rate(self.kind)

    def narrow_gain(self, frequency: Hertz) -> Hertz:
        """Return the gain of the filter for weak carriers, Hz from the carrier."""
        return _inside(frequency, self.narrow_width)

    def wide_gain(self, frequency: Hertz) -> Hertz:
        """Return the gain of the filter for strong carriers, and for the meter."""
        return _inside(frequency, self.wide_width)

    def audio_gain(self, frequency: Hertz) -> Hertz:
        """Return the gain of de-emphasis and band filter; takes Hz of either sign."""
        size = np.abs(frequency)
        low, high = self.audio_band
        inside = (size >= low) & (size <= high)
        return inside / emphasis(self.kind, size) / self.deviation


def _inside(frequency: Hertz, width: float) -> Hertz:
    gain: Hertz = (np.abs(frequency) <= width / 2).astype(np.float64)
    return gain


SCHEMES: Final[Mapping[ChannelKind, Scheme]] = MappingProxyType(
    {
        ChannelKind.NWR: Scheme(
            kind=ChannelKind.NWR,
            narrow_width=11_000.0,
            wide_width=18_000.0,
            snr_bandwidth=15_000.0,
            audio_rate=24_000,
            audio_band=(200.0, 3_400.0),
            limit=6_000.0,
            deviation=NWR_DEVIATION,
            voice_top=4_000.0,
            noise_band=(5_000.0, 8_000.0),
            quiet_hz=2_850.0,
        ),
        ChannelKind.FM: Scheme(
            kind=ChannelKind.FM,
            narrow_width=190_000.0,
            wide_width=210_000.0,
            snr_bandwidth=200_000.0,
            audio_rate=32_000,
            audio_band=(50.0, 15_000.0),
            limit=90_000.0,
            deviation=FM_DEVIATION,
            voice_top=15_000.0,
            noise_band=(62_000.0, 75_000.0),
            quiet_hz=20_900.0,
        ),
        ChannelKind.AM: Scheme(
            kind=ChannelKind.AM,
            narrow_width=10_000.0,
            wide_width=10_000.0,
            snr_bandwidth=10_000.0,
            audio_rate=24_000,
            audio_band=(50.0, 5_000.0),
        ),
    }
)
