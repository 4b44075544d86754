"""Which alerts concern the user's places."""

import pytest

from custom_components.eas_station.relevance import covers


@pytest.mark.parametrize(
    ("alerted", "place", "concerns"),
    [
        ("039035", "039035", True),
        ("039035", "039173", False),
        ("039035", "017035", False),
        ("000000", "039035", True),
        ("039000", "039035", True),
        ("039035", "039000", True),
        ("139035", "039035", True),
        ("039035", "139035", True),
        ("139035", "139035", True),
        ("139035", "939035", False),
    ],
)
def test_a_code_covers_a_place(alerted: str, place: str, concerns: bool) -> None:
    assert covers(alerted, place) is concerns
