"""The websocket subscription: its snapshot, what it tells, and to whom."""

from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from homeassistant.util.async_ import get_scheduled_timer_handles
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.eas_station.coordinator import EasStationCoordinator
from custom_components.eas_station.eas_core.sources.source import SourceErrorReason
from custom_components.eas_station.eas_core.station import (
    AlertUpdated,
    SourceState,
    SourceStatus,
)
from custom_components.eas_station.websocket import home
from custom_components.eas_station.websocket.feed import FEEDS
from tests.integration.alerts import alert, end_of, set_up, tell
from tests.integration.readings import level, spectrum
from tests.integration.sockets import command, next_event, next_of, refusal, subscribe

CHANNEL = [
    "id",
    "name",
    "label",
    "frequency_hz",
    "transmitter",
    "live",
    "state",
    "since",
    "reason",
    "device_id",
]
SNAPSHOT = [
    "type",
    "version",
    "entry_id",
    "device_id",
    "station",
    "integration_version",
    "radio",
    "home",
    "status",
    "channels",
    "active",
    "weekly_test",
    "weekly_test_overdue",
    "counters",
    "entities",
    "live",
    "recording",
    "can_admin",
]


@pytest.mark.usefixtures("coordinator")
async def test_the_snapshot_has_all_that_a_card_shows_first(
    hass: HomeAssistant, hass_ws_client: WebSocketGenerator
) -> None:
    snapshot = await subscribe(await hass_ws_client())
    assert sorted(snapshot) == sorted(SNAPSHOT)
    assert snapshot["type"] == "snapshot"
    assert snapshot["version"] == 1
    assert snapshot["entry_id"] == "simulator_entry"
    assert snapshot["station"] == "Home EAS"
    assert snapshot["radio"] is False
    assert snapshot["home"] == {
        "latitude": 41.5,
        "longitude": -81.69,
        "county": {"code": "039035", "name": "Cuyahoga County", "state": "OH"},
    }
    (channel,) = snapshot["channels"]
    assert sorted(channel) == sorted(CHANNEL)
    assert (channel["id"], channel["label"]) == ("main", "Home EAS")
    assert channel["frequency_hz"] is channel["transmitter"] is None
    assert channel["device_id"] == snapshot["device_id"] is not None
    assert set(snapshot["status"]) == {"state", "since", "reason", "hint"}
    assert snapshot["entities"]["self_test"] == "button.home_eas_self_test"
    assert "audio_peak" not in snapshot["entities"], "it is disabled"
    assert snapshot["active"] == []
    assert snapshot["weekly_test"] is None
    assert snapshot["weekly_test_overdue"] is False
    assert snapshot["counters"] == {"messages": 0}
    assert snapshot["can_admin"] is True


async def test_the_channels_of_a_radio_name_their_transmitters(
    hass: HomeAssistant,
    in_cleveland: None,
    rtl_tcp_entry: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
) -> None:
    await set_up(hass, rtl_tcp_entry)
    snapshot = await subscribe(await hass_ws_client())
    assert snapshot["radio"] is True
    (channel,) = snapshot["channels"]
    assert channel["label"] == "162.550 MHz"
    assert channel["frequency_hz"] == 162_550_000
    assert channel["transmitter"] == {
        "call_sign": "KHB59",
        "name": "Cleveland",
        "state": "OH",
    }


async def test_a_home_abroad_has_no_county(
    hass: HomeAssistant,
    simulator_entry: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
) -> None:
    hass.config.latitude, hass.config.longitude = 52.37, 4.90
    await set_up(hass, simulator_entry)
    snapshot = await subscribe(await hass_ws_client())
    assert snapshot["home"]["county"] is None


@pytest.mark.usefixtures("coordinator")
async def test_a_home_that_moves_is_told_anew(
    hass: HomeAssistant, hass_ws_client: WebSocketGenerator
) -> None:
    client = await hass_ws_client()
    await subscribe(client)
    await hass.config.async_update(latitude=40.71, longitude=-74.01)
    snapshot = await next_of(client, "snapshot")
    assert snapshot["home"]["county"]["state"] == "NY"
    await hass.config.async_update(time_zone="America/New_York")
    await hass.config.async_update(latitude=41.50, longitude=-81.69)
    snapshot = await next_of(client, "snapshot")
    assert snapshot["home"]["county"]["name"] == "Cuyahoga County"


