"""Which transmitters of NOAA Weather Radio a home should hear, how far and where."""

from dataclasses import dataclass
import math
from statistics import fmean
from typing import Final

from .locations import Transmitter, all_transmitters, distance_km, location
from .shapes import home_county

REACH_KM: Final = 160.0
"""What a mast of a kilowatt reaches over flat land, with a good antenna: NWS says
40 miles for most receivers, outdoor ones hear further."""

WINDS: Final = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")


@dataclass(frozen=True, slots=True, kw_only=True)
class NearbyTransmitter:
    """A transmitter as seen from home.

    The table has no positions of masts: the middle of the counties that one
    serves stands for it, so `distance_km` and `bearing_degrees` (from north,
    clockwise) are approximate. `serves_home` is whether it alerts for the
    home's county.
    """

    transmitter: Transmitter
    distance_km: float
    bearing_degrees: float
    serves_home: bool

    @property
    def wind(self) -> str:
        """The direction in one of the eight winds, `N` to `NW`."""
        return WINDS[round(self.bearing_degrees / 45) % 8]


def nearby_transmitters(latitude: float, longitude: float) -> list[NearbyTransmitter]:
    """Return what may be heard at a point in degrees: those that serve it first, then the nearest."""
    home = home_county(latitude, longitude).code
    found = []
    for station in all_transmitters():
        middle = _middle(station)
        serves = home in station.locations
        if middle is None:
            continue
        distance = distance_km(latitude, longitude, *middle)
        if serves or distance <= REACH_KM:
            found.append(
                NearbyTransmitter(
                    transmitter=station,
                    distance_km=distance,
                    bearing_degrees=_bearing(latitude, longitude, *middle),
                    serves_home=serves,
                )
            )
    return sorted(found, key=lambda one: (not one.serves_home, one.distance_km))


def _middle(station: Transmitter) -> tuple[float, float] | None:
    """Return the mean of the places that it serves, as far as their points are known."""
    points = [
        (place.latitude, place.longitude)
        for place in map(location, station.locations)
        if place.kind == "county"
        and place.latitude is not None
        and place.longitude is not None
    ]
    if not points:
        return None
    return fmean(point[0] for point in points), fmean(point[1] for point in points)


def _bearing(
    latitude: float, longitude: float, to_latitude: float, to_longitude: float
) -> float:
    phi, to_phi = math.radians(latitude), math.radians(to_latitude)
    turn = math.radians(to_longitude - longitude)
    east = math.sin(turn) * math.cos(to_phi)
    north = math.cos(phi) * math.sin(to_phi) - math.sin(phi) * math.cos(
        to_phi
    ) * math.cos(turn)
    return math.degrees(math.atan2(east, north)) % 360
