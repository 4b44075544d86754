"""Agents at a real Mosquitto, and a station of Home Assistant's that follows them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
import threading
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.eas_station.eas_core.station import SourceState
from eas_core.agent.agent import Agent
from eas_core.agent.config import AgentConfig
from eas_core.agent.health import station_health
from eas_core.agent.link import status
from eas_core.agent.supervisor import Supervisor
from eas_core.clock import Clock
from eas_core.sources.simulator import SimulatorSource
from eas_core.station.contract import alert_fields
from eas_core.station.options import StationOptions
from eas_core.station.records import Alert
from eas_core.station.station import Station
from tests.core.agent.told import ToldStation, alert as made_alert, config
from tests.integration.waiting import seen
from tests.peers.mosquitto import Listener, Mosquitto


async def follow(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)


async def follow_attic(
    hass: HomeAssistant, agent: Listener, entry: MockConfigEntry
) -> None:
    """Follow agents, of which one is heard of."""
    await hass.async_add_executor_job(come, agent, "attic")
    await follow(hass, entry)
    await seen(lambda: shown(hass, "sensor.home_eas_sdr_status") == "hearing")
    # It is asked for what was missed once nothing can be missed any more.
    await seen(lambda: bool(agent.told("command")))


def now_alert(event: str = "TOR", minutes_ago: int = 0) -> Alert:
    """An alert that was issued so long ago, and lives for half an hour."""
    issued = dt_util.utcnow() - timedelta(minutes=minutes_ago)
    header = f"ZCZC-WXR-{event}-039035+0030-{issued:%j%H%M}-KCLE/NWS-"
    return replace(made_alert(event, header=header, now=issued), received=issued)


def say(agent: Listener, name: str, one: Alert, **more: object) -> None:
    told = {"version": 1, "agent": name, "station": "Radio"} | alert_fields(one)
    agent.publish(f"eas_station/{name}/alert", told | more)


def health(state: SourceState) -> dict[str, Any]:
    station = station_health("Radio", ToldStation())
    station["channels"][0] |= {"state": state, "channel": "162.550"}
    return {"version": 1, "kept": 0, "unsent": 2, "stations": [station]}


def come(agent: Listener, name: str) -> None:
    topic = f"eas_station/{name}"
    agent.publish(f"{topic}/status", status("online", ["Radio"]), retain=True)
    agent.publish(f"{topic}/health", health(SourceState.HEARING), retain=True)


def shown(hass: HomeAssistant, entity_id: str) -> str | None:
    state = hass.states.get(entity_id)
    return None if state is None else state.state


@contextmanager
def running_agent(
    folder: Path,
    broker: Mosquitto,
    *stations: str,
    clock: Clock | None = None,
    **more: Any,
) -> Iterator[None]:
    """Run an agent named attic, whose stations hear the simulator."""
    settings: AgentConfig = replace(config(folder, broker.port), **more)
    stop = threading.Event()
    heard = {
        name: Station(
            SimulatorSource(["039035"], first_alert_seconds=3600),
            StationOptions(name=name),
            clock,
        )
        for name in stations
    }
    agent = Agent(settings, heard, Supervisor({}), clock)
    thread = threading.Thread(target=agent.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        agent.wake()
        thread.join(20)
        assert not thread.is_alive()
