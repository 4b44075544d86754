"""A broker that is away, and agents whose recordings do not come, at a real Mosquitto."""

from datetime import timedelta
import logging
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from tests.integration.fault_lines import lines, repairs
from tests.integration.mqtt_agents import follow_attic, shown
from tests.integration.waiting import seen
from tests.peers.mosquitto import Listener, Mosquitto

pytestmark = pytest.mark.usefixtures("loopback")
STATUS = "sensor.home_eas_sdr_status"
NOBODY = (
    "WARNING Home EAS hears nothing:"
    " No agent is connected to the broker: start one, or look at its log."
)
AGAIN = "INFO Home EAS hears again"


async def pass_minutes(hass: HomeAssistant, minutes: float) -> None:
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=minutes))
    await hass.async_block_till_done()


async def test_an_hour_without_a_broker_is_two_lines_and_a_repair(
    hass: HomeAssistant,
    broker: Mosquitto,
    agent: Listener,
    with_mqtt: MockConfigEntry,
    agents_entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    tries = 0

    def count(client: Any) -> Any:
        nonlocal tries
        tries += 1
        return reconnect(client)

    from homeassistant.components.mqtt.async_client import AsyncMQTTClient

    reconnect = AsyncMQTTClient.reconnect
    caplog.set_level(logging.INFO)
    # In an hour it is tried 360 times.
    with (
        patch("homeassistant.components.mqtt.client.RECONNECT_INTERVAL_SECONDS", 0.005),
        patch.object(AsyncMQTTClient, "reconnect", count),
    ):
        await follow_attic(hass, agent, agents_entry)
        caplog.clear()
        await hass.async_add_executor_job(broker.kill)
        await seen(lambda: shown(hass, STATUS) == "down")
        await seen(lambda: tries > 360)
        await pass_minutes(hass, 6)
        assert repairs(hass) == {"source_down"}
        assert lines(caplog) == [NOBODY]
        await hass.async_add_executor_job(broker.start)
        await seen(lambda: shown(hass, STATUS) == "hearing")
    assert not repairs(hass)
    await pass_minutes(hass, 6)
    assert lines(caplog) == [NOBODY, AGAIN]