@pytest.mark.usefixtures("coordinator")
async def test_the_home_is_looked_up_once_for_all_who_come_together(
    hass: HomeAssistant, hass_ws_client: WebSocketGenerator
) -> None:
    clients = [await hass_ws_client() for _ in range(5)]
    with patch.object(home, "look_up_home", wraps=home.look_up_home) as looked_up:
        for client in clients:
            await client.send_json_auto_id({"type": "eas_station/subscribe"})
        for client in clients:
            assert (await client.receive_json())["success"]
            assert (await next_event(client))["type"] == "snapshot"
    assert looked_up.call_count == 1


async def test_an_alert_its_end_and_what_changes_are_told_at_once(
    hass: HomeAssistant,
    coordinator: EasStationCoordinator,
    hass_ws_client: WebSocketGenerator,
) -> None:
    client = await hass_ws_client()
    await subscribe(client)
    tornado = alert()
    await tell(hass, coordinator, tornado)
    state, told = await next_of(client, "state"), await next_of(client, "alert")
    assert state["type"] == "state"
    assert [one["id"] for one in state["active"]] == [tornado.id]
    assert told["type"] == "alert"
    assert told["alert"]["event"] == "Tornado Warning"
    assert told["alert"]["active"] is True
    assert told["alert"]["relevant"] is True
    assert told["alert"] == state["active"][0]

    again = replace(tornado, corroborated=True)
    await tell(hass, coordinator, AlertUpdated(alert=again))
    updated = await next_of(client, "alert_updated")
    assert updated["alert"]["id"] == tornado.id
    assert updated["alert"]["corroborated"] is True

    await tell(hass, coordinator, end_of(tornado))
    end = await next_of(client, "end")
    assert end["alert_id"] == tornado.id
    assert end["duration_s"] == 40.0


async def test_only_the_parts_that_changed_are_told(
    hass: HomeAssistant,
    coordinator: EasStationCoordinator,
    hass_ws_client: WebSocketGenerator,
) -> None:
    client = await hass_ws_client()
    await subscribe(client)
    down = SourceStatus(
        state=SourceState.DOWN,
        since=dt_util.utcnow(),
        reason=SourceErrorReason.UNREACHABLE,
        hint="Plug it in.",
    )
    await tell(hass, coordinator, down)
    state = await next_event(client)
    assert set(state) == {"type", "status", "channels"}
    assert state["status"]["state"] == "down"
    assert state["status"]["hint"] == "Plug it in."
    assert state["channels"][0]["reason"] == state["status"]["reason"] == "unreachable"


async def test_an_alert_that_expires_is_taken_from_the_active(
    hass: HomeAssistant,
    coordinator: EasStationCoordinator,
    hass_ws_client: WebSocketGenerator,
    freezer: FrozenDateTimeFactory,
) -> None:
    client = await hass_ws_client()
    await tell(hass, coordinator, alert(life="0015"))
    snapshot = await subscribe(client, levels=False)
    assert len(snapshot["active"]) == 1
    freezer.tick(timedelta(minutes=16))
    async_fire_time_changed(hass)
    while (await next_of(client, "state"))["active"] != []:
        pass


async def test_levels_are_the_newest_with_the_highest_peak(
    hass: HomeAssistant,
    coordinator: EasStationCoordinator,
    hass_ws_client: WebSocketGenerator,
) -> None:
    client = await hass_ws_client()
    await subscribe(client)
    await tell(
        hass, coordinator, level("main", -30.04, -6.0), level("main", -20.06, -12.0)
    )
    frame = await next_event(client)
    while frame["levels"] == [None]:
        frame = await next_event(client)
    assert set(frame) == {"type", "t", "levels"}
    assert frame["type"] == "levels"
    assert frame["levels"] == [[-20.1, -6.0]]
    frame = await next_event(client)
    assert frame["levels"] == [[-20.1, -12.0]], "the peak begins anew"
    while frame["levels"] != [None]:
        frame = await next_event(client)


