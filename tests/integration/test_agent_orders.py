"""Agents are ordered a self-test and a restart, and what they answer is told."""

from collections.abc import Coroutine
from pathlib import Path
from typing import Any
from unittest.mock import patch

from homeassistant.components.button.const import DOMAIN as BUTTON, SERVICE_PRESS
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.eas_station import agent_orders
from custom_components.eas_station.const import DOMAIN
from eas_core.agent.link import status
from tests.integration.calling import call, told
from tests.integration.mqtt_agents import follow, follow_attic, running_agent, shown
from tests.integration.waiting import seen
from tests.peers.mosquitto import Listener, Mosquitto

pytestmark = pytest.mark.usefixtures("with_mqtt")


async def press(hass: HomeAssistant, key: str) -> None:
    data = {ATTR_ENTITY_ID: f"button.home_eas_attic_{key}"}
    await hass.services.async_call(BUTTON, SERVICE_PRESS, data, blocking=True)


def device_of(hass: HomeAssistant, entry: MockConfigEntry) -> str:
    registry = dr.async_get(hass)
    (device,) = [
        one.id
        for one in dr.async_entries_for_config_entry(registry, entry.entry_id)
        if one.name == "Home EAS attic"
    ]
    return device


async def test_each_station_of_an_agent_makes_a_test_that_comes_as_an_alert(
    hass: HomeAssistant,
    tmp_path: Path,
    broker: Mosquitto,
    agents_entry: MockConfigEntry,
) -> None:
    events = async_capture_events(hass, "eas_alert")
    with running_agent(tmp_path / "agent", broker, "Roof", "Cellar"):
        await follow(hass, agents_entry)
        await seen(lambda: shown(hass, "sensor.home_eas_sdr_status") == "hearing")
        await press(hass, "self_test")
        await seen(lambda: len(events) == 2)
        assert all(one.data["self_test"] for one in events)
        # The place of the user's, not the agent's own.
        assert "039035" in events[0].data["header"]
        for data in ({"device_id": device_of(hass, agents_entry)}, {}):
            made = await call(hass, "self_test", data)
            assert made["decoded"] is True
            assert "039035" in made["header"]
            assert made["alert_id"] is None
        assert await hass.config_entries.async_unload(agents_entry.entry_id)


async def test_an_agent_is_restarted(
    hass: HomeAssistant, agent: Listener, agents_entry: MockConfigEntry
) -> None:
    """What is ordered, and that only the answer to the order is taken for it."""
    await follow_attic(hass, agent, agents_entry)
    topic = "eas_station/attic/answer"

    def answer_the_last() -> None:
        order = orders()[-1]
        said = {"version": 1, "id": order["id"], "command": "restart"}
        agent.publish(topic, b"rubbish")
        agent.publish(topic, said | {"id": "another", "ok": False, "error": "No."})
        agent.publish(topic, said | {"ok": True, "result": {}})

    def orders() -> list[dict[str, object]]:
        told = agent.told("command")
        return [one for one in told if one["command"] == "restart"]

    async def answered(action: Coroutine[Any, Any, Any]) -> None:
        before = len(orders())
        ordered = hass.async_create_task(action)
        await seen(lambda: len(orders()) > before)
        await hass.async_add_executor_job(answer_the_last)
        await ordered

    def restart(data: dict[str, str]) -> Coroutine[Any, Any, Any]:
        return hass.services.async_call(DOMAIN, "restart_source", data, blocking=True)

    await answered(press(hass, "restart_source"))
    await answered(restart({"device_id": device_of(hass, agents_entry)}))
    await answered(restart({}))
    assert {one["station"] for one in orders()} == {"Radio"}
    assert len({one["id"] for one in orders()}) == 3
    assert await hass.config_entries.async_unload(agents_entry.entry_id)


async def test_an_agent_that_says_no_or_nothing_is_an_error_that_says_so(
    hass: HomeAssistant, agent: Listener, agents_entry: MockConfigEntry
) -> None:
    await follow_attic(hass, agent, agents_entry)

    def refuse() -> None:
        (order,) = [
            one for one in agent.told("command") if one["command"] == "self_test"
        ]
        said = {"version": 1, "id": order["id"], "ok": False, "error": "Start it."}
        agent.publish("eas_station/attic/answer", said)

    def ordered() -> bool:
        return any(one["command"] == "self_test" for one in agent.told("command"))

    test = hass.async_create_task(press(hass, "self_test"))
    await seen(ordered)
    await hass.async_add_executor_job(refuse)
    with pytest.raises(HomeAssistantError) as failed:
        await test
    assert await told(failed.value, hass) == "The agent attic says: Start it."
    with (
        patch.object(agent_orders.AgentOrders.async_order, "__defaults__", (0.2,)),
        pytest.raises(HomeAssistantError) as failed,
    ):
        await press(hass, "restart_source")
    assert "attic did not answer" in await told(failed.value, hass)
    device = device_of(hass, agents_entry)
    gone = status("offline")
    await hass.async_add_executor_job(agent.publish, "eas_station/attic/status", gone)
    await seen(lambda: shown(hass, "button.home_eas_attic_self_test") == "unavailable")
    for data, text in (
        ({}, "No agent is connected"),
        ({"device_id": device}, "The agent attic is not connected"),
    ):
        with pytest.raises(HomeAssistantError) as failed:
            await call(hass, "self_test", data)
        assert (await told(failed.value, hass)).startswith(text)
    assert await hass.config_entries.async_unload(agents_entry.entry_id)
