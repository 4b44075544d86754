"""How each kind of channel is modulated, by rule."""

from typing import Final

import numpy as np

from .overlap import Hertz
from .plan import ChannelKind

NWR_DEVIATION: Final = 5_000.0
"""Hz; the most that a channel of NOAA Weather Radio may deviate, NTIA manual 5.3.5."""

FM_DEVIATION: Final = 75_000.0
"""Hz, 47 CFR 73.1570(b)."""

REFERENCE_TONE: Final = 1_000.0
"""Hz; a tone here at amplitude 1.0 deviates fully, whatever the emphasis."""

NWR_EMPHASIS: Final = (300.0, 3_000.0)
"""Hz between which deviation rises by 6 dB an octave, TIA-603."""

FM_EMPHASIS_SECONDS: Final = 75e-6
"""47 CFR 73.317(e)."""

NARROW_RATE: Final = 24_000
WIDE_RATE: Final = 240_000
"""Hz, about, of a channel's complex baseband: NWR and AM, broadcast FM."""


def baseband_rate(kind: ChannelKind) -> int:
    """Return about what rate a channel's complex baseband has, Hz."""
    return WIDE_RATE if kind is ChannelKind.FM else NARROW_RATE


def emphasis(kind: ChannelKind, frequency: Hertz) -> Hertz:
    """Return what a transmitter raises its audio by, 1 at REFERENCE_TONE; frequency in Hz, 0 and up.

    NWR: 6 dB an octave from 300 to 3000 Hz and level outside. Broadcast FM:
    75 µs. AM: none.
    """
    gain: Hertz
    match kind:
        case ChannelKind.NWR:
            gain = np.clip(frequency, *NWR_EMPHASIS) / REFERENCE_TONE
        case ChannelKind.FM:
            turn = 2 * np.pi * FM_EMPHASIS_SECONDS
            gain = np.hypot(1, turn * frequency) / np.hypot(1, turn * REFERENCE_TONE)
        case ChannelKind.AM:
            gain = np.ones_like(frequency)
    return gain
