"""What a bug report needs, without where the user lives or how to reach the receiver."""

from dataclasses import asdict
from typing import Any, Final

from homeassistant.components.diagnostics import REDACTED, async_redact_data
from homeassistant.core import HomeAssistant

from .const import (
    CONF_CALL_SIGN,
    CONF_DEVICE,
    CONF_HOST,
    CONF_LOCATIONS,
    CONF_PATH,
    CONF_PLACES,
    CONF_SERIAL,
    CONF_URL,
)
from .coordinator import EasStationConfigEntry
from .eas_core import __version__
from .eas_core.agent.followed import FollowedStation
from .source_coordinator import SourceCoordinator

TO_REDACT: Final = {
    CONF_CALL_SIGN,
    CONF_DEVICE,
    CONF_HOST,
    CONF_LOCATIONS,
    CONF_PATH,
    CONF_PLACES,
    CONF_SERIAL,
    CONF_URL,
    "best_guess",
    "folder",
    "header",
    "hint",
    "message",
    "recording",
    "sender",
    "text",
}
"""Hints name hosts and serials, texts of faults what was received."""


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: EasStationConfigEntry
) -> dict[str, Any]:
    """Return the station's state and what it has counted."""
    coordinator = entry.runtime_data
    faults = coordinator.data.faults
    found = {
        "version": __version__,
        "entry": dict(entry.data),
        "entry_options": dict(entry.options),
        **_source(coordinator.own),
        "texts": asdict(coordinator.text_counters),
        "counted": asdict(coordinator.counters),
        "since_load": coordinator.telemetry.as_dict(),
        "history_entries": len(coordinator.history),
        "faults": {
            "weekly_test_overdue": faults.weekly_test_overdue,
            "clock_ahead_s": faults.clock_ahead and faults.clock_ahead.total_seconds(),
        },
        "active_alerts": [asdict(one) for one in coordinator.data.heard.active],
        "other_sources": [
            {"data": dict(one.setting.data), **_source(one)}
            for one in coordinator.sources[1:]
        ],
    }
    return async_redact_data(found, TO_REDACT)


def _source(coordinator: SourceCoordinator) -> dict[str, Any]:
    station = coordinator.station
    return {
        # A station is named after the county unless the user chose another name.
        "options": asdict(station.options) | {"name": REDACTED},
        "running": station.running,
        "health": asdict(station.health),
        "records_waiting": coordinator.waiting,
        "shown": asdict(coordinator.data.measured),
        "recent_messages": [asdict(one) for one in station.recent_messages],
        **(_agents(station) if isinstance(station, FollowedStation) else {}),
    }


def _agents(station: FollowedStation) -> dict[str, Any]:
    """Return what is known of the agents, and what became of their messages."""
    fleet = station.fleet
    return {
        "agents": [asdict(seen) for seen in fleet.agents.values()],
        "agents_messages": dict(fleet.counts),
        "agents_faults": [asdict(one) for one in fleet.faults.values()],
    }
