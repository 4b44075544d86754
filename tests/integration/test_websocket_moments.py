"""What happens while a subscription is still being made."""

from collections.abc import Iterator
import threading
from unittest.mock import patch

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.eas_station.coordinator import EasStationCoordinator
from custom_components.eas_station.websocket import home
from custom_components.eas_station.websocket.feed import FEEDS
from tests.integration.alerts import alert, tell
from tests.integration.sockets import command, next_event
from tests.integration.waiting import seen


@pytest.fixture
def tables(coordinator: EasStationCoordinator) -> Iterator[threading.Event]:
    """What lets the tables of places be read, which takes until then."""
    may_read, look_up = threading.Event(), home.look_up_home

    def wait(latitude: float, longitude: float) -> home.Home:
        assert may_read.wait(30.0)
        return look_up(latitude, longitude)

    with patch.object(home, "look_up_home", wait):
        yield may_read
        may_read.set()


async def test_who_leaves_before_the_snapshot_leaves_nothing(
    hass: HomeAssistant,
    coordinator: EasStationCoordinator,
    tables: threading.Event,
    hass_ws_client: WebSocketGenerator,
) -> None:
    client = await hass_ws_client()
    await command(client, type="eas_station/subscribe")
    await client.close()
    await seen(lambda: hass.data[FEEDS] == {})
    assert coordinator._reading_listeners == []
    tables.set()


async def test_an_alert_before_the_snapshot_is_in_it(
    hass: HomeAssistant,
    coordinator: EasStationCoordinator,
    tables: threading.Event,
    hass_ws_client: WebSocketGenerator,
) -> None:
    client, tornado = await hass_ws_client(), alert()
    await command(client, type="eas_station/subscribe")
    coordinator.own._from_thread(tornado)
    await seen(lambda: bool(coordinator.data.heard.active))
    tables.set()
    snapshot = await next_event(client)
    assert snapshot["type"] == "snapshot", "nothing comes before it"
    assert [one["id"] for one in snapshot["active"]] == [tornado.id]


async def test_a_station_that_is_unloaded_before_the_snapshot_sends_it_when_it_is_back(
    hass: HomeAssistant,
    coordinator: EasStationCoordinator,
    tables: threading.Event,
    hass_ws_client: WebSocketGenerator,
) -> None:
    client = await hass_ws_client()
    await command(client, type="eas_station/subscribe")
    assert await hass.config_entries.async_unload("simulator_entry")
    tables.set()
    await seen(lambda: home.known_home(hass) is not None)
    assert await hass.config_entries.async_setup("simulator_entry")
    assert (await next_event(client))["type"] == "snapshot"
    again: EasStationCoordinator = coordinator.config_entry.runtime_data
    await tell(hass, again, alert())
    assert (await next_event(client))["type"] in ("state", "levels")
