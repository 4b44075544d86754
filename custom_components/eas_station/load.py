"""What decoding costs and what is lost of the samples, once a minute."""

from dataclasses import dataclass
import time
from typing import Final

from .eas_core.station import Station

EVERY_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Processor time in percent of one core, and samples lost in percent, of the last minute."""

    cpu_percent: float | None = None
    lost_percent: float | None = None


NO_LOAD: Final = Load()


class LoadMeter:
    """Asks a station how it does, once a minute."""

    def __init__(self, station: Station) -> None:
        """Count from now."""
        self._station = station
        self._at = time.monotonic()
        self._cpu_seconds = 0.0

    def read(self) -> Load | None:
        """Return the load where a minute has passed since the last."""
        now = time.monotonic()
        passed = now - self._at
        if passed < EVERY_SECONDS:
            return None
        health = self._station.health
        used = health.cpu_seconds - self._cpu_seconds
        self._at, self._cpu_seconds = now, health.cpu_seconds
        return Load(
            cpu_percent=round(100 * used / passed, 1),
            lost_percent=round(100 * health.lost_share, 2),
        )
