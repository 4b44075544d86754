"""All seven channels of weather radio, as a receiver gives them: voice, tests, warnings.

Nothing of it is sent anywhere but to programs that ask this one (47 CFR 11.45).
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from math import inf
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..clock import Clock
from ..radio.modulator import Band, Station, to_u8
from ..radio.plan import (
    DIRECT_SAMPLING_OFF,
    NWR_CHANNELS,
    RadioChannel,
    Tuning,
    channel_name,
    nwr_plan,
)
from ..sources.simulator import SAMPLE_RATE, SimulatorSource

BLOCK_SECONDS: Final = 0.05
NEXT_STATION_SECONDS: Final = 0.04
"""Each station sends so much after the one before, as those of one office nearly do."""

VOICE_APART_SECONDS: Final = 7.0
"""Each reads from another place of the same text."""

LEVELS_DBFS: Final[Mapping[int, float | None]] = MappingProxyType(
    dict(
        zip(
            NWR_CHANNELS,
            (-24.0, -37.0, None, -30.0, -42.0, -48.0, -12.0),
            strict=True,
        )
    )
)
"""Of a gain of 30 dB: one strong station, some fair ones, one near the threshold, one none."""

NOISE_DBFS: Final = -54.0
"""In a channel of 15 kHz: the weakest station has 6 dB over it, and eight bits are enough."""

NOISE_BAND: Final = 15_000
USUAL_GAIN_DB: Final = 30.0
SPIKE_DBFS: Final = -30.0
"""What a real receiver has on its centre."""

OCCUPIED: Final = 10_000
"""Hz either side of a carrier."""

AGC_DBFS: Final = -9.0
"""What the RTL2832U's own gain makes of the whole band."""

RATE_STEP: Final = 200
"""Hz; the filters make such rates exactly, and others as the nearest of these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BandOptions:
    """What the stations send and how they come in.

    `warning_channels` send warnings, all send tests. `ppm` is how fast the
    receiver's crystal is.
    """

    locations: tuple[str, ...] = ("011001",)
    call_sign: str = "KSIM/NWS"
    first_alert_seconds: float = 15.0
    interval_seconds: float = 1800.0
    warning_channels: Collection[int] = NWR_CHANNELS
    levels_dbfs: Mapping[int, float | None] = field(default_factory=lambda: LEVELS_DBFS)
    noise_dbfs: float = NOISE_DBFS
    ppm: float = 0.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class _OnAir:
    """A station that is on, its power and what it says."""

    frequency: int
    level_dbfs: float
    programme: _Tape


class BandSimulator:
    """The stations' programmes, and the band as a receiver takes it that may be tuned anew."""

    def __init__(self, options: BandOptions, clock: Clock) -> None:
        """Take what is sent; raises HeaderError for places or a sign not in form."""
        self._options = options
        levels = options.levels_dbfs.items()
        on = [(frequency, level) for frequency, level in levels if level is not None]
        self._on = [
            _OnAir(
                frequency, level, _Tape(_programme(options, clock, frequency, number))
            )
            for number, (frequency, level) in enumerate(on)
        ]
        self.tune(nwr_plan().tuning)

    def tune(
        self,
        tuning: Tuning,
        gain_db: float = USUAL_GAIN_DB,
        ppm: int = 0,
        *,
        agc: bool = False,
    ) -> None:
        """Receive with these settings from now on; what lies outside of the band is not there."""
        options = self._options
        error_hz = (ppm - options.ppm) * 1e-6 * tuning.center_frequency
        rate = round(tuning.sample_rate / RATE_STEP) * RATE_STEP
        self._heard = [one for one in self._on if _holds(tuning, rate, one, error_hz)]
        noise_dbfs = options.noise_dbfs + 10 * np.log10(rate / NOISE_BAND)
        if agc:
            levels = [noise_dbfs, *(one.level_dbfs for one in self._heard)]
            gain_db = AGC_DBFS - _sum_db(levels) + USUAL_GAIN_DB
        gain_db -= USUAL_GAIN_DB
        self._band = Band(
            Tuning(center_frequency=tuning.center_frequency, sample_rate=rate),
            [_received(one, gain_db) for one in self._heard]
            or [_nobody(tuning, error_hz)],
            SAMPLE_RATE,
            error_hz=error_hz,
            noise_dbfs=noise_dbfs + gain_db,
            spike_dbfs=SPIKE_DBFS,
            seed=options.seed,
        )

    def receive(self) -> NDArray[np.uint8]:
        """Return about the next BLOCK_SECONDS as an RTL2832U gives them: uint8[2·n], I and Q in turn."""
        count = round(SAMPLE_RATE * BLOCK_SECONDS)
        said = {one.frequency: one.programme.take(count) for one in self._on}
        heard = [said[one.frequency] for one in self._heard]
        return to_u8(self._band.feed(np.stack(heard or [np.zeros(count, np.float32)])))


def _programme(
    options: BandOptions, clock: Clock, frequency: int, number: int
) -> Iterator[NDArray[np.float32]]:
    first = options.first_alert_seconds + number * NEXT_STATION_SECONDS
    return SimulatorSource(
        options.locations,
        call_sign=options.call_sign,
        first_alert_seconds=first if frequency in options.warning_channels else inf,
        interval_seconds=options.interval_seconds,
        voice_from=VOICE_APART_SECONDS * number,
    ).programme(clock)


def _holds(tuning: Tuning, rate: int, one: _OnAir, error_hz: float) -> bool:
    off = one.frequency - tuning.center_frequency + error_hz
    within = abs(off) + OCCUPIED < rate / 2
    return within and tuning.direct_sampling == DIRECT_SAMPLING_OFF


def _received(one: _OnAir, gain_db: float) -> Station:
    channel = RadioChannel(name=channel_name(one.frequency), frequency=one.frequency)
    return Station(channel=channel, level_dbfs=one.level_dbfs + gain_db)


def _nobody(tuning: Tuning, error_hz: float) -> Station:
    """Return a station that nobody hears, on the centre: a band must have one."""
    channel = RadioChannel(name="none", frequency=tuning.center_frequency)
    return Station(channel=channel, level_dbfs=-200.0, error_hz=-error_hz)


def _sum_db(levels: list[float]) -> float:
    """Return the sum of powers in dB."""
    return float(10 * np.log10(sum(10 ** (level / 10) for level in levels)))


class _Tape:
    """A programme that comes in pieces of any length, taken in pieces of one."""

    def __init__(self, pieces: Iterator[NDArray[np.float32]]) -> None:
        self._pieces = pieces
        self._rest = np.zeros(0, np.float32)

    def take(self, count: int) -> NDArray[np.float32]:
        while len(self._rest) < count:
            self._rest = np.concatenate((self._rest, next(self._pieces)))
        part, self._rest = self._rest[:count], self._rest[count:].copy()
        return part
