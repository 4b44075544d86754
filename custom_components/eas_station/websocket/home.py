"""What the tables know of the home: its county, and who transmits on which channel."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from ..eas_core.same.locations import Location, Transmitter, distance_km
from ..eas_core.same.shapes import home_county
from ..eas_core.same.transmitters import nearby_transmitters

ABROAD_KM: Final = 500.0
"""So far from the middle of every county nothing is known of a home."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A home in degrees; `transmitters` are the likeliest by their frequency in Hz."""

    latitude: float
    longitude: float
    county: Location | None
    transmitters: Mapping[int, Transmitter]


HOME: Final = HassKey[Home]("eas_station_home")


@callback
def known_home(hass: HomeAssistant) -> Home | None:
    """Return what was looked up, None where the home has moved or is not known yet."""
    home, config = hass.data.get(HOME), hass.config
    if home and (home.latitude, home.longitude) == (config.latitude, config.longitude):
        return home
    return None


async def async_home(hass: HomeAssistant) -> Home:
    """Look the home up where that was not done yet; the tables are large."""
    if home := known_home(hass):
        return home
    config = hass.config
    home = await hass.async_add_executor_job(
        look_up_home, config.latitude, config.longitude
    )
    hass.data[HOME] = home
    return home


def look_up_home(latitude: float, longitude: float) -> Home:
    """Read the tables; not for an event loop."""
    county = home_county(latitude, longitude)
    transmitters: dict[int, Transmitter] = {}
    for near in nearby_transmitters(latitude, longitude):
        frequency = round(near.transmitter.frequency_mhz * 1e6)
        transmitters.setdefault(frequency, near.transmitter)
    return Home(
        latitude=latitude,
        longitude=longitude,
        county=county if _is_near(county, latitude, longitude) else None,
        transmitters=transmitters,
    )


def _is_near(county: Location, latitude: float, longitude: float) -> bool:
    """Whether a county can be the home's; one without a middle was found by its shape."""
    if county.latitude is None or county.longitude is None:
        return True
    away = distance_km(latitude, longitude, county.latitude, county.longitude)
    return away < ABROAD_KM
