"""What all entities of an agent's device share; they are made as agents appear."""

from abc import abstractmethod
from collections import deque
from collections.abc import Callable, Iterable
from typing import ClassVar, override

from homeassistant.core import callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.device_registry import (
    ChildDeviceEntry,
    DeviceEntry,
    DeviceInfo,
)
from homeassistant.helpers.entity import Entity, EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import slugify

from .agent_actions import Agent
from .const import DOMAIN
from .coordinator import EasStationConfigEntry
from .devices import MANUFACTURER, agent_identity, source_identity
from .eas_core.agent.followed import FollowedStation
from .eas_core.agent.seen import AgentSeen
from .source_coordinator import SourceCoordinator

type AnyDevice = DeviceEntry | ChildDeviceEntry


class AgentEntity(Entity):
    """Something of one agent's, written where it is new: there may be hundreds of agents.

    One that needs the agent is not available while that is not connected.
    """

    _attr_has_entity_name = True
    _attr_should_poll = False
    _domain: ClassVar[str]
    _needs_agent = True
    _shown: object = None

    def __init__(
        self, source: SourceCoordinator, name: str, description: EntityDescription
    ) -> None:
        """Name it by its description's key, after the agent."""
        assert isinstance(source.station, FollowedStation)
        self.agent = Agent(source.station, name)
        self.source = source
        self.entity_description = description
        full_name = f"{slugify(source.full_name)}_{slugify(name)}"
        self.entity_id = f"{self._domain}.{full_name}_{description.key}"
        identity = agent_identity(source, name)
        self._attr_unique_id = f"{identity}_{description.key}"
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, identity)})

    @property
    def seen(self) -> AgentSeen | None:
        """What is known of the agent, None where it was forgotten."""
        return self.agent.station.fleet.agents.get(self.agent.name)

    @property
    @override
    def available(self) -> bool:
        """Whether there is something to show."""
        seen = self.seen
        return seen is not None and (seen.online or not self._needs_agent)

    @override
    async def async_added_to_hass(self) -> None:
        """Look at the agent from now on."""
        self._shown = (self.available, self.shown())
        self.async_on_remove(
            self.agent.station.listen_agent(self.agent.name, self._changed)
        )

    @abstractmethod
    def shown(self) -> object:
        """Return all that is shown beside whether it is available."""

    @callback
    def _changed(self, name: str) -> None:
        shown = (self.available, self.shown())
        if shown != self._shown:
            self._shown = shown
            self.async_write_ha_state()


@callback
def async_add_agents(
    source: SourceCoordinator,
    async_add_entities: AddConfigEntryEntitiesCallback,
    make: Callable[[SourceCoordinator, str], Iterable[AgentEntity]],
) -> None:
    """Add what `make` makes of each agent that a source follows, now and as they come."""
    station = source.station
    if not isinstance(station, FollowedStation):
        return
    fleet, added, waiting = station.fleet, set[str](), deque[str]()

    @callback
    def look(name: str) -> None:
        if name not in fleet.agents:
            # Its device is gone; it gets another one when it comes again.
            added.discard(name)
            if name in waiting:
                waiting.remove(name)
        elif name not in added:
            added.add(name)
            _make_device(source, name)
            if not waiting:
                source.hass.loop.call_soon(add_next)
            waiting.append(name)

    @callback
    def add_next() -> None:
        """Add one, and let the loop do other things before the next: hundreds come at once."""
        name = waiting.popleft() if waiting else None
        if waiting:
            source.hass.loop.call_soon(add_next)
        if name in added:
            async_add_entities(
                make(source, name), config_subentry_id=source.setting.subentry_id
            )

    source.config_entry.async_on_unload(station.listen_agent(None, look))
    source.config_entry.async_on_unload(waiting.clear)
    for name in fleet.agents:
        look(name)


def agent_of_device(entry: EasStationConfigEntry, device: AnyDevice) -> Agent | None:
    """Return which agent a device is, whether it was heard of or not; None where it is none."""
    for source in entry.runtime_data.sources:
        station, lead = source.station, agent_identity(source, "")
        if isinstance(station, FollowedStation):
            for _, identity in device.identifiers:
                if identity.startswith(lead):
                    return Agent(station, identity.removeprefix(lead))
    return None


@callback
def async_forget_agent(entry: EasStationConfigEntry, device: DeviceEntry) -> bool:
    """Forget the agent that a device is, and return whether that may go; one that is there stays."""
    agent = agent_of_device(entry, device)
    if agent is None:
        return False
    seen = agent.station.fleet.agents.get(agent.name)
    if seen is not None and seen.online:
        return False
    agent.station.forget(agent.name)
    return True


def _make_device(source: SourceCoordinator, name: str) -> None:
    registry, entry = dr.async_get(source.hass), source.config_entry
    station = registry.async_get_device_by_identifier(
        (DOMAIN, source_identity(source)), entry.entry_id
    )
    registry.async_get_or_create(
        config_entry_id=entry.entry_id,
        config_subentry_id=source.setting.subentry_id,
        identifiers={(DOMAIN, agent_identity(source, name))},
        name=f"{source.full_name} {name}",
        manufacturer=MANUFACTURER,
        model="Agent",
        via_device_id=None if station is None else station.id,
    )
