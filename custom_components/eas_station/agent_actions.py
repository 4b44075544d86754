"""What can be done with an agent by its topics: try whether it decodes, start it anew.

All raise translated HomeAssistantError.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from .agent_orders import async_orders
from .const import DOMAIN
from .eas_core.agent.followed import FollowedStation
from .eas_core.agent.seen import AgentSeen
from .eas_core.agent.topics import Topics
from .eas_core.station import SourceState
from .tested import Tested, tested_there

HEARS: Final = (SourceState.HEARING, SourceState.DEGRADED)


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent by its name, and the station that follows it."""

    station: FollowedStation
    name: str


async def async_test_agent(hass: HomeAssistant, agent: Agent, place: str) -> Tested:
    """Have each station of an agent decode a test that is played nowhere; return the worst."""
    answers = await _async_order_each(hass, agent, "self_test", location=place)
    return min(map(tested_there, answers), key=lambda one: one.decoded)


async def async_restart_agent(hass: HomeAssistant, agent: Agent) -> None:
    """Have an agent close the source of each of its stations and open it again."""
    await _async_order_each(hass, agent, "restart")


async def async_restart_agents(hass: HomeAssistant, station: FollowedStation) -> None:
    """Restart all agents that are there, one after the other: the others hear meanwhile."""
    failed: HomeAssistantError | None = None
    for name, seen in [*station.fleet.agents.items()]:
        if not seen.online:
            continue
        try:
            await async_restart_agent(hass, Agent(station, name))
        except HomeAssistantError as error:
            failed = failed or error
    if failed is not None:
        raise failed


def agent_to_test(station: FollowedStation) -> Agent:
    """Return an agent that is there, of one that hears where there is any."""
    there = [seen for seen in station.fleet.agents.values() if seen.online]
    if not there:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="no_agent_connected",
            translation_placeholders={"base": station.fleet.base},
        )
    return Agent(station, min(there, key=lambda seen: not _hears(seen)).name)


def _hears(seen: AgentSeen) -> bool:
    stations = () if seen.health is None else seen.health.stations
    return any(one.state in HEARS for one in stations)


async def _async_order_each(
    hass: HomeAssistant, agent: Agent, command: str, **more: Any
) -> list[Mapping[str, Any]]:
    """Order something of each station of an agent, and return the answers."""
    fleet = agent.station.fleet
    seen = fleet.agents.get(agent.name)
    if seen is None or not seen.online:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="agent_offline",
            translation_placeholders={"agent": agent.name},
        )
    # One that has not told of its health yet is asked for its only station.
    stations = [] if seen.health is None else [one.name for one in seen.health.stations]
    orders = [{"station": one} for one in stations] or [{}]
    async with async_orders(hass, Topics(fleet.base, agent.name)) as asked:
        return [await asked.async_order(command, more | each) for each in orders]
