"""The devices of an entry: the station's, those of its other sources, and of its channels."""

from collections.abc import Collection, Mapping
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from .const import (
    CONF_FREQUENCY,
    CONF_HARDWARE,
    CONF_RECEPTION,
    CONF_SERIAL,
    CONF_SOURCE,
    DOMAIN,
    SUBENTRY_CHANNEL,
)
from .coordinator import EasStationConfigEntry
from .eas_core import __version__
from .eas_core.radio.plan import NWR_CHANNELS, channel_name
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
    _make_channels(registry, own, station)
    for other in others:
        device = registry.async_get_or_create(
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
        _make_channels(registry, other, device)


def _make_channels(
    registry: dr.DeviceRegistry, source: SourceCoordinator, device: dr.DeviceEntry
) -> None:
    """Make a device for each channel of a radio, below its own; forget those that it left."""
    entry = source.config_entry
    heard = [one.frequency for one in source.weather_channels]
    for frequency in heard:
        subentry_id = channel_subentry_id(source, frequency)
        title = f"{channel_name(frequency)} MHz"
        if source.setting.subentry_id is None and subentry_id is not None:
            title = entry.subentries[subentry_id].title
        registry.async_get_or_create(
            config_entry_id=entry.entry_id,
            config_subentry_id=subentry_id,
            identifiers={(DOMAIN, channel_identity(source, frequency))},
            name=f"{source.full_name} {title}",
            manufacturer=MANUFACTURER,
            model="NOAA Weather Radio",
            entry_type=dr.DeviceEntryType.SERVICE,
            via_device_id=device.id,
        )
    if not source.is_radio and CONF_RECEPTION in source.setting.data:
        # A radio that cannot be made just now keeps what it had.
        return
    for frequency in set(NWR_CHANNELS).difference(heard):
        left = registry.async_get_device_by_identifier(
            (DOMAIN, channel_identity(source, frequency)), entry.entry_id
        )
        if left is not None:
            registry.async_remove_device(left.id)


def channel_subentry_id(source: SourceCoordinator, frequency: int) -> str | None:
    """Return the subentry that a channel belongs to: its own, or that of another source."""
    if source.setting.subentry_id is not None:
        return source.setting.subentry_id
    channels = source.config_entry.get_subentries_of_type(SUBENTRY_CHANNEL)
    found = (
        one.subentry_id for one in channels if one.data[CONF_FREQUENCY] == frequency
    )
    return next(found, None)


def channel_identity(source: SourceCoordinator, frequency: int) -> str:
    """Return what a channel's device and entities are known by, now and when it is added again."""
    return f"{source_identity(source)}_{frequency}"


def source_identity(coordinator: SourceCoordinator) -> str:
    """Return what a source's device and entities are known by."""
    return coordinator.setting.subentry_id or coordinator.config_entry.entry_id


def agent_identity(coordinator: SourceCoordinator, name: str) -> str:
    """Return what an agent's device and entities are known by."""
    return f"{source_identity(coordinator)}_agent_{name}"


def sources_of(
    entry: EasStationConfigEntry, identities: Collection[str | None]
) -> list[SourceCoordinator]:
    """Return the sources, or those of the channels, that are known by these; the entry's own where none is."""
    coordinator = entry.runtime_data
    found = [one for one in coordinator.sources if _known_by(one) & {*identities}]
    return found or [coordinator.own]


def _known_by(source: SourceCoordinator) -> set[str]:
    channels = (
        channel_identity(source, one.frequency) for one in source.weather_channels
    )
    return {source_identity(source), *channels}


def _hardware(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "model": MODELS[data[CONF_SOURCE]],
        "hw_version": data.get(CONF_HARDWARE),
        "serial_number": data.get(CONF_SERIAL),
    }
