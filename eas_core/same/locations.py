"""Places by their codes, and codes by their places.

The tables are read when first asked for: a few milliseconds, not for an event loop.
"""

from collections import Counter
from collections.abc import Mapping
import csv
from dataclasses import dataclass
from functools import cache, lru_cache
import math
from pathlib import Path
from typing import Final, Literal

from .areas import PARTS, STATES, WATERS

_DATA: Final = Path(__file__).parent / "data"
EARTH_RADIUS_KM: Final = 6371.0

type Kind = Literal["county", "marine", "state", "nation", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A place. `name` is as a person says it, with the part of it that is meant.

    `state` is the postal abbreviation or the letters of a marine zone, ""
    where there is none; `part` is as `PARTS` has it, "" for all of the place.
    Latitude and longitude in degrees and `time_zone` as in the IANA database,
    None where unknown.
    """

    code: str
    name: str
    state: str = ""
    part: str = ""
    latitude: float | None = None
    longitude: float | None = None
    time_zone: str | None = None
    kind: Kind = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transmitter:
    """A transmitter of NOAA Weather Radio; `locations` are the codes it alerts for."""

    call_sign: str
    name: str
    state: str
    frequency_mhz: float
    power_w: float | None
    office: str
    locations: tuple[str, ...]


def _number(text: str) -> float | None:
    return float(text) if text else None


@cache
def _places() -> Mapping[str, Location]:
    with (_DATA / "locations.csv").open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    places = {}
    for row in rows:
        code = row["code"]
        kind: Kind = "marine" if row["kind"] == "marine" else "county"
        zone = row["time_zone"]
        if not zone and code[1:3] in WATERS:
            zone = WATERS[code[1:3]][2]
        places[code] = Location(
            code=code,
            name=row["name"],
            state=row["state"],
            latitude=_number(row["latitude"]),
            longitude=_number(row["longitude"]),
            time_zone=zone or None,
            kind=kind,
        )
    return places


@cache
def all_transmitters() -> tuple[Transmitter, ...]:
    """Return every transmitter of the table."""
    with (_DATA / "transmitters.csv").open(encoding="utf-8", newline="") as table:
        return tuple(
            Transmitter(
                call_sign=row["callsign"],
                name=row["site"],
                state=row["state"],
                frequency_mhz=float(row["frequency_mhz"]),
                power_w=_number(row["power_w"]),
                office=row["wfo"],
                locations=tuple(row["same_codes"].split()),
            )
            for row in csv.DictReader(table)
        )


@cache
def _state_zones() -> Mapping[str, str]:
    """The time zone that most counties of a state keep, by the state's number."""
    zones: dict[str, Counter[str]] = {}
    for code, place in _places().items():
        if place.time_zone:
            zones.setdefault(code[1:3], Counter())[place.time_zone] += 1
    return {state: count.most_common(1)[0][0] for state, count in zones.items()}


def _county_name(place: Location) -> str:
    """Say what kind of place it is where the table has the bare name."""
    name = place.name
    kinds = ("County", "City", "Parish", "Island", "Islands", "Municipality")
    if any(word in kinds for word in name.split()):
        return name
    if place.state == "LA":
        return f"{name} Parish"
    if place.state == "PR":
        return f"{name} Municipio"
    independent = place.state == "VA" and place.code[3:] > "500"
    if independent or place.state in ("AK", "DC", "AS", "FM", "GU", "MH", "MP"):
        return name
    if place.state in ("PW", "VI"):
        return name
    return f"{name} County"


@lru_cache(maxsize=8192)
def location(code: str) -> Location:
    """Return the place of a code PSSCCC; a code of no table has itself for a name."""
    if code == "000000":
        return Location(code=code, name="the United States", kind="nation")
    part_number, area, rest = code[:1], code[1:3], code[3:]
    part = PARTS[int(part_number)] if part_number.isdigit() else ""
    named = f"{part} " if part else ""
    zone = _state_zones().get(area)
    if rest == "000" and area in STATES:
        state, name = STATES[area]
        return Location(
            code=code,
            name=named + name,
            state=state,
            part=part,
            time_zone=zone,
            kind="state",
        )
    if rest == "000" and area in WATERS:
        letters, name, zone = WATERS[area]
        return Location(
            code=code,
            name=named + name,
            state=letters,
            part=part,
            time_zone=zone,
            kind="marine",
        )
    place = _places().get(f"0{code[1:]}") or _places().get(code)
    if place is None:
        state = STATES.get(area, ("", ""))[0]
        return Location(code=code, name=code, state=state, part=part, time_zone=zone)
    name = _county_name(place) if place.kind == "county" else place.name
    return Location(
        code=code,
        name=named + name,
        state=place.state,
        part=part,
        latitude=place.latitude,
        longitude=place.longitude,
        time_zone=place.time_zone,
        kind=place.kind,
    )


@cache
def all_codes() -> tuple[str, ...]:
    """Return the code of every county, marine area, state and the nation, P = 0."""
    whole = {f"0{code[1:]}" for code in _places()}
    whole |= {f"0{area}000" for area in (*STATES, *WATERS)}
    return tuple(sorted(whole | {"000000"}))


def distance_km(
    latitude: float, longitude: float, to_latitude: float, to_longitude: float
) -> float:
    """Return the length of the great circle between two points in degrees."""
    phi, to_phi = math.radians(latitude), math.radians(to_latitude)
    half = math.sin((to_phi - phi) / 2) ** 2 + math.cos(phi) * math.cos(to_phi) * (
        math.sin(math.radians(to_longitude - longitude) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, half)))


def _by_distance(latitude: float, longitude: float) -> list[tuple[float, str]]:
    return sorted(
        (distance_km(latitude, longitude, place.latitude, place.longitude), code)
        for code, place in _places().items()
        if place.kind == "county"
        and place.latitude is not None
        and place.longitude is not None
    )


def nearest_county(latitude: float, longitude: float) -> Location:
    """Return the county whose centre is nearest to a point in degrees."""
    return location(_by_distance(latitude, longitude)[0][1])


def counties_near(latitude: float, longitude: float, count: int) -> list[Location]:
    """Return the counties with the nearest centres, nearest first."""
    return [location(code) for _, code in _by_distance(latitude, longitude)[:count]]


def transmitters_for(code: str) -> list[Transmitter]:
    """Return the transmitters that alert for a place."""
    return [station for station in all_transmitters() if code in station.locations]


def transmitters_near(
    latitude: float, longitude: float, count: int
) -> list[Transmitter]:
    """Return transmitters that alert for the counties nearest to a point."""
    found: dict[tuple[str, float], Transmitter] = {}
    for _, code in _by_distance(latitude, longitude)[:60]:
        for station in transmitters_for(code):
            found.setdefault((station.call_sign, station.frequency_mhz), station)
        if len(found) >= count:
            break
    return list(found.values())[:count]
