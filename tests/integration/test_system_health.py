"""What the system information tells of the stations."""

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    get_system_health_info,
)

from custom_components.eas_station.const import DOMAIN
from custom_components.eas_station.eas_core import __version__
from custom_components.eas_station.eas_core.station import SourceState, SourceStatus
from tests.house.test_hassfest import STRINGS
from tests.integration.alerts import alert, set_up, tell


async def test_it_tells_how_the_stations_do(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    assert await async_setup_component(hass, "system_health", {})
    coordinator = await set_up(hass, simulator_entry)
    found = await get_system_health_info(hass, DOMAIN)
    assert found == {
        "version": __version__,
        "stations": 1,
        "stations_hearing": 0,
        "agents": 0,
        "agents_connected": 0,
        "active_alerts": 0,
        "messages_decoded": 0,
    }
    hearing = SourceStatus(state=SourceState.HEARING, since=dt_util.utcnow())
    # Neither a test nor what is for elsewhere is active.
    heard = [alert("TOR"), alert("RWT"), alert("SVR", "048001")]
    await tell(hass, coordinator, hearing, *heard)
    found = await get_system_health_info(hass, DOMAIN)
    assert found["stations_hearing"] == 1
    assert found["active_alerts"] == 1
    assert set(found) == set(STRINGS["system_health"]["info"])


async def test_a_station_that_is_not_loaded_does_not_hear(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    assert await async_setup_component(hass, "system_health", {})
    await set_up(hass, simulator_entry)
    assert await hass.config_entries.async_unload(simulator_entry.entry_id)
    found = await get_system_health_info(hass, DOMAIN)
    assert (found["stations"], found["stations_hearing"]) == (1, 0)
