"""What Home Assistant's system information tells of the stations."""

from typing import Any

from homeassistant.components import system_health
from homeassistant.core import HomeAssistant, callback

from .agents import followed_stations
from .const import DOMAIN
from .coordinator import HEARS, EasStationConfigEntry
from .eas_core import __version__
from .filters import active_alerts


@callback
def async_register(
    hass: HomeAssistant, register: system_health.SystemHealthRegistration
) -> None:
    """Register what is told."""
    register.async_register_info(_async_info)


async def _async_info(hass: HomeAssistant) -> dict[str, Any]:
    known = hass.config_entries.async_entries(DOMAIN, include_disabled=False)
    loaded: list[EasStationConfigEntry] = hass.config_entries.async_loaded_entries(
        DOMAIN
    )
    hearing = [
        entry for entry in loaded if entry.runtime_data.data.hearing.state in HEARS
    ]
    agents = [
        seen
        for entry in loaded
        for station in followed_stations(entry)
        for seen in station.fleet.agents.values()
    ]
    return {
        "version": __version__,
        "stations": len(known),
        "stations_hearing": len(hearing),
        "agents": len(agents),
        "agents_connected": sum(seen.online for seen in agents),
        "active_alerts": sum(len(active_alerts(entry)) for entry in loaded),
        "messages_decoded": sum(entry.runtime_data.data.messages for entry in loaded),
    }
