"""A dongle that receives the simulated band: what rtl_tcp's commands do to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ..radio.plan import DIRECT_SAMPLING_OFF, NWR_CENTER, Tuning
from ..sources.rtl_tcp import Command
from .band import USUAL_GAIN_DB, BandSimulator

TUNER_R820T: Final = 5
GAINS: Final = (
    *(0, 9, 14, 27, 37, 77, 87, 125, 144, 157, 166, 197, 207, 229, 254),
    *(280, 297, 328, 338, 364, 372, 386, 402, 421, 434, 439, 445, 480, 496),
)
"""Tenths of dB that an R820T has, from librtlsdr.c."""

DEFAULT_RATE: Final = 2_048_000
RATES: Final = ((225_001, 300_000), (900_001, 3_200_000))
"""What an RTL2832U samples at; other rates are refused and the old one stays."""

AUTOMATIC_GAIN_DB: Final = USUAL_GAIN_DB


@dataclass(slots=True)
class Settings:
    """What a client has set; `gain_db` None is automatic."""

    sample_rate: int = DEFAULT_RATE
    frequency: int = NWR_CENTER
    gain_db: float | None = None
    ppm: int = 0
    test_mode: bool = False
    agc: bool = False
    direct_sampling: int = DIRECT_SAMPLING_OFF
    bias_tee: bool = False

    def obey(self, command: int, value: int) -> None:
        """Do what a command of five bytes says; what it does not know it lets be."""
        signed = value - (1 << 32) if value >> 31 else value
        match command:
            case Command.FREQUENCY:
                self.frequency = value
            case Command.SAMPLE_RATE if any(
                low <= value <= high for low, high in RATES
            ):
                self.sample_rate = value
            case Command.GAIN_MODE:
                # Told to be manual, librtlsdr takes an R820T to its least gain.
                self.gain_db = GAINS[0] / 10 if value else None
            case Command.GAIN:
                self.gain_db = min(GAINS, key=lambda gain: abs(gain - signed)) / 10
            case Command.GAIN_BY_INDEX if value < len(GAINS):
                self.gain_db = GAINS[value] / 10
            case Command.PPM:
                self.ppm = signed
            case Command.TEST_MODE:
                self.test_mode = bool(value)
            case Command.AGC:
                self.agc = bool(value)
            case Command.DIRECT_SAMPLING:
                self.direct_sampling = value
            case Command.BIAS_TEE:
                self.bias_tee = bool(value)


class Dongle:
    """One that is plugged in anew for each client."""

    def __init__(self, band: BandSimulator) -> None:
        """Take what it receives."""
        self._band = band
        self._counter = 0
        self.settings = Settings()
        self._tune()

    def obey(self, commands: Sequence[tuple[int, int]]) -> None:
        """Do what commands say."""
        for command, value in commands:
            self.settings.obey(command, value)
        if commands:
            self._tune()

    def receive(self) -> bytes:
        """Return the next samples; in the test mode they are a counter of eight bits."""
        samples = self._band.receive()
        if not self.settings.test_mode:
            return samples.tobytes()
        count = np.arange(self._counter, self._counter + len(samples))
        self._counter += len(samples)
        return count.astype(np.uint8).tobytes()

    def _tune(self) -> None:
        settings = self.settings
        gain_db = AUTOMATIC_GAIN_DB if settings.gain_db is None else settings.gain_db
        tuning = Tuning(
            center_frequency=settings.frequency,
            sample_rate=settings.sample_rate,
            direct_sampling=settings.direct_sampling,
        )
        self._band.tune(tuning, gain_db, settings.ppm, agc=settings.agc)
