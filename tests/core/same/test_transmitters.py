"""Which transmitters a home should hear."""

import pytest

from eas_core.same.transmitters import REACH_KM, nearby_transmitters

CLEVELAND = (41.4993, -81.6944)


def test_those_that_serve_the_county_come_first_then_the_nearest() -> None:
    near = nearby_transmitters(*CLEVELAND)
    assert [one.transmitter.call_sign for one in near[:2]] == ["KHB59", "WNG698"]
    assert [one.serves_home for one in near[:3]] == [True, True, False]
    rest = [one.distance_km for one in near if not one.serves_home]
    assert rest == sorted(rest)
    assert rest[-1] <= REACH_KM


def test_direction_and_distance_are_about_right() -> None:
    near = {one.transmitter.call_sign: one for one in nearby_transmitters(*CLEVELAND)}
    akron = near["KDO94"]
    assert akron.wind in ("S", "SE")
    assert akron.distance_km == pytest.approx(50, abs=30)
    assert near["WNG698"].wind == "SW"
    assert near["KHB97"].wind == "W"


def test_a_home_far_from_all_hears_what_serves_it_or_nothing() -> None:
    for one in nearby_transmitters(21.3, -157.8):
        assert one.transmitter.state == "HI"
    assert all(one.serves_home for one in nearby_transmitters(0.0, -150.0))
