"""EAS Station: hears the Emergency Alert System with the user's own receiver."""

from homeassistant.const import EVENT_HOMEASSISTANT_STOP, Platform
from homeassistant.core import Event, HomeAssistant

from .coordinator import EasStationConfigEntry, EasStationCoordinator
from .events import async_fire_events
from .sources import build_source

PLATFORMS = [Platform.SENSOR]


async def async_setup_entry(hass: HomeAssistant, entry: EasStationConfigEntry) -> bool:
    """Start the station of an entry."""
    coordinator = EasStationCoordinator(hass, entry, build_source(entry.data))
    entry.runtime_data = coordinator
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    entry.async_on_unload(async_fire_events(hass, entry))

    async def stop(event: Event) -> None:
        await coordinator.async_stop()

    # Entries are not unloaded when Home Assistant stops.
    entry.async_on_unload(hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, stop))
    await coordinator.async_start()
    return True


async def async_unload_entry(hass: HomeAssistant, entry: EasStationConfigEntry) -> bool:
    """Stop the station of an entry."""
    await entry.runtime_data.async_stop()
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
