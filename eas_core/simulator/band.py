"""All seven channels of weather radio, as a receiver gives them: voice, tests, warnings.

Nothing of it is sent anywhere but to programs that ask this one (47 CFR 11.45).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..clock import Clock
from ..radio.modulator import Band, Station, to_u8
from ..radio.plan import NWR_CHANNELS, RadioChannel, Tuning, channel_name, nwr_plan
from ..sources.simulator import SAMPLE_RATE, SimulatorSource

BLOCK_SECONDS: Final = 0.05
NEXT_STATION_SECONDS: Final = 0.04
"""Each station sends so much after the one before, as those of one office nearly do."""

LEVELS_DBFS: Final[Mapping[int, float | None]] = MappingProxyType(
    dict(
        zip(
            NWR_CHANNELS,
            (-42.0, -55.0, None, -48.0, -60.0, -66.0, -30.0),
            strict=True,
        )
    )
)
"""Of a gain of 30 dB: one strong station, some fair ones, one near the threshold, one none."""

NOISE_DBFS: Final = -72.0
"""In a channel of 15 kHz, so that the weakest station has 6 dB over it."""

NOISE_BAND: Final = 15_000
USUAL_GAIN_DB: Final = 30.0
SPIKE_DBFS: Final = -40.0
"""What a real receiver has on its centre."""

OCCUPIED: Final = 10_000
"""Hz either side of a carrier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BandOptions:
    """What the stations send and how they come in; `ppm` is how fast the receiver's crystal is."""

    locations: tuple[str, ...] = ("011001",)
    call_sign: str = "KSIM/NWS"
    first_alert_seconds: float = 15.0
    interval_seconds: float = 1800.0
    levels_dbfs: Mapping[int, float | None] = field(default_factory=lambda: LEVELS_DBFS)
    noise_dbfs: float = NOISE_DBFS
    ppm: float = 0.0
    seed: int = 0


class BandSimulator:
    """The stations' programmes, and the band as a receiver takes it that may be tuned anew."""

    def __init__(self, options: BandOptions, clock: Clock) -> None:
        """Take what is sent; raises HeaderError for places or a sign not in form."""
        self._options = options
        self._on = [
            (frequency, level)
            for frequency, level in options.levels_dbfs.items()
            if level is not None
        ]
        self._programmes = [
            _Tape(
                SimulatorSource(
                    options.locations,
                    call_sign=options.call_sign,
                    first_alert_seconds=options.first_alert_seconds
                    + number * NEXT_STATION_SECONDS,
                    interval_seconds=options.interval_seconds,
                    voice_from=7.0 * number,
                ).programme(clock)
            )
            for number, _ in enumerate(self._on)
        ]
        self.tune(nwr_plan().tuning)

    def tune(
        self, tuning: Tuning, gain_db: float = USUAL_GAIN_DB, ppm: int = 0
    ) -> None:
        """Receive with these settings from now on; what lies outside of the band is not there."""
        options = self._options
        wrong = (options.ppm - ppm) * 1e-6
        center = tuning.center_frequency * (1 + wrong)
        rows, stations = [], []
        for row, (frequency, level) in enumerate(self._on):
            off = abs(frequency - center)
            if off + OCCUPIED > tuning.sample_rate / 2:
                continue
            rows.append(row)
            channel = RadioChannel(name=channel_name(frequency), frequency=frequency)
            gained = level + gain_db - USUAL_GAIN_DB
            stations.append(Station(channel=channel, level_dbfs=gained))
        wider = 10 * np.log10(tuning.sample_rate / NOISE_BAND)
        noise = options.noise_dbfs + wider + gain_db - USUAL_GAIN_DB
        if not stations:
            # A band must have one; this one is far below the noise.
            channel = RadioChannel(name="none", frequency=tuning.center_frequency)
            stations, rows = [Station(channel=channel, level_dbfs=-200.0)], [0]
        self._band = Band(
            tuning,
            stations,
            SAMPLE_RATE,
            error_hz=-wrong * tuning.center_frequency,
            noise_dbfs=noise,
            spike_dbfs=SPIKE_DBFS,
            seed=options.seed,
        )
        self._rows = rows

    def receive(self) -> NDArray[np.uint8]:
        """Return about the next BLOCK_SECONDS as an RTL2832U gives them: uint8[2·n], I and Q in turn."""
        count = round(SAMPLE_RATE * BLOCK_SECONDS)
        audio = np.zeros((max(1, len(self._programmes)), count), np.float32)
        for row, programme in zip(audio, self._programmes, strict=False):
            row[:] = programme.take(count)
        return to_u8(self._band.feed(audio[self._rows]))


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
