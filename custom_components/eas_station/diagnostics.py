"""What a bug report needs, without where the user lives."""

from dataclasses import asdict
from typing import Any

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.core import HomeAssistant

from .const import CONF_LOCATIONS, CONF_PATH
from .coordinator import EasStationConfigEntry
from .eas_core import __version__

TO_REDACT = {CONF_LOCATIONS, CONF_PATH, "header", "best_guess", "message", "hint"}


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: EasStationConfigEntry
) -> dict[str, Any]:
    """Return the station's state and what it has counted."""
    coordinator = entry.runtime_data
    station = coordinator.station
    return {
        "version": __version__,
        "entry": async_redact_data(dict(entry.data), TO_REDACT),
        "options": asdict(station.options),
        "running": station.running,
        "status": async_redact_data(asdict(station.status), TO_REDACT),
        "level": asdict(station.level) if station.level else None,
        "counters": asdict(station.counters),
        "recent_messages": [
            async_redact_data(asdict(message), TO_REDACT)
            for message in station.recent_messages
        ],
        "active_alerts": [
            async_redact_data(asdict(alert), TO_REDACT)
            for alert in station.active_alerts
        ],
    }
