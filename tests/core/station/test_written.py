"""Which text of the Weather Service belongs to which message, and what of it is taken."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from eas_core.station import Alert
from eas_core.station.alerts import build_alert
from eas_core.station.written import (
    LENGTHS,
    MOST_POINTS,
    WrittenAlert,
    WrittenError,
    areas_of,
    matching,
    parse_written,
)
from tests.core.station.decoded import decoded
from tests.nws_api import collection, feature

ISSUED = datetime(2026, 6, 8, 18, 30, tzinfo=UTC)
SQUARE = [[[-82.0, 41.0], [-81.0, 41.0], [-81.0, 42.0], [-82.0, 41.0]]]


def alert(header: str = "WXR-TOR-039035-039173", **changed: Any) -> Alert:
    text = f"ZCZC-{header}+0030-1591830-KCLE/NWS-"
    return replace(build_alert(decoded(text), "main", ISSUED), **changed)


def written(*features: dict[str, Any]) -> tuple[WrittenAlert, ...]:
    return parse_written(json.dumps(collection(*features)).encode())


@pytest.mark.parametrize(
    ("header", "areas"),
    [
        ("WXR-TOR-039035-039173", ("OH",)),
        ("WXR-SVR-039035-042049-142049", ("OH", "PA")),
        ("WXR-SMW-096142-039000", ("LE", "OH")),
        ("WXR-SMW-075610", ("AM",)),
        ("WXR-RWT-039035", ()),
        ("WXR-DMO-039035", ()),
        ("EAS-TOR-039035", ()),
        ("CIV-CEM-039035", ()),
        ("PEP-EAN-000000", ()),
        ("WXR-HUW-000000", ()),
        ("WXR-TOR-099001", ()),
    ],
)
def test_only_states_and_waters_are_asked_for_and_only_for_warnings_of_the_service(
    header: str, areas: tuple[str, ...]
) -> None:
    assert areas_of(alert(header)) == areas


@pytest.mark.parametrize(
    "changed", [{"event_code": ""}, {"time_valid": False}, {"self_test": True}]
)
def test_of_what_is_not_certain_nothing_is_asked(changed: dict[str, Any]) -> None:
    assert areas_of(alert(**changed)) == ()


def test_what_is_taken_of_a_text() -> None:
    (one,) = written(
        feature(sent=ISSUED, geometry={"type": "Polygon", "coordinates": SQUARE})
    )
    assert one == WrittenAlert(
        id="urn:oid:2.49.0.1.840.0.1.001.1",
        url="https://api.weather.gov/alerts/urn:oid:2.49.0.1.840.0.1.001.1",
        event="Tornado Warning",
        codes=frozenset({"TOR"}),
        places=frozenset({"039035", "039173"}),
        sent=ISSUED,
        onset=ISSUED,
        expires=ISSUED + timedelta(minutes=30),
        sender="NWS Cleveland OH",
        headline="Tornado Warning issued by NWS Cleveland OH",
        description="At 230 PM EDT, a tornado was near Parma.\n\nHAZARD...Tornado.",
        instruction="TAKE COVER NOW!",
        polygon=(SQUARE[0],),
    )


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"sent": ISSUED + timedelta(minutes=14)},
        {"sent": ISSUED - timedelta(minutes=14)},
        {"places": ["039173"]},
        {"places": ["039035", "039173", "039093"]},
        {"messageType": "Update"},
        {"eventCode": {"SAME": ["TOR", "TOE"], "NationalWeatherService": ["TOW"]}},
    ],
)
def test_a_text_of_the_same_event_place_and_time_is_the_alerts(
    changed: dict[str, Any],
) -> None:
    texts = written(feature(**{"sent": ISSUED} | changed))
    assert matching(alert(), texts) == texts[0]


@pytest.mark.parametrize(
    "changed",
    [
        {"code": "SVR"},
        {"places": ["039093"]},
        {"places": []},
        {"sent": ISSUED + timedelta(minutes=16)},
        {"sent": ISSUED - timedelta(hours=24)},
        {"status": "Test"},
        {"status": "Draft"},
        {"messageType": "Cancel"},
    ],
)
def test_any_other_is_not(changed: dict[str, Any]) -> None:
    texts = written(feature(**{"sent": ISSUED} | changed))
    assert matching(alert(), texts) is None


def test_of_several_the_nearest_with_the_most_places_is_it() -> None:
    minute = timedelta(minutes=1)
    texts = written(
        feature("earlier", sent=ISSUED - 9 * minute),
        feature("one place", sent=ISSUED, places=["039035"]),
        feature("it", sent=ISSUED + minute),
        feature(
            "more places", sent=ISSUED, places=["039035", "039173", "039093", "039169"]
        ),
    )
    found = matching(alert(), texts)
    assert found is not None
    assert found.id == "it"
    assert matching(alert(), ()) is None


def test_a_part_of_a_county_and_a_whole_state_have_their_counties_text() -> None:
    texts = written(feature(sent=ISSUED, places=["039035"]))
    assert matching(alert("WXR-TOR-339035"), texts) == texts[0]
    assert matching(alert("WXR-TOR-039000"), texts) == texts[0]
    assert matching(alert("WXR-TOR-042000"), texts) is None


def test_long_texts_are_cut_and_odd_ones_left_out() -> None:
    long = feature(sent=ISSUED)
    for key in ("senderName", "headline", "description", "instruction"):
        long["properties"][key] = "x" * 99_999
    (one,) = written(long)
    assert len(one.description) == LENGTHS["description"]
    assert len(one.instruction) == LENGTHS["instruction"]
    assert len(one.headline) == LENGTHS["headline"]
    assert len(one.sender) == LENGTHS["sender"]
    (one,) = written(feature(sent=ISSUED, instruction=None, headline=7, onset=None))
    assert (one.instruction, one.headline, one.onset) == ("", "", None)


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "http://api.weather.gov/", None, 7, "https://" + "x" * 999],
)
def test_only_an_https_address_is_a_link(url: object) -> None:
    texts = json.dumps(collection(feature(sent=ISSUED) | {"id": url})).encode()
    assert parse_written(texts)[0].url is None


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        {"type": "Point", "coordinates": [-82.0, 41.0]},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": None},
        {"type": "Polygon", "coordinates": [[[999, 41.0]]]},
        {"type": "Polygon", "coordinates": [[["a", "b"]]]},
        {"type": "Polygon", "coordinates": [[[float("nan"), 1.0]]]},
        {"type": "Polygon", "coordinates": [[[-82.0, 41.0]] * (MOST_POINTS + 1)]},
        {"type": "MultiPolygon", "coordinates": 7},
        "Polygon",
    ],
)
def test_what_is_no_area_is_no_polygon(geometry: object) -> None:
    (one,) = written(feature(sent=ISSUED, geometry=geometry))
    assert one.polygon == ()


def test_several_areas_are_several_rings() -> None:
    geometry = {"type": "MultiPolygon", "coordinates": [SQUARE, SQUARE]}
    (one,) = written(feature(sent=ISSUED, geometry=geometry))
    assert one.polygon == (SQUARE[0], SQUARE[0])


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b'"features"',
        b'{"type": "FeatureCollection"}',
        b'{"type": "Feature", "features": []}',
        b'{"type": "FeatureCollection", "features": {}}',
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_what_is_no_list_of_alerts_is_an_error(text: bytes) -> None:
    with pytest.raises(WrittenError):
        parse_written(text)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["properties", "geometry", "SAME", "coordinates", "type"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@given(st.sampled_from([*feature(sent=ISSUED)["properties"], "geometry"]), json_values)
def test_a_feature_that_is_not_as_it_should_be_harms_no_other(
    key: str, value: object
) -> None:
    bad = feature("bad", sent=ISSUED)
    if key == "geometry":
        bad[key] = value
    else:
        bad["properties"][key] = value
    texts = written(bad, feature("good", sent=ISSUED))
    assert texts[-1].id == "good"
    assert matching(alert(), texts) is not None


@given(st.lists(json_values, max_size=3))
def test_features_that_are_anything_are_passed_over(features: list[Any]) -> None:
    assert parse_written(json.dumps(collection(*features)).encode()) == ()
