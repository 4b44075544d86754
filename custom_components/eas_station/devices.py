"""The devices of an entry: the station's, those of its other sources, and of its channels."""

from collections.abc import Collection, Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from .const import (
    CONF_FREQUENCY,
    CONF_HARDWARE,
    CONF_SERIAL,
    CONF_SOURCE,
    DOMAIN,
    SUBENTRY_CHANNEL,
)
from .coordinator import EasStationConfigEntry
from .eas_core import __version__
from .source_coordinator import SourceCoordinator
from .sources import MODELS

MANUFACTURER = "EAS Station"


@callback
def async_make_devices(hass: HomeAssistant, entry: EasStationConfigEntry) -> None:
    """Make the station's device, then those that hear for it."""
    registry = dr.async_get(hass)
    own, *others = entry.runtime_data.sources
    station = registry.async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={(DOMAIN, source_identity(own))},
        name=own.full_name,
        manufacturer=MANUFACTURER,
        sw_version=__version__,
        entry_type=dr.DeviceEntryType.SERVICE,
        **_hardware(own.setting.data),
    )
    for other in others:
        registry.async_get_or_create(
            config_entry_id=entry.entry_id,
            config_subentry_id=other.setting.subentry_id,
            identifiers={(DOMAIN, source_identity(other))},
            name=other.full_name,
            manufacturer=MANUFACTURER,
            sw_version=__version__,
            entry_type=dr.DeviceEntryType.SERVICE,
            via_device_id=station.id,
            **_hardware(other.setting.data),
        )

    for channel in entry.get_subentries_of_type(SUBENTRY_CHANNEL):
        frequency = channel.data[CONF_FREQUENCY]
        registry.async_get_or_create(
            config_entry_id=entry.entry_id,
            config_subentry_id=channel.subentry_id,
            identifiers={(DOMAIN, channel_identity(entry, frequency))},
            name=f"{entry.title} {channel.title}",
            manufacturer=MANUFACTURER,
            model="NOAA Weather Radio",
            entry_type=dr.DeviceEntryType.SERVICE,
            via_device_id=station.id,
        )


def channel_identity(entry: ConfigEntry, frequency: int) -> str:
    """Return what a channel's device and entities are known by, now and when it is added again."""
    return f"{entry.entry_id}_{frequency}"


def source_identity(coordinator: SourceCoordinator) -> str:
    """Return what a source's device and entities are known by."""
    return coordinator.setting.subentry_id or coordinator.config_entry.entry_id


def agent_identity(coordinator: SourceCoordinator, name: str) -> str:
    """Return what an agent's device and entities are known by."""
    return f"{source_identity(coordinator)}_agent_{name}"


def sources_of(
    entry: EasStationConfigEntry, identities: Collection[str | None]
) -> list[SourceCoordinator]:
    """Return the sources that are known by these; the entry's own where none is."""
    coordinator = entry.runtime_data
    found = [one for one in coordinator.sources if source_identity(one) in identities]
    return found or [coordinator.own]


def _hardware(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "model": MODELS[data[CONF_SOURCE]],
        "hw_version": data.get(CONF_HARDWARE),
        "serial_number": data.get(CONF_SERIAL),
    }
