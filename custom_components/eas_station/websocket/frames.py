"""Levels and spectra as frames: the newest of each channel, and the highest peaks."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from ..eas_core.station import LevelReading, SpectrumReading

FLOOR_DBFS: Final = -120.0
STALE_SECONDS: Final = 1.0
"""A level so old is none: nothing comes from the source."""

type Level = tuple[float, float] | None
"""RMS and peak in dBFS, None where nothing is measured."""


class Levels:
    """Takes readings of all channels between two frames; times are seconds of a clock."""

    def __init__(self) -> None:
        """Begin without any."""
        self._last: dict[str, tuple[LevelReading, float]] = {}
        self._highest: dict[str, float] = {}

    def take(self, reading: LevelReading, now: float) -> None:
        """Take a reading that comes now."""
        channel, peak = reading.channel, reading.peak_dbfs
        self._last[channel] = reading, now
        if peak > self._highest.get(channel, FLOOR_DBFS):
            self._highest[channel] = peak

    def frame(self, channels: Iterable[str], now: float) -> list[Level]:
        """Return the levels in the order of the channels; peaks begin anew."""
        frame = [self._level(channel, now) for channel in channels]
        self._highest.clear()
        return frame

    def _level(self, channel: str, now: float) -> Level:
        last, came = self._last.get(channel, (None, 0.0))
        if last is None or now - came > STALE_SECONDS:
            return None
        peak = self._highest.get(channel, last.peak_dbfs)
        return _shown(last.rms_dbfs), _shown(peak)


def merged(older: Sequence[Level], newer: Sequence[Level]) -> list[Level]:
    """Return the newer levels with the highest peaks of both."""
    if len(older) != len(newer):
        return [*newer]
    return [
        new if old is None or new is None else (new[0], max(old[1], new[1]))
        for old, new in zip(older, newer, strict=True)
    ]


def _shown(decibels: float) -> float:
    return round(max(decibels, FLOOR_DBFS), 1)


def spectrum_frame(reading: SpectrumReading) -> dict[str, Any]:
    """Return the power over the band, in whole dB."""
    spectrum = reading.spectrum
    return {
        "type": "spectrum",
        "t": reading.at.isoformat(),
        "center_hz": spectrum.center_frequency,
        "span_hz": spectrum.span,
        "power": [round(max(one, FLOOR_DBFS)) for one in spectrum.power_dbfs],
    }
