"""Shapes as a small map draws them: fewer points, fewer digits, one side of the date line."""

from collections.abc import Iterable
import math
from typing import Final

from .shapes import Point, Ring, area_shape

FINENESS: Final = 500
"""Of an area's extent: a map of so many pixels shows no more."""

DIGITS: Final = 3
"""Of a degree: a hundred metres, less than a step of the map's grid."""

type Box = tuple[float, float, float, float]
"""West, south, east and north in degrees."""


def outline(code: str) -> tuple[Ring, ...]:
    """Return the rings that bound a county, a part's county, a state (SS000) or the nation.

    There are none for waters and unknown places. Longitudes east of the date
    line are under -180 where the area lies on both sides. It reads the map: not
    for an event loop.
    """
    rings = _on_one_side(area_shape(code))
    box = bounds(rings)
    if box is None:
        return ()
    step = max(box[2] - box[0], box[3] - box[1]) / FINENESS
    thinned = [_thinned(ring, step) for ring in rings]
    # A ring of three points and the first again is the least that has an inside.
    return tuple(ring for ring in thinned if len(ring) > 3) or tuple(thinned)


def bounds(rings: Iterable[Ring]) -> Box | None:
    """Return the box around rings, None where there are none."""
    points = [point for ring in rings for point in ring]
    if not points:
        return None
    east, north = zip(*points, strict=True)
    return min(east), min(north), max(east), max(north)


def _on_one_side(rings: tuple[Ring, ...]) -> tuple[Ring, ...]:
    west = any(point[0] < -90 for ring in rings for point in ring)
    if not west:
        return rings
    return tuple(
        tuple((x - 360 if x > 90 else x, y) for x, y in ring) for ring in rings
    )


def _thinned(ring: Ring, step: float) -> Ring:
    """Leave out points that are nearer than a step to the one before; round the others."""
    kept: list[Point] = [ring[0]]
    for point in ring[1:-1]:
        if math.dist(kept[-1], point) >= step:
            kept.append(point)
    rounded = [(round(x, DIGITS), round(y, DIGITS)) for x, y in kept]
    return (*rounded, rounded[0])
