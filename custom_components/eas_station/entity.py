"""What all entities of a station share."""

from typing import ClassVar, Final, override

from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.update_coordinator import CoordinatorEntity
from homeassistant.util import slugify

from .const import CONF_HARDWARE, CONF_SERIAL, CONF_SOURCE, DOMAIN
from .coordinator import EasStationCoordinator
from .eas_core import __version__
from .eas_core.station import SourceState
from .sources import MODELS

NOTHING_COMES: Final = (SourceState.DOWN, SourceState.STOPPED)


class EasStationEntity(CoordinatorEntity[EasStationCoordinator]):
    """An entity of the station's device.

    One that needs the source is not available while nothing comes from it;
    alerts live on.
    """

    _attr_has_entity_name = True
    _domain: ClassVar[str]
    _needs_source = False

    def __init__(
        self, coordinator: EasStationCoordinator, description: EntityDescription
    ) -> None:
        """Name it by its description's key: automations rely on its id, in any language."""
        super().__init__(coordinator)
        entry = coordinator.config_entry
        self.entity_description = description
        self.entity_id = f"{self._domain}.{slugify(entry.title)}_{description.key}"
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

    @property
    @override
    def available(self) -> bool:
        """Whether there is something to show."""
        silent = self.coordinator.data.status.state in NOTHING_COMES
        return super().available and not (self._needs_source and silent)
