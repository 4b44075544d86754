"""Places by code, and codes by place."""

import re
from zoneinfo import available_timezones

from eas_core.same import (
    all_codes,
    counties_near,
    location,
    nearest_county,
    transmitters_for,
    transmitters_near,
)

CLEVELAND = (41.50, -81.69)


def test_a_county_has_its_name_state_point_and_time_zone() -> None:
    place = location("039035")
    assert (place.name, place.state, place.kind) == ("Cuyahoga County", "OH", "county")
    assert place.time_zone == "America/New_York"
    assert place.latitude is not None
    assert abs(place.latitude - CLEVELAND[0]) < 0.2


def test_the_first_digit_names_a_part() -> None:
    assert location("139035").name == "northwestern Cuyahoga County"
    assert location("939035").part == "southeastern"
    assert location("039035").part == ""


def test_names_say_what_kind_of_place_it_is() -> None:
    assert location("022001").name == "Acadia Parish"
    assert location("051510").name == "Alexandria"
    assert location("002020").name == "Anchorage"
    assert location("011001").name == "District of Columbia"


def test_states_waters_and_the_nation() -> None:
    assert location("039000").name == "Ohio"
    assert location("000000").name == "the United States"
    assert location("077005").kind == "marine"
    assert location("096000").name == "Lake Erie"


def test_an_unknown_code_is_its_own_name() -> None:
    place = location("099999")
    assert (place.name, place.kind) == ("099999", "unknown")


def test_every_code_has_a_name_and_a_real_time_zone() -> None:
    zones = available_timezones()
    for code in all_codes():
        place = location(code)
        assert re.fullmatch(r"0\d{5}", code)
        assert place.name != code
        assert place.time_zone in zones or place.kind == "nation"


def test_places_near_a_point() -> None:
    assert nearest_county(*CLEVELAND).code == "039035"
    near = counties_near(*CLEVELAND, 4)
    assert near[0].code == "039035"
    assert len({place.code for place in near}) == 4


def test_transmitters_of_a_place() -> None:
    serving = transmitters_for("039035")
    assert "KHB59" in {station.call_sign for station in serving}
    assert all(162.4 <= station.frequency_mhz <= 162.55 for station in serving)
    nearest = transmitters_near(*CLEVELAND, 3)
    assert len(nearest) == 3
    assert nearest[0] in serving