async def test_a_spectrum_comes_to_those_who_ask_for_it(
    hass: HomeAssistant,
    coordinator: EasStationCoordinator,
    hass_ws_client: WebSocketGenerator,
) -> None:
    client, other = await hass_ws_client(), await hass_ws_client()
    await subscribe(client, levels=False, spectrum=True)
    await subscribe(other)
    reading = spectrum(-30.6)
    await tell(hass, coordinator, reading)
    frame = await next_event(client)
    assert frame == {
        "type": "spectrum",
        "t": reading.at.isoformat(),
        "center_hz": 162_487_500,
        "span_hz": 240_000,
        "power": [-31, *[-90] * 255],
    }
    await tell(hass, coordinator, alert())
    kinds = [(await next_event(other))["type"] for _ in range(2)]
    assert "spectrum" not in kinds
    assert (await next_event(client))["type"] == "state", "each is sent once"


def timers(hass: HomeAssistant) -> int:
    """How many timers of feeds wait in the loop."""
    waiting = [
        one for one in get_scheduled_timer_handles(hass.loop) if not one.cancelled()
    ]
    return sum("Pulse._tick" in repr(one) for one in waiting)


async def test_nothing_runs_for_nobody(
    hass: HomeAssistant,
    coordinator: EasStationCoordinator,
    hass_ws_client: WebSocketGenerator,
) -> None:
    listeners = len(coordinator._reading_listeners)
    client = await hass_ws_client()
    await subscribe(client)
    assert len(coordinator._reading_listeners) == listeners + 1
    assert timers(hass) == 1
    await client.send_json_auto_id({"type": "unsubscribe_events", "subscription": 1})
    while (await client.receive_json())["type"] != "result":
        pass
    assert hass.data[FEEDS] == {}
    assert timers(hass) == 0
    assert len(coordinator._reading_listeners) == listeners

    await subscribe(client, levels=False)
    assert timers(hass) == 0, "nobody wants frames"
    await client.close()
    await hass.async_block_till_done()
    assert hass.data[FEEDS] == {}


async def test_a_reload_brings_a_new_snapshot_to_the_same_subscription(
    hass: HomeAssistant,
    coordinator: EasStationCoordinator,
    hass_ws_client: WebSocketGenerator,
) -> None:
    client, levels = await hass_ws_client(), level("main", -20.0, -10.0)
    await subscribe(client)
    assert await hass.config_entries.async_unload("simulator_entry")
    stopped = await next_of(client, "state")
    assert stopped["status"]["state"] == "stopped"

    entry = coordinator.config_entry
    hass.config_entries.async_update_entry(entry, title="Attic EAS")
    assert await hass.config_entries.async_setup("simulator_entry")
    snapshot = await next_event(client)
    assert snapshot["type"] == "snapshot"
    assert snapshot["station"] == "Attic EAS"
    again: EasStationCoordinator = entry.runtime_data
    assert again is not coordinator
    await tell(hass, again, levels, alert())
    assert (await next_of(client, "alert"))["alert"]["station"] == "Attic EAS"


@pytest.mark.usefixtures("coordinator")
async def test_a_removal_ends_the_subscription(
    hass: HomeAssistant, hass_ws_client: WebSocketGenerator
) -> None:
    client = await hass_ws_client()
    await subscribe(client)
    await hass.config_entries.async_remove("simulator_entry")
    assert await next_of(client, "removed") == {"type": "removed"}
    assert hass.data[FEEDS] == {}
    error = await refusal(client, type="eas_station/subscribe")
    assert error["code"] == "not_found"


async def test_answers_are_commands_own(
    hass: HomeAssistant,
    coordinator: EasStationCoordinator,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """Two subscriptions over one connection are told apart by their ids."""
    client = await hass_ws_client()
    await subscribe(client, levels=False)
    answer = await command(client, type="eas_station/subscribe", levels=False)
    assert answer["success"]
    await client.receive_json()
    await tell(hass, coordinator, alert())
    seen = [await client.receive_json() for _ in range(6)]
    for kind in ("state", "history", "alert"):
        ids = [one["id"] for one in seen if one["event"]["type"] == kind]
        assert ids == [1, 2]
