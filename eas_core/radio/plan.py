"""Which channels a radio hears, and how it has to be tuned for them.

NOAA Weather Radio has seven channels 25 kHz apart, of which all fit in the
least rate that an RTL2832U samples at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ..errors import EasError

NWR_CHANNELS: Final = tuple(range(162_400_000, 162_550_001, 25_000))
"""Hz; NOAA Weather Radio's seven, 47 CFR 90 / NTIA manual 4.3.6."""

NWR_CENTER: Final = 162_487_500
"""Hz, between two channels, so that the receiver's DC spike lies on none."""

NWR_SAMPLE_RATE: Final = 240_000
"""IQ samples a second: 28.8 MHz / 120, exact in an RTL2832U, which takes 225,001
to 300,000 and 900,001 up; the outermost channel lies 87.5 kHz off the centre."""

FM_BAND: Final = (87_900_000, 107_900_000)
AM_BAND: Final = (530_000, 1_710_000)
"""Hz of the first and last channel, 47 CFR 73.201 and 73.14."""

FM_SAMPLE_RATE: Final = 960_000
FM_OFFSET: Final = 240_000
AM_OFFSET: Final = 30_000
"""Hz from the station up to the centre: the DC spike is off the station."""

DIRECT_SAMPLING_OFF: Final = 0
DIRECT_SAMPLING_Q: Final = 2
"""The branch that dongles bring out for frequencies below the tuner's reach."""


class PlanError(EasError):
    """No radio can hear these channels; the text says what to change."""


class ChannelKind(StrEnum):
    """How a channel is modulated."""

    NWR = "nwr"
    """Narrow FM, 5 kHz deviation, 6 dB an octave pre-emphasis."""
    FM = "fm"
    """Broadcast FM, of which the mono sum is heard: 75 kHz deviation, 75 µs."""
    AM = "am"
    """Broadcast AM."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RadioChannel:
    """A channel: its name in records (such as `162.550`), carrier in Hz and kind."""

    name: str
    frequency: int
    kind: ChannelKind = ChannelKind.NWR


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """How the radio is set for a plan: centre in Hz, IQ samples a second, input branch."""

    center_frequency: int
    sample_rate: int
    direct_sampling: int = DIRECT_SAMPLING_OFF


@dataclass(frozen=True, slots=True, kw_only=True)
class RadioPlan:
    """The channels that one radio hears at once."""

    tuning: Tuning
    channels: tuple[RadioChannel, ...]


def channel_name(frequency: int) -> str:
    """Return what people call a frequency: `162.550`, `98.7` (MHz), `1100` (kHz)."""
    if frequency < 2_000_000:
        return f"{frequency / 1e3:.0f}"
    digits = 3 if frequency > 110_000_000 else 1
    return f"{frequency / 1e6:.{digits}f}"


def nwr_plan(frequencies: Sequence[int] = NWR_CHANNELS) -> RadioPlan:
    """Return the plan for channels of NOAA Weather Radio, Hz; raises PlanError."""
    wrong = [each for each in frequencies if each not in NWR_CHANNELS]
    if wrong or not frequencies:
        raise PlanError(
            "Choose one or more of the seven channels from 162.400 to 162.550 MHz."
        )
    return RadioPlan(
        tuning=Tuning(center_frequency=NWR_CENTER, sample_rate=NWR_SAMPLE_RATE),
        channels=tuple(
            RadioChannel(name=channel_name(each), frequency=each)
            for each in sorted(set(frequencies))
        ),
    )


def broadcast_plan(frequency: int) -> RadioPlan:
    """Return the plan for one FM or AM station, carrier in Hz; raises PlanError."""
    if FM_BAND[0] <= frequency <= FM_BAND[1]:
        kind, offset, rate, branch = (
            ChannelKind.FM,
            FM_OFFSET,
            FM_SAMPLE_RATE,
            DIRECT_SAMPLING_OFF,
        )
    elif AM_BAND[0] <= frequency <= AM_BAND[1]:
        kind, offset, rate, branch = (
            ChannelKind.AM,
            AM_OFFSET,
            NWR_SAMPLE_RATE,
            DIRECT_SAMPLING_Q,
        )
    else:
        raise PlanError(
            "Choose a station from 87.9 to 107.9 MHz (FM) or 530 to 1710 kHz (AM)."
        )
    name = channel_name(frequency)
    return RadioPlan(
        tuning=Tuning(
            center_frequency=frequency + offset,
            sample_rate=rate,
            direct_sampling=branch,
        ),
        channels=(RadioChannel(name=name, frequency=frequency, kind=kind),),
    )
