"""Levels and signal qualities of the last seconds, and when they are worth showing."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
import math
from statistics import fmean
from typing import Final

from .eas_core.radio.quality import SignalQuality
from .eas_core.station import LevelReading, SignalReading

AVERAGED: Final = timedelta(seconds=5)
AT_MOST_EVERY: Final = timedelta(seconds=1)
AT_LEAST_EVERY: Final = timedelta(seconds=10)
STEP_DB: Final = 3.0
"""What is shown at once, and by how much a channel must be better to be the best."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What is shown of the best channel: level and peak in dBFS, signal-to-noise ratio in dB.

    `qualities` are the newest of each channel of a radio.
    """

    channel: str | None = None
    level_dbfs: float | None = None
    peak_dbfs: float | None = None
    snr_db: float | None = None
    qualities: tuple[SignalQuality, ...] = ()

    @property
    def power_dbfs(self) -> float | None:
        """The power in the best channel of a radio, of full scale."""
        for quality in self.qualities:
            if quality.channel == self.channel:
                return _shown(quality.power_dbfs)
        return None


NOTHING_MEASURED: Final = Measured()


class Measurements:
    """Takes readings of all channels; the best is the one with the most signal over the noise."""

    def __init__(self, *, radio: bool) -> None:
        """Begin without any; a radio shows nothing before a channel is known to be the best."""
        self._radio = radio
        self._levels: dict[str, deque[LevelReading]] = {}
        self._signals: dict[str, deque[SignalReading]] = {}
        self._shown = NOTHING_MEASURED
        self._shown_at: datetime | None = None

    def take(self, reading: LevelReading | SignalReading) -> Measured | None:
        """Take a reading; return what is to be shown now, where that is due."""
        if isinstance(reading, LevelReading):
            _keep(self._levels.setdefault(reading.channel, deque()), reading)
        else:
            channel = reading.quality.channel
            _keep(self._signals.setdefault(channel, deque()), reading)
        since = None if self._shown_at is None else reading.at - self._shown_at
        if since is not None and since < AT_MOST_EVERY:
            return None
        measured = self._measure()
        if measured.level_dbfs is None:
            return None
        if since is None or since >= AT_LEAST_EVERY or self._is_step(measured):
            self._shown, self._shown_at = measured, reading.at
            return measured
        return None

    def _measure(self) -> Measured:
        ratios = {
            channel: fmean(one.quality.snr_db for one in readings)
            for channel, readings in self._signals.items()
        }
        channel = self._best(ratios)
        if channel not in self._levels:
            return NOTHING_MEASURED
        levels = self._levels[channel]
        powers = [10 ** (one.rms_dbfs / 10) for one in levels]
        return Measured(
            channel=channel,
            level_dbfs=_shown(10 * math.log10(fmean(powers))),
            peak_dbfs=_shown(max(one.peak_dbfs for one in levels)),
            snr_db=_shown(ratios[channel]) if channel in ratios else None,
            qualities=tuple(one[-1].quality for one in self._signals.values()),
        )

    def _best(self, ratios: dict[str, float]) -> str | None:
        if not self._radio:
            return next(iter(self._levels), None)
        if not ratios:
            return None
        best, last = max(ratios, key=lambda name: ratios[name]), self._shown.channel
        # Two that are alike would change places all the time.
        if last in ratios and ratios[best] - ratios[last] < STEP_DB:
            return last
        return best

    def _is_step(self, measured: Measured) -> bool:
        return _differ(measured.level_dbfs, self._shown.level_dbfs) or _differ(
            measured.snr_db, self._shown.snr_db
        )


def _keep[Reading: (LevelReading, SignalReading)](
    kept: deque[Reading], reading: Reading
) -> None:
    kept.append(reading)
    while abs(reading.at - kept[0].at) > AVERAGED:
        kept.popleft()


def _shown(decibels: float) -> float | None:
    """Return what the state machine can hold."""
    return round(decibels, 1) if math.isfinite(decibels) else None


def _differ(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is not other
    return abs(one - other) >= STEP_DB
