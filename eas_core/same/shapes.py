"""The shapes of counties and states: in which county a point lies, and what to draw.

The map is a topology: arcs that neighbours share, each a list of steps on a
grid, and for each county the arcs that bound it (a negative number is an arc
backwards). It is read when first asked for: not for an event loop.
"""

from array import array
from collections import Counter
from collections.abc import Iterable
from functools import cache
from itertools import accumulate, chain, pairwise
import json
from pathlib import Path
from typing import Final

from .locations import Location, location, nearest_county

_DATA: Final = Path(__file__).parent / "data" / "counties.json"

type Point = tuple[float, float]
"""Longitude and latitude in degrees, in the order of maps."""

type Ring = tuple[Point, ...]


class _Map:
    """The arcs as they are in the file; a county's rings are made when asked for.

    All of them at once would be fifteen megabytes.
    """

    def __init__(self) -> None:
        data = json.loads(_DATA.read_text(encoding="utf-8"))
        self._scale, self._translate = data["scale"], data["translate"]
        self._arcs = [array("i", chain.from_iterable(arc)) for arc in data["arcs"]]
        self._rings = {
            code: tuple(
                array("i", ring) for polygon in polygons for ring in polygon if ring
            )
            for code, polygons in data["counties"].items()
        }
        self.boxes = {
            code: _box(rings) for code in self._rings if (rings := self.rings(code))
        }

    def rings(self, code: str) -> tuple[Ring, ...]:
        """Return what bounds a county, none where it is unknown."""
        return tuple(self._ring(numbers) for numbers in self._rings.get(code, ()))

    def codes(self, start: str) -> tuple[str, ...]:
        """Return the counties whose codes start so."""
        return tuple(code for code in self._rings if code.startswith(start))

    def union(self, codes: Iterable[str]) -> tuple[Ring, ...]:
        """Return what bounds counties together: the arcs that no two of them share."""
        numbers = [*chain.from_iterable(chain(*(self._rings[code] for code in codes)))]
        count = Counter(number if number >= 0 else ~number for number in numbers)
        begins: dict[Point, list[list[Point]]] = {}
        for number in numbers:
            if count[number if number >= 0 else ~number] == 1:
                arc = self._arc(number)
                begins.setdefault(arc[0], []).append(arc)
        rings = []
        while begins:
            points = [next(iter(begins))]
            while following := begins.get(points[-1]):
                arc = following.pop()
                if not following:
                    del begins[arc[0]]
                points += arc[1:]
            # Where the map is not exact a boundary does not come back to its start.
            if points[-1] != points[0]:
                points.append(points[0])
            rings.append(tuple(points))
        return tuple(rings)

    def _ring(self, numbers: array[int]) -> Ring:
        points: list[Point] = []
        for number in numbers:
            arc = self._arc(number)
            points += arc[1:] if points else arc
        return tuple(points)

    def _arc(self, number: int) -> list[Point]:
        """Return the points of an arc; a negative number is one backwards."""
        if number < 0:
            return self._arc(~number)[::-1]
        steps = self._arcs[number]
        east, north = accumulate(steps[::2]), accumulate(steps[1::2])
        return [
            (
                x * self._scale[0] + self._translate[0],
                y * self._scale[1] + self._translate[1],
            )
            for x, y in zip(east, north, strict=True)
        ]


def _box(rings: tuple[Ring, ...]) -> tuple[float, float, float, float]:
    """Return west, south, east, north in degrees."""
    east = [point[0] for ring in rings for point in ring]
    north = [point[1] for ring in rings for point in ring]
    return min(east), min(north), max(east), max(north)


@cache
def _map() -> _Map:
    return _Map()


def county_shape(code: str) -> tuple[Ring, ...]:
    """Return the rings that bound a county, of a part of it those of the whole; none where unknown."""
    return _map().rings(f"0{code[1:]}")


def area_shape(code: str) -> tuple[Ring, ...]:
    """Return the rings that bound a county, a state (SS000) or the nation (000000).

    Of a part it is the whole; of water and unknown places there are none. What
    lies in an odd number of rings is inside.
    """
    area, county = code[1:3], code[3:]
    if county != "000":
        return county_shape(code)
    counties = _map()
    return counties.union(counties.codes("0" if area == "00" else f"0{area}"))


def county_at(latitude: float, longitude: float) -> Location | None:
    """Return the county that a point in degrees lies in; None at sea and abroad."""
    counties = _map()
    for code, (west, south, east, north) in counties.boxes.items():
        if (
            west <= longitude <= east
            and south <= latitude <= north
            and _inside(latitude, longitude, counties.rings(code))
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
