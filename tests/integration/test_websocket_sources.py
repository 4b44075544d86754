"""Stations of several sources over the websocket."""

import asyncio

from homeassistant.config_entries import ConfigSubentryDataWithId
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)

from custom_components.eas_station.const import DOMAIN
from custom_components.eas_station.coordinator import EasStationCoordinator
from custom_components.eas_station.eas_core.station import ChannelStatus, SourceState
from tests.integration.alerts import set_up, tell
from tests.integration.readings import level, spectrum
from tests.integration.sockets import command, next_of, subscribe
from tests.integration.waiting import until

ROOF = "Attic/roof 100%"


@pytest.fixture
async def station(
    hass: HomeAssistant, in_cleveland: None, simulator_entry: MockConfigEntry
) -> EasStationCoordinator:
    """A station with two simulators, one of which has an odd name."""
    other = ConfigSubentryDataWithId(
        data=dict(simulator_entry.data),
        subentry_id="roof",
        subentry_type="source",
        title=ROOF,
        unique_id=None,
    )
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Home EAS",
        entry_id="two_entry",
        data=simulator_entry.data,
        subentries_data=[other],
    )
    return await set_up(hass, entry)


async def test_channels_are_those_of_all_sources_with_their_devices(
    hass: HomeAssistant,
    station: EasStationCoordinator,
    hass_ws_client: WebSocketGenerator,
) -> None:
    client = await hass_ws_client()
    snapshot = await subscribe(client)
    own, roof = snapshot["channels"]
    assert (own["id"], own["label"]) == ("main", "Home EAS")
    assert (roof["id"], roof["label"]) == (ROOF, ROOF)
    device = dr.async_get(hass).async_get(roof["device_id"])
    assert device is not None
    assert device.identifiers == {(DOMAIN, "roof")}
    assert own["device_id"] == snapshot["device_id"] != roof["device_id"]
    assert all("roof" not in key for key in snapshot["entities"])

    quiet = ChannelStatus(
        channel=ROOF, state=SourceState.QUIET, since=level("", 0, 0).at
    )
    station.sources[1]._from_thread(quiet)
    state = await next_of(client, "state")
    assert [one["state"] for one in state["channels"]][1] == "quiet"


async def test_levels_come_in_the_order_of_the_channels(
    hass: HomeAssistant,
    station: EasStationCoordinator,
    hass_ws_client: WebSocketGenerator,
) -> None:
    client = await hass_ws_client()
    await subscribe(client)
    station.sources[1]._from_thread(level(ROOF, -40.0, -30.0))
    await tell(hass, station, level("main", -20.0, -10.0))
    frame = await next_of(client, "levels")
    while None in frame["levels"]:
        frame = await next_of(client, "levels")
    assert frame["levels"] == [[-20.0, -10.0], [-40.0, -30.0]]


async def test_the_spectrum_is_of_the_station_s_own_radio(
    hass: HomeAssistant,
    station: EasStationCoordinator,
    hass_ws_client: WebSocketGenerator,
) -> None:
    client = await hass_ws_client()
    await subscribe(client, levels=False, spectrum=True)
    station.sources[1]._from_thread(spectrum(-10.0))
    await asyncio.sleep(0.3)
    await tell(hass, station, spectrum(-20.0))
    assert (await next_of(client, "spectrum"))["power"][0] == -20


async def test_a_channel_of_any_name_can_be_heard(
    hass: HomeAssistant,
    loopback: None,
    station: EasStationCoordinator,
    hass_ws_client: WebSocketGenerator,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    await station.async_start()
    await until(hass, lambda: station.sources[1].station.running)
    client = await hass_ws_client()
    answer = await command(client, type="eas_station/live", channel=ROOF)
    audio = await (await hass_client_no_auth()).get(answer["result"]["url"])
    assert audio.status == 200
    assert await audio.content.readexactly(1000)
    audio.close()
    await hass.config_entries.async_unload("two_entry")
