"""What all entities of a station share."""

from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import CONF_HARDWARE, CONF_SERIAL, CONF_SOURCE, DOMAIN
from .coordinator import EasStationCoordinator
from .eas_core import __version__
from .sources import MODELS


class EasStationEntity(CoordinatorEntity[EasStationCoordinator]):
    """An entity of the station's device."""

    _attr_has_entity_name = True

    def __init__(
        self, coordinator: EasStationCoordinator, description: EntityDescription
    ) -> None:
        """Name it by its description's key."""
        super().__init__(coordinator)
        entry = coordinator.config_entry
        self.entity_description = description
        self._attr_unique_id = f"{entry.entry_id}_{description.key}"
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, entry.entry_id)},
            name=entry.title,
            manufacturer="EAS Station",
            model=MODELS[entry.data[CONF_SOURCE]],
            hw_version=entry.data.get(CONF_HARDWARE),
            serial_number=entry.data.get(CONF_SERIAL),
            sw_version=__version__,
            entry_type=DeviceEntryType.SERVICE,
        )
