"""Websocket commands: for which station they are, who may ask, and what is refused."""

from typing import Any

from homeassistant.auth.models import Group, User
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)

from custom_components.eas_station.const import DOMAIN
from custom_components.eas_station.coordinator import EasStationCoordinator
from tests.integration.alerts import set_up
from tests.integration.sockets import refusal, subscribe

OF_A_STATION: dict[str, dict[str, str]] = {
    "subscribe": {},
    "history": {},
    "recording": {"name": "20260608T183012345Z-TOR-0123456789abcdef"},
    "live": {"channel": "main"},
}

type Policy = dict[str, dict[str, bool]]


async def test_one_of_several_stations_must_be_named(
    hass: HomeAssistant,
    coordinator: EasStationCoordinator,
    rtl_tcp_entry: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
) -> None:
    await set_up(hass, rtl_tcp_entry)
    client = await hass_ws_client()
    error = await refusal(client, type="eas_station/subscribe")
    assert error["code"] == "not_found"
    assert error["message"] == "There are 2 stations. Name one by its entry_id"
    error = await refusal(client, type="eas_station/subscribe", entry_id="elsewhere")
    assert error["code"] == "not_found"
    assert "elsewhere" in error["message"]
    snapshot = await subscribe(client, entry_id="rtl_tcp_entry")
    assert snapshot["station"] == "Attic EAS"


@pytest.mark.usefixtures("coordinator")
async def test_a_station_that_does_not_run_says_why(
    hass: HomeAssistant, hass_ws_client: WebSocketGenerator
) -> None:
    await hass.config_entries.async_set_disabled_by(
        "simulator_entry", ConfigEntryDisabler.USER
    )
    client = await hass_ws_client()
    error = await refusal(
        client, type="eas_station/subscribe", entry_id="simulator_entry"
    )
    assert error["code"] == "not_loaded"
    assert "Home EAS is not running (not_loaded)" in error["message"]


@pytest.mark.usefixtures("coordinator")
@pytest.mark.parametrize(
    "wrong",
    [
        {"rate": 0},
        {"rate": 11},
        {"rate": "fast"},
        {"levels": "yes"},
        {"spectrum": 1},
        {"entry_id": 7},
        {"colour": "red"},
    ],
)
async def test_what_is_no_command_is_refused(
    hass_ws_client: WebSocketGenerator, wrong: dict[str, Any]
) -> None:
    error = await refusal(await hass_ws_client(), type="eas_station/subscribe", **wrong)
    assert error["code"] == "invalid_format"


async def user_who(hass: HomeAssistant, may_read: Policy) -> User:
    """Make a user of a group with a policy of its own."""
    group = Group(name="Guests", policy={"entities": may_read})
    hass.auth._store._groups[group.id] = group
    return await hass.auth.async_create_user("Guest", group_ids=[group.id])


async def client_of(
    hass: HomeAssistant, hass_ws_client: WebSocketGenerator, user: User
) -> Any:
    token = await hass.auth.async_create_refresh_token(user, "https://example.com/app")
    return await hass_ws_client(hass, hass.auth.async_create_access_token(token))


async def test_a_user_sees_what_the_user_may_read(
    hass: HomeAssistant,
    coordinator: EasStationCoordinator,
    hass_ws_client: WebSocketGenerator,
) -> None:
    assert await async_setup_component(hass, "websocket_api", {})
    snapshot = await subscribe(await hass_ws_client())
    lights: Policy = {"domains": {"light": True}}
    one: Policy = {"entity_ids": {"sensor.home_eas_last_alert": True}}
    all_of_it: Policy = {
        "entity_ids": dict.fromkeys(snapshot["entities"].values(), True)
    }
    for policy in (lights, one):
        client = await client_of(hass, hass_ws_client, await user_who(hass, policy))
        for kind, more in OF_A_STATION.items():
            error = await refusal(client, type=f"eas_station/{kind}", **more)
            assert error["code"] == "unauthorized"

    client = await client_of(hass, hass_ws_client, await user_who(hass, all_of_it))
    snapshot = await subscribe(client)
    assert snapshot["station"] == "Home EAS"
    assert snapshot["can_admin"] is False


async def test_commands_are_there_without_a_station(
    hass: HomeAssistant, hass_ws_client: WebSocketGenerator
) -> None:
    assert await async_setup_component(hass, DOMAIN, {})
    error = await refusal(await hass_ws_client(), type="eas_station/subscribe")
    assert error["code"] == "not_found"


@pytest.mark.parametrize(
    "address", ["recording/simulator_entry/x", "live/simulator_entry/none"]
)
async def test_audio_is_for_whoever_may_read_the_station(
    hass: HomeAssistant,
    coordinator: EasStationCoordinator,
    hass_client: ClientSessionGenerator,
    address: str,
) -> None:
    ids = er.async_entries_for_config_entry(er.async_get(hass), "simulator_entry")
    all_of_it: Policy = {"entity_ids": {one.entity_id: True for one in ids}}
    lights: Policy = {"domains": {"light": True}}
    for policy, status in ((lights, 401), (all_of_it, 404)):
        user = await user_who(hass, policy)
        token = await hass.auth.async_create_refresh_token(user, "https://example.com/")
        client = await hass_client(hass.auth.async_create_access_token(token))
        answer = await client.get(f"/api/eas_station/{address}")
        assert answer.status == status
        answer = await client.head(f"/api/eas_station/{address}")
        assert answer.status == status
