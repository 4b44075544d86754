"""The shapes of counties over the websocket: only those asked for, and not many bytes."""

import json
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import (
    MockHAClientWebSocket,
    WebSocketGenerator,
)

from custom_components.eas_station.const import DOMAIN
from custom_components.eas_station.eas_core.same.locations import all_codes
from tests.integration.sockets import command, refusal


@pytest.fixture
async def client(
    hass: HomeAssistant, hass_ws_client: WebSocketGenerator
) -> MockHAClientWebSocket:
    """A client of a Home Assistant without any station."""
    assert await async_setup_component(hass, DOMAIN, {})
    return await hass_ws_client()


async def shapes(client: MockHAClientWebSocket, *codes: str) -> dict[str, Any]:
    answer = await command(client, type="eas_station/counties", codes=codes)
    assert answer["success"], answer
    result: dict[str, Any] = answer["result"]
    return result


async def test_counties_come_with_their_names_and_the_box_around_all(
    client: MockHAClientWebSocket,
) -> None:
    found = await shapes(client, "039035", "039173")
    cuyahoga, wood = found["counties"]
    assert (cuyahoga["code"], cuyahoga["name"], cuyahoga["state"]) == (
        "039035",
        "Cuyahoga County",
        "OH",
    )
    assert wood["name"] == "Wood County"
    west, south, east, north = found["bounds"]
    assert -84 < west < -83 < -82 < east < -81
    assert 41 < south < north < 42
    for county in found["counties"]:
        for ring in county["polygons"]:
            assert ring[0] == ring[-1]
            assert all(west <= x <= east and south <= y <= north for x, y in ring)


async def test_a_part_is_its_county_and_nothing_comes_twice(
    client: MockHAClientWebSocket,
) -> None:
    found = await shapes(client, "439035", "039035", "139035")
    assert [one["code"] for one in found["counties"]] == ["039035"]


async def test_a_state_is_one_shape(client: MockHAClientWebSocket) -> None:
    found = await shapes(client, "039000", "048000")
    ohio, texas = found["counties"]
    assert (ohio["name"], texas["name"]) == ("Ohio", "Texas")
    assert len(texas["polygons"]) == 1


async def test_waters_and_unknown_places_are_left_out(
    client: MockHAClientWebSocket,
) -> None:
    assert await shapes(client, "092740", "039999", "099999") == {
        "counties": [],
        "bounds": None,
    }
    assert await shapes(client) == {"counties": [], "bounds": None}


async def test_alaska_lies_on_one_side_of_the_date_line(
    client: MockHAClientWebSocket,
) -> None:
    west, _, east, _ = (await shapes(client, "002000"))["bounds"]
    assert -190 < west < east < -125


async def test_shapes_are_small(client: MockHAClientWebSocket) -> None:
    codes = [code for code in all_codes() if code[1:3] < "57"]
    sizes = []
    for start in range(0, len(codes), 400):
        found = await shapes(client, *codes[start : start + 400])
        drawn = [len(json.dumps(one)) for one in found["counties"]]
        assert sum(drawn) < 700_000
        sizes += drawn
    assert len(sizes) > 3_000
    assert sum(sizes) / len(sizes) < 1_000
    assert len(json.dumps(await shapes(client, "000000"))) < 100_000


@pytest.mark.parametrize(
    "codes",
    [
        "039035",
        [39035],
        ["39035"],
        ["0390355"],
        ["03903A"],
        ["039035\n"],
        ["٠٣٩٠٣٥"],
        ["039035"] * 401,
        None,
        [None],
    ],
)
async def test_what_is_no_list_of_codes_is_refused(
    client: MockHAClientWebSocket, codes: Any
) -> None:
    error = await refusal(client, type="eas_station/counties", codes=codes)
    assert error["code"] == "invalid_format"
