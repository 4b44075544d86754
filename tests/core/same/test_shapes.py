"""In which county a point lies."""

from hypothesis import given
from hypothesis.strategies import floats
import pytest

from eas_core.same.locations import all_codes
from eas_core.same.shapes import county_at, county_shape, home_county


@pytest.mark.parametrize(
    ("place", "latitude", "longitude", "code"),
    [
        ("Cleveland", 41.4993, -81.6944, "039035"),
        ("Chicago", 41.8781, -87.6298, "017031"),
        ("Key West", 24.5551, -81.78, "012087"),
        ("Las Vegas", 36.1716, -115.1391, "032003"),
        ("Honolulu", 21.3069, -157.8583, "015003"),
        ("Anchorage", 61.2181, -149.9003, "002020"),
        ("Alexandria, a city within a county", 38.8048, -77.0469, "051510"),
        ("San Juan", 18.4655, -66.1057, "072127"),
        # Its centre is nearer to another county's than to its own.
        ("Needles, in the largest county", 34.8481, -114.6141, "006071"),
    ],
)
def test_a_point_lies_in_its_county(
    place: str, latitude: float, longitude: float, code: str
) -> None:
    found = county_at(latitude, longitude)
    assert found is not None, place
    assert found.code == code


def test_at_sea_there_is_none_and_home_is_the_nearest() -> None:
    assert county_at(41.9, -81.9) is None
    assert county_at(0.0, 0.0) is None
    assert home_county(41.52, -81.75).code == "039035"


def test_a_part_has_the_shape_of_the_whole_and_the_unknown_has_none() -> None:
    assert county_shape("139035") == county_shape("039035") != ()
    assert county_shape("099999") == ()
    for ring in county_shape("039035"):
        assert ring[0] == ring[-1]


def test_nearly_every_county_of_the_table_has_a_shape() -> None:
    counties = [code for code in all_codes() if code[3:] != "000" and code[1:3] < "57"]
    known = [code for code in counties if county_shape(code)]
    assert len(known) / len(counties) > 0.99


@given(floats(-90, 90), floats(-180, 180))
def test_any_point_is_in_a_county_or_in_none(latitude: float, longitude: float) -> None:
    found = county_at(latitude, longitude)
    assert found is None or found.kind == "county"
