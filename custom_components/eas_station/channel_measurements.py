"""What is shown of each channel of a radio: slowly, since seven channels fill a recorder."""

from dataclasses import dataclass
from datetime import datetime, timedelta
import math
from typing import Final

from .eas_core.station import LevelReading, SignalReading

FIRST_AFTER: Final = timedelta(seconds=5)
AT_MOST_EVERY: Final = timedelta(minutes=1)
AT_LEAST_EVERY: Final = timedelta(minutes=5)
STEP_DB: Final = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelMeasured:
    """Means since the last: level in dBFS, signal-to-noise ratio in dB, offset in Hz."""

    level_dbfs: float | None = None
    snr_db: float | None = None
    offset_hz: float | None = None


class ChannelMeter:
    """Takes the readings of one channel; says what is to be shown once a minute at most."""

    def __init__(self) -> None:
        """Begin without any."""
        self._shown: ChannelMeasured | None = None
        self._shown_at: datetime | None = None
        self._since: datetime | None = None
        self._begin()

    def _begin(self) -> None:
        self._power, self._levels = 0.0, 0
        self._snr, self._offset, self._signals = 0.0, 0.0, 0

    def take(self, reading: LevelReading | SignalReading) -> ChannelMeasured | None:
        """Take a reading; return what is to be shown now, where that is due."""
        if isinstance(reading, LevelReading):
            self._power += 10 ** (reading.rms_dbfs / 10)
            self._levels += 1
        else:
            quality = reading.quality
            if math.isfinite(quality.snr_db) and math.isfinite(quality.offset_hz):
                self._snr += quality.snr_db
                self._offset += quality.offset_hz
                self._signals += 1
        if self._since is None:
            self._since = reading.at
        wanted = FIRST_AFTER if self._shown is None else AT_MOST_EVERY
        if reading.at - self._since < wanted or not self._levels or not self._signals:
            return None
        measured = self._measure()
        self._since = reading.at
        self._begin()
        if not self._is_due(measured, reading.at):
            return None
        self._shown, self._shown_at = measured, reading.at
        return measured

    def _measure(self) -> ChannelMeasured:
        level = 10 * math.log10(max(self._power / self._levels, 1e-12))
        return ChannelMeasured(
            level_dbfs=round(level, 1),
            snr_db=round(self._snr / self._signals, 1),
            offset_hz=round(self._offset / self._signals),
        )

    def _is_due(self, measured: ChannelMeasured, at: datetime) -> bool:
        last = self._shown
        if last is None or self._shown_at is None:
            return True
        return (
            at - self._shown_at >= AT_LEAST_EVERY
            or _is_step(measured.level_dbfs, last.level_dbfs)
            or _is_step(measured.snr_db, last.snr_db)
        )


def _is_step(one: float | None, other: float | None) -> bool:
    return one is not None and other is not None and abs(one - other) >= STEP_DB
