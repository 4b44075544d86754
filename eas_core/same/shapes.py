"""The shapes of counties: in which one a point lies, and what to draw.

The map is a topology: arcs that neighbours share, each a list of steps on a
grid, and for each county the arcs that bound it (a negative number is an arc
backwards). It is read when first asked for: not for an event loop.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, pairwise
import json
from pathlib import Path
from typing import Any, Final

from .locations import Location, location, nearest_county

_DATA: Final = Path(__file__).parent / "data" / "counties.json"

type Point = tuple[float, float]
"""Longitude and latitude in degrees, in the order of maps."""

type Ring = tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class _County:
    west: float
    south: float
    east: float
    north: float
    rings: tuple[Ring, ...]


def _arc(steps: list[list[int]], scale: Point, translate: Point) -> Ring:
    east = accumulate(step[0] for step in steps)
    north = accumulate(step[1] for step in steps)
    return tuple(
        (x * scale[0] + translate[0], y * scale[1] + translate[1])
        for x, y in zip(east, north, strict=True)
    )


def _rings(polygons: list[Any], arcs: list[Ring]) -> Iterator[Ring]:
    for polygon in polygons:
        for ring in polygon:
            points: list[Point] = []
            for number in ring:
                arc = arcs[number] if number >= 0 else arcs[~number][::-1]
                points += arc[1:] if points else arc
            yield tuple(points)


@cache
def _counties() -> Mapping[str, _County]:
    data = json.loads(_DATA.read_text(encoding="utf-8"))
    scale, translate = tuple(data["scale"]), tuple(data["translate"])
    arcs = [_arc(steps, scale, translate) for steps in data["arcs"]]
    found = {}
    for code, polygons in data["counties"].items():
        rings = tuple(_rings(polygons, arcs))
        if not rings:
            continue
        east = [point[0] for ring in rings for point in ring]
        north = [point[1] for ring in rings for point in ring]
        found[code] = _County(min(east), min(north), max(east), max(north), rings)
    return found


def county_shape(code: str) -> tuple[Ring, ...]:
    """Return the rings that bound a county, of a part of it those of the whole; none where unknown."""
    county = _counties().get(f"0{code[1:]}")
    return county.rings if county else ()


def county_at(latitude: float, longitude: float) -> Location | None:
    """Return the county that a point in degrees lies in; None at sea and abroad."""
    for code, county in _counties().items():
        if (
            county.west <= longitude <= county.east
            and county.south <= latitude <= county.north
            and _inside(latitude, longitude, county.rings)
        ):
            return location(code)
    return None


def home_county(latitude: float, longitude: float) -> Location:
    """Return the county that a point lies in, else the one with the nearest centre."""
    return county_at(latitude, longitude) or nearest_county(latitude, longitude)


def _inside(latitude: float, longitude: float, rings: tuple[Ring, ...]) -> bool:
    """Whether a line from the point to the east crosses the boundary an odd number of times."""
    crossings = 0
    for ring in rings:
        for (x1, y1), (x2, y2) in pairwise(ring):
            if (y1 > latitude) != (y2 > latitude):
                crossings += longitude < x1 + (latitude - y1) * (x2 - x1) / (y2 - y1)
    return crossings % 2 == 1
