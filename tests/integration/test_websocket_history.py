"""The history over the websocket: pages, filters, and what is new in it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.eas_station.coordinator import EasStationCoordinator
from custom_components.eas_station.eas_core.station import Alert
from tests.integration.alerts import alert, tell
from tests.integration.sockets import command, next_of, refusal, subscribe


@pytest.fixture
async def heard(
    hass: HomeAssistant, coordinator: EasStationCoordinator
) -> dict[str, Alert]:
    """What a station has heard in a day, oldest first."""
    now = dt_util.utcnow()
    found = {
        "storm": alert("SVR", "039093", received=now - timedelta(hours=20)),
        "test": alert("RWT", received=now - timedelta(hours=10)),
        "texas": alert("TOR", "048001", received=now - timedelta(hours=1)),
        "tornado": alert("TOR", received=now),
    }
    await tell(hass, coordinator, *found.values())
    return found


async def test_pages_are_newest_first_and_follow_one_another(
    heard: dict[str, Alert], hass_ws_client: WebSocketGenerator
) -> None:
    client = await hass_ws_client()
    ids, before = [], None
    for _ in range(2):
        answer = await command(
            client, type="eas_station/history", limit=2, before=before
        )
        ids += [one["id"] for one in answer["result"]["entries"]]
        before = answer["result"]["next"]
    assert before is None
    assert ids == [one.id for one in reversed(heard.values())]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["tornado", "texas", "test", "storm"]),
        ({"events": ["TOR", "SVR"]}, ["tornado", "texas", "storm"]),
        ({"places": ["039035"]}, ["tornado", "test"]),
        ({"tests": False, "places": ["039035"]}, ["tornado"]),
        ({"tests": True}, ["test"]),
        ({"limit": 1}, ["tornado"]),
    ],
)
async def test_entries_are_those_asked_for(
    heard: dict[str, Alert],
    hass_ws_client: WebSocketGenerator,
    asked: dict[str, Any],
    found: list[str],
) -> None:
    client = await hass_ws_client()
    answer = await command(client, type="eas_station/history", **asked)
    entries = answer["result"]["entries"]
    assert [one["id"] for one in entries] == [heard[name].id for name in found]
    assert entries[0].keys() >= {"message", "ended", "transcript", "nws", "recording"}


async def test_times_are_of_the_time_received(
    heard: dict[str, Alert], hass_ws_client: WebSocketGenerator
) -> None:
    client, now = await hass_ws_client(), dt_util.utcnow()
    answer = await command(
        client,
        type="eas_station/history",
        start=(now - timedelta(hours=12)).isoformat(),
        end=(now - timedelta(minutes=30)).isoformat(),
    )
    ids = [one["id"] for one in answer["result"]["entries"]]
    assert ids == [heard["texas"].id, heard["test"].id]


async def test_what_is_new_or_changes_is_told_to_subscribers(
    hass: HomeAssistant,
    coordinator: EasStationCoordinator,
    hass_ws_client: WebSocketGenerator,
) -> None:
    client, tornado = await hass_ws_client(), replace(alert(), corroborated=True)
    await subscribe(client)
    await tell(hass, coordinator, tornado)
    told = await next_of(client, "history")
    assert told["entry"]["id"] == tornado.id
    assert told["entry"]["transcript"] is None
    coordinator.history.async_note(tornado.id, transcript="Take shelter now.")
    told = await next_of(client, "history")
    assert told["entry"]["transcript"] == "Take shelter now."


@pytest.mark.usefixtures("coordinator")
@pytest.mark.parametrize(
    "wrong",
    [
        {"limit": 0},
        {"limit": 201},
        {"before": -1},
        {"before": "7"},
        {"start": "yesterday"},
        {"start": "0001-01-01T00:00:00+14:00"},
        {"end": 12},
        {"events": ["tornado"]},
        {"events": "TOR"},
        {"places": ["Cuyahoga"]},
        {"places": ["039035"] * 401},
        {"tests": "yes"},
    ],
)
async def test_what_cannot_be_asked_is_refused(
    hass_ws_client: WebSocketGenerator, wrong: dict[str, Any]
) -> None:
    client = await hass_ws_client()
    error = await refusal(client, type="eas_station/history", **wrong)
    assert error["code"] == "invalid_format"
