"""Whether each agent is there: a device and a binary sensor of its own, made as agents appear."""

from typing import Any, Final, override

from homeassistant.components.binary_sensor import (
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.const import EntityCategory
from homeassistant.core import callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.update_coordinator import CoordinatorEntity
from homeassistant.util import slugify

from .const import DOMAIN
from .coordinator import EasStationConfigEntry
from .devices import MANUFACTURER, source_identity
from .eas_core.agent.fleet import AgentSeen
from .eas_core.agent.followed import FollowedStation
from .source_coordinator import SourceCoordinator

CONNECTED: Final = BinarySensorEntityDescription(
    key="agent_connected",
    translation_key="agent_connected",
    device_class=BinarySensorDeviceClass.CONNECTIVITY,
    entity_category=EntityCategory.DIAGNOSTIC,
)


@callback
def async_add_agents(
    source: SourceCoordinator, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add what shows each agent that a source follows, now and as they come."""
    station = source.station
    if not isinstance(station, FollowedStation):
        return
    fleet, added = station.fleet, set[str]()

    @callback
    def add() -> None:
        new = [name for name in fleet.agents if name not in added]
        added.update(new)
        if new:
            async_add_entities(
                [AgentConnected(source, name) for name in new],
                config_subentry_id=source.setting.subentry_id,
            )

    source.config_entry.async_on_unload(source.async_add_listener(add))
    add()


@callback
def async_forget_agent(entry: EasStationConfigEntry, device: dr.DeviceEntry) -> bool:
    """Forget the agent that a device is, and return whether that may go; one that is there stays."""
    for source in entry.runtime_data.sources:
        station = source.station
        if not isinstance(station, FollowedStation):
            continue
        for name, seen in [*station.fleet.agents.items()]:
            if (DOMAIN, _identity(source, name)) in device.identifiers:
                if not seen.online:
                    station.fleet.forget(name)
                return not seen.online
    # The device of an agent that nobody has heard of since the start.
    return any("_agent_" in identity for _, identity in device.identifiers)


def _identity(source: SourceCoordinator, name: str) -> str:
    return f"{source_identity(source)}_agent_{name}"


class AgentConnected(CoordinatorEntity[SourceCoordinator], BinarySensorEntity):
    """Whether an agent is connected to the broker."""

    _attr_has_entity_name = True
    entity_description = CONNECTED

    def __init__(self, source: SourceCoordinator, name: str) -> None:
        """Name it after the agent."""
        super().__init__(source)
        self._name = name
        self._shown = self._seen
        identity = _identity(source, name)
        self.entity_id = (
            f"binary_sensor.{slugify(source.full_name)}_{slugify(name)}_{CONNECTED.key}"
        )
        self._attr_unique_id = f"{identity}_{CONNECTED.key}"
        registry = dr.async_get(source.hass)
        station = registry.async_get_device_by_identifier(
            (DOMAIN, source_identity(source)), source.config_entry.entry_id
        )
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, identity)},
            name=f"{source.full_name} {name}",
            manufacturer=MANUFACTURER,
            model="Agent",
        )
        if station is not None:
            self._attr_device_info["via_device_id"] = station.id

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Show what is new of this one: there may be hundreds."""
        seen = self._seen
        if seen != self._shown:
            self._shown = seen
            super()._handle_coordinator_update()

    @property
    def _seen(self) -> AgentSeen | None:
        station = self.coordinator.station
        assert isinstance(station, FollowedStation)
        return station.fleet.agents.get(self._name)

    @property
    @override
    def is_on(self) -> bool:
        """Whether it is there."""
        return self._seen is not None and self._seen.online

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """Return since when, what it runs, and what keeps it from telling all."""
        seen = self._seen
        if seen is None:
            return {}
        health = seen.health
        return {
            "since": seen.since.isoformat(timespec="seconds"),
            "software": seen.software,
            "stations": [one.name for one in health.stations] if health else [],
            "unsent": health.unsent if health else None,
            "problem": seen.newer or (health.spool_problem if health else None),
        }
