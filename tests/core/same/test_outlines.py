"""Shapes for small maps: unions without inner borders, few points, one side of the date line."""

from itertools import pairwise

import pytest

from eas_core.same.areas import STATES
from eas_core.same.outlines import bounds, outline
from eas_core.same.shapes import Ring, area_shape, county_shape


def area(rings: tuple[Ring, ...]) -> float:
    """Square degrees within rings that do not lie in one another."""
    doubled = [
        sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(ring))
        for ring in rings
    ]
    return abs(sum(doubled)) / 2


def test_a_state_is_as_large_as_its_counties() -> None:
    counties = [county_shape(f"019{number:03}") for number in range(1, 200, 2)]
    assert len([one for one in counties if one]) == 99
    (iowa,) = area_shape("019000")
    assert area((iowa,)) == pytest.approx(sum(map(area, counties)), rel=1e-9)


@pytest.mark.parametrize("state", STATES)
def test_every_ring_of_a_state_is_closed(state: str) -> None:
    drawn = outline(f"0{state}000")
    assert all(len(ring) > 3 for ring in drawn)
    for ring in (*area_shape(f"0{state}000"), *drawn):
        assert ring[0] == ring[-1]


def test_an_outline_keeps_the_place_and_leaves_out_points() -> None:
    whole, drawn = area_shape("002000"), outline("002000")
    assert sum(map(len, drawn)) < sum(map(len, whole))
    assert area(outline("039035")) == pytest.approx(
        area(county_shape("039035")), rel=0.02
    )


def test_a_part_is_drawn_as_its_county() -> None:
    assert outline("539035") == outline("039035")


@pytest.mark.parametrize("code", ["092740", "039999", "099000"])
def test_what_has_no_shape_has_no_outline(code: str) -> None:
    assert area_shape(code) == outline(code) == ()
    assert bounds(()) is None


def test_the_aleutians_lie_west_of_alaska() -> None:
    box = bounds(outline("002016"))
    assert box is not None
    assert -190 < box[0] < box[2] < -160


def test_the_nation_has_its_states() -> None:
    box = bounds(outline("000000"))
    assert box is not None
    assert box[2] > -68
    assert box[3] > 71
