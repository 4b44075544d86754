"""Readings as a station tells them."""

from homeassistant.util import dt as dt_util

from custom_components.eas_station.eas_core.radio.quality import BandSpectrum
from custom_components.eas_station.eas_core.station import LevelReading, SpectrumReading


def level(channel: str, rms: float, peak: float) -> LevelReading:
    """Return a level of now."""
    return LevelReading(
        at=dt_util.utcnow(),
        channel=channel,
        rms_dbfs=rms,
        peak_dbfs=peak,
        clipped=0,
    )


def spectrum(low: float) -> SpectrumReading:
    """Return a spectrum of weather radio, with a level of its own in the lowest bin."""
    power = (low, *[-90.4] * 255)
    return SpectrumReading(
        at=dt_util.utcnow(),
        spectrum=BandSpectrum(
            center_frequency=162_487_500, span=240_000, power_dbfs=power
        ),
    )
