"""What decoding costs and what is lost of the samples, once a minute."""

from dataclasses import dataclass
import time
from typing import Final

from .eas_core.station.any_station import AnyStation

EVERY_SECONDS: Final = 60.0
BEHIND_SECONDS: Final = 2.0
"""More than a self-test holds the radio's samples up, and it does so once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Processor time in percent of one core, and samples lost in percent, of the last minute.

    `behind_seconds` is how much audio waited for the decoder at the least, over
    the last two.
    """

    cpu_percent: float | None = None
    lost_percent: float | None = None
    behind_seconds: float = 0.0

    @property
    def is_behind(self) -> bool:
        """Whether the decoder does not keep up, and alerts are told late."""
        return self.behind_seconds >= BEHIND_SECONDS


NO_LOAD: Final = Load()


class LoadMeter:
    """Asks a station how it does, once a minute."""

    def __init__(self, station: AnyStation) -> None:
        """Count from now."""
        self._station = station
        self._at = time.monotonic()
        self._cpu_seconds = 0.0
        self._queued_seconds = 0.0

    def read(self) -> Load | None:
        """Return the load where a minute has passed since the last."""
        now = time.monotonic()
        passed = now - self._at
        if passed < EVERY_SECONDS:
            return None
        health = self._station.health
        used = health.cpu_seconds - self._cpu_seconds
        self._at, self._cpu_seconds = now, health.cpu_seconds
        queued, self._queued_seconds = self._queued_seconds, health.queued_s
        return Load(
            cpu_percent=round(100 * used / passed, 1),
            lost_percent=round(100 * health.lost_share, 2),
            behind_seconds=round(min(queued, health.queued_s), 1),
        )
