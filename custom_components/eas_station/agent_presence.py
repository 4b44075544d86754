"""Whether each agent is there, and whether something is wrong with it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final, override

from homeassistant.components.binary_sensor import (
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.const import EntityCategory
from homeassistant.core import callback
from homeassistant.helpers import device_registry as dr

from .agent_entity import AgentEntity
from .eas_core.agent.reading import AgentStation
from .eas_core.agent.seen import AgentSeen
from .eas_core.station import SourceState
from .source_coordinator import SourceCoordinator

BAD: Final = (SourceState.DOWN, SourceState.DEGRADED, SourceState.NO_SIGNAL)
LASTS: Final = timedelta(seconds=60)
"""What is mended by itself within this time is no problem."""

CONNECTED: Final = BinarySensorEntityDescription(
    key="agent_connected",
    translation_key="agent_connected",
    device_class=BinarySensorDeviceClass.CONNECTIVITY,
    entity_category=EntityCategory.DIAGNOSTIC,
)
PROBLEM: Final = BinarySensorEntityDescription(
    key="problem",
    translation_key="problem",
    device_class=BinarySensorDeviceClass.PROBLEM,
    entity_category=EntityCategory.DIAGNOSTIC,
)


def agent_binary_sensors(source: SourceCoordinator, name: str) -> Iterator[AgentEntity]:
    """Make those of an agent."""
    yield AgentConnected(source, name, CONNECTED)
    yield AgentProblem(source, name, PROBLEM)


class AgentConnected(AgentEntity, BinarySensorEntity):
    """Whether an agent is connected to the broker."""

    _domain = "binary_sensor"
    _needs_agent = False
    _software = ""

    @property
    @override
    def is_on(self) -> bool:
        """Whether it is there."""
        return self.seen is not None and self.seen.online

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """Return since when, what it runs, and what keeps it from telling all."""
        seen = self.seen
        if seen is None:
            return {}
        health = seen.health
        faults = [one.text for one in self.agent.station.fleet.faults_of(seen.name)]
        problem = health.spool_problem if health else None
        return {
            "since": seen.since.isoformat(timespec="seconds"),
            "software": seen.software,
            "stations": [one.name for one in health.stations] if health else [],
            "unsent": health.unsent if health else None,
            "problem": " ".join(faults) or problem,
        }

    @override
    async def async_added_to_hass(self) -> None:
        """Look at the agent from now on."""
        await super().async_added_to_hass()
        self._show_software()

    @override
    def shown(self) -> object:
        """Return all that is shown."""
        return (self.is_on, self.extra_state_attributes)

    @callback
    @override
    def _changed(self, name: str) -> None:
        self._show_software()
        super()._changed(name)

    def _show_software(self) -> None:
        seen = self.seen
        software = "" if seen is None else seen.software
        if software != self._software and self.device_entry is not None:
            self._software = software
            dr.async_get(self.hass).async_update_device(
                self.device_entry.id, sw_version=software
            )


class AgentProblem(AgentEntity, BinarySensorEntity):
    """Whether an agent that is there does not hear well, or cannot be read or trusted."""

    _domain = "binary_sensor"

    @property
    @override
    def is_on(self) -> bool:
        """Whether something is wrong."""
        seen = self.seen
        if seen is None:
            return False
        return (
            seen.clock.off is not None
            or bool(self.agent.station.fleet.faults_of(seen.name))
            or (seen.health is not None and seen.health.spool_problem is not None)
            or any(_is_bad(seen, one) for one in _stations(seen))
        )

    @override
    def shown(self) -> object:
        """Return all that is shown."""
        return self.is_on


def _stations(seen: AgentSeen) -> tuple[AgentStation, ...]:
    return () if seen.health is None else seen.health.stations


def _is_bad(seen: AgentSeen, station: AgentStation) -> bool:
    """Whether a station has heard badly for a while, by its own clock."""
    at = None if seen.health is None else seen.health.at
    return station.state in BAD and (at is None or at - station.since >= LASTS)
