"""What all entities share: those of a station, of one of its sources."""

from typing import ClassVar, Final, override

from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.update_coordinator import CoordinatorEntity
from homeassistant.util import slugify

from .const import DOMAIN
from .coordinator import EasStationCoordinator
from .devices import channel_identity, source_identity
from .eas_core.radio.plan import RadioChannel, channel_name
from .eas_core.station import SourceState
from .source_coordinator import SourceCoordinator

NOTHING_COMES: Final = (SourceState.DOWN, SourceState.STOPPED)


class EasStationEntity(CoordinatorEntity[EasStationCoordinator]):
    """An entity of the station's device; what it shows lives on while no source hears."""

    _attr_has_entity_name = True
    _domain: ClassVar[str]

    def __init__(
        self, coordinator: EasStationCoordinator, description: EntityDescription
    ) -> None:
        """Name it by its description's key: automations rely on its id, in any language."""
        super().__init__(coordinator)
        entry = coordinator.config_entry
        self.entity_description = description
        self.entity_id = f"{self._domain}.{slugify(entry.title)}_{description.key}"
        self._attr_unique_id = f"{entry.entry_id}_{description.key}"
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, entry.entry_id)})


class _HearingEntity(CoordinatorEntity[SourceCoordinator]):
    """An entity of something that hears.

    One that needs the source is not available while nothing comes from it.
    """

    _attr_has_entity_name = True
    _domain: ClassVar[str]
    _needs_source = False

    def __init__(
        self,
        coordinator: SourceCoordinator,
        description: EntityDescription,
        identity: str,
        name: str,
    ) -> None:
        """Name it by its description's key, after the name of what hears."""
        super().__init__(coordinator)
        self.entity_description = description
        self.entity_id = f"{self._domain}.{slugify(name)}_{description.key}"
        self._attr_unique_id = f"{identity}_{description.key}"
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, identity)})

    @property
    @override
    def available(self) -> bool:
        """Whether there is something to show."""
        silent = self.coordinator.data.status.state in NOTHING_COMES
        return super().available and not (self._needs_source and silent)


class EasSourceEntity(_HearingEntity):
    """An entity of a source's device, which is the station's for the entry's own."""

    def __init__(
        self, coordinator: SourceCoordinator, description: EntityDescription
    ) -> None:
        """Name it after the station, and another source after that."""
        identity = source_identity(coordinator)
        super().__init__(coordinator, description, identity, coordinator.full_name)


class EasChannelEntity(_HearingEntity):
    """An entity of the device of a channel of weather radio."""

    _needs_source = True

    def __init__(
        self,
        coordinator: SourceCoordinator,
        description: EntityDescription,
        channel: RadioChannel,
    ) -> None:
        """Name it after the station, another source, and the frequency in MHz."""
        self.channel = channel.name
        super().__init__(
            coordinator,
            description,
            channel_identity(coordinator, channel.frequency),
            f"{coordinator.full_name} {channel_name(channel.frequency)}",
        )
