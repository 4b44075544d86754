"""An hour without a broker, a real Mosquitto: a line when it begins, one when it is over."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
import logging
from typing import Any
from unittest.mock import patch

from homeassistant.components.mqtt import DATA_MQTT, is_connected
from homeassistant.components.mqtt.async_client import AsyncMQTTClient
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.eas_station import agents
from custom_components.eas_station.eas_core.agent.fleet import GONE_HINT, NOBODY_HINT
from tests.integration.agent_peers import AgentsPeer, Message, honest
from tests.integration.fault_lines import lines, repairs
from tests.integration.mqtt_agents import come, follow, follow_attic, now_alert, shown
from tests.integration.waiting import seen, shown_state
from tests.peers.mosquitto import Listener, Mosquitto, listener

pytestmark = pytest.mark.usefixtures("loopback")
STATUS = "sensor.home_eas_sdr_status"
NOBODY = f"WARNING Home EAS hears nothing: {NOBODY_HINT}"
GONE = f"WARNING Home EAS hears nothing: {GONE_HINT}"
AGAIN = "INFO Home EAS hears again"
LOST = "WARNING Error returned from MQTT server: The connection was lost."


@pytest.fixture(autouse=True)
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """An hour's tries to connect take some seconds; what no user sees is not logged."""
    caplog.set_level(logging.INFO)
    with patch(
        "homeassistant.components.mqtt.client.RECONNECT_INTERVAL_SECONDS", 0.001
    ):
        yield


@pytest.fixture
def tries() -> Iterator[list[None]]:
    """Grows with each try of Home Assistant's to reach the broker again."""
    counted, reconnect = list[None](), AsyncMQTTClient.reconnect

    def count(client: AsyncMQTTClient) -> Any:
        counted.append(None)
        return reconnect(client)

    with patch.object(AsyncMQTTClient, "reconnect", count):
        yield counted


async def pass_minutes(hass: HomeAssistant, minutes: float) -> None:
    # What is under way would be too late by then.
    client = hass.data[DATA_MQTT].client
    await seen(lambda: not client._pending_operations)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=minutes))
    await hass.async_block_till_done()


def hint(hass: HomeAssistant) -> Any:
    return shown_state(hass, STATUS).attributes["hint"]


async def test_an_hour_without_a_broker_is_two_lines_and_a_repair(
    hass: HomeAssistant,
    broker: Mosquitto,
    agent: Listener,
    tries: list[None],
    with_mqtt: MockConfigEntry,
    agents_entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await follow_attic(hass, agent, agents_entry)
    caplog.clear()
    await hass.async_add_executor_job(broker.kill)
    await seen(lambda: shown(hass, STATUS) == "down")
    # So often it is tried in an hour.
    await seen(lambda: len(tries) > 360)
    await pass_minutes(hass, 6)
    assert repairs(hass) == {"source_down"}
    assert hint(hass) == GONE_HINT
    assert lines(caplog) == [LOST, GONE]
    await hass.async_add_executor_job(broker.start)
    # What is retained comes again by itself, and agents are asked what was missed.
    await seen(lambda: shown(hass, STATUS) == "hearing")
    await seen(lambda: len(agent.told("command")) == 2)
    assert not repairs(hass)
    await pass_minutes(hass, 2)
    assert lines(caplog) == [LOST, GONE, AGAIN]


async def test_a_broker_that_is_not_there_at_first_is_told_of_and_then_that_no_agent_is(
    hass: HomeAssistant,
    broker: Mosquitto,
    with_mqtt: MockConfigEntry,
    agents_entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(agents, "AGENTS_SECONDS", 0.2)
    await hass.async_add_executor_job(broker.kill)
    await seen(lambda: not is_connected(hass))
    await follow(hass, agents_entry)
    await seen(lambda: shown(hass, STATUS) == "down")
    assert hint(hass) == GONE_HINT
    await hass.async_add_executor_job(broker.start)
    # Nobody has ever told anything there.
    await seen(lambda: hint(hass) == NOBODY_HINT)
    await pass_minutes(hass, 6)
    assert repairs(hass) == {"source_down"}
    with listener(broker) as agent:
        await hass.async_add_executor_job(come, agent, "attic")
        await seen(lambda: shown(hass, STATUS) == "hearing")
    await pass_minutes(hass, 2)
    loaded = "We found a custom integration"
    told = [one for one in lines(caplog) if loaded not in one]
    assert told == [LOST, GONE, AGAIN]


async def test_recordings_that_do_not_come_are_two_lines(
    hass: HomeAssistant,
    broker: Mosquitto,
    with_mqtt: MockConfigEntry,
    agents_entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    agents_entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(agents_entry, options={"floor_mb": 0})
    await follow(hass, agents_entry)
    refusal: Message = ("answer", {"ok": False, "error": "Look at its disk."})
    alerts = [
        now_alert(event, minutes_ago)
        for event in ("TOR", "SVR")
        for minutes_ago in range(10)
    ]
    peer = AgentsPeer(broker.port)
    try:
        await asyncio.to_thread(peer.come, "attic", lambda order: [refusal])
        await seen(lambda: peer.is_asked("attic"))
        caplog.clear()
        for alert in alerts:
            await asyncio.to_thread(peer.tell, "attic", alert)
        await seen(
            lambda: len({one["alert_id"] for _, one in peer.orders}) == len(alerts)
        )
        newest = now_alert("EWW")
        peer.sends["attic"] = lambda order: honest(newest, order)
        await asyncio.to_thread(peer.tell, "attic", newest)
        await seen(lambda: "come again" in caplog.text)
    finally:
        await asyncio.to_thread(peer.close)
    assert not repairs(hass)
    assert lines(caplog) == [
        (
            "WARNING A recording of Home EAS does not come from the agent attic."
            " Look at its disk. (it is asked for again when that comes back)"
        ),
        "INFO Recordings of Home EAS come again",
    ]
