"""Without this integration Home Assistant's own MQTT finds an agent by its discovery payload."""

from dataclasses import replace
import json
from pathlib import Path
from typing import Any

from homeassistant.components.button.const import DOMAIN as BUTTON, SERVICE_PRESS
from homeassistant.const import ATTR_ENTITY_ID, STATE_OFF, STATE_ON, STATE_UNAVAILABLE
from homeassistant.core import Event, HomeAssistant, State, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest

from eas_core.agent.discovery import PREFIX, device_payload
from eas_core.agent.topics import Topics
from eas_core.radio.plan import nwr_plan
from eas_core.sources.simulator import SimulatorSource
from eas_core.station.contract import alert_fields
from eas_core.station.options import StationOptions
from eas_core.station.station import Station
from tests.integration.mqtt_agents import now_alert, running_agent, say, shown
from tests.integration.waiting import seen, shown_state
from tests.peers.mosquitto import Listener, Mosquitto

TOPIC = f"{PREFIX}/device/eas_station_attic/config"


@pytest.fixture
def mqtt_options() -> dict[str, Any]:
    return {"discovery": True, "discovery_prefix": PREFIX, "birth_message": {}}


def of_mqtt(hass: HomeAssistant) -> set[str]:
    entities = er.async_get(hass).entities.values()
    return {one.entity_id for one in entities if one.platform == "mqtt"}


@pytest.mark.usefixtures("with_mqtt")
async def test_an_agent_is_a_device_that_hears_and_can_be_tested(
    hass: HomeAssistant, tmp_path: Path, broker: Mosquitto, agent: Listener
) -> None:
    folder = tmp_path / "agent"
    with running_agent(folder, broker, "Roof", discovery=PREFIX):
        await seen(lambda: shown(hass, "sensor.eas_attic_source_status") == "hearing")
        assert of_mqtt(hass) == {
            "binary_sensor.eas_attic_connected",
            "button.eas_attic_self_test",
            "event.eas_attic_alert",
            "sensor.eas_attic_audio_level",
            "sensor.eas_attic_source_status",
        }
        assert shown(hass, "binary_sensor.eas_attic_connected") == STATE_ON
        (device,) = dr.async_get(hass).devices
        assert (device.name, device.manufacturer) == ("EAS attic", "EAS Station")
        data = {ATTR_ENTITY_ID: "button.eas_attic_self_test"}
        await hass.services.async_call(BUTTON, SERVICE_PRESS, data, blocking=True)
        await seen(lambda: shown(hass, "event.eas_attic_alert") != "unknown")
        alert = shown_state(hass, "event.eas_attic_alert").attributes
        assert alert["event_type"] == "test"
        assert alert["event"] == "Required Weekly Test"
        assert alert["self_test"] is True
    await seen(lambda: shown(hass, "binary_sensor.eas_attic_connected") == STATE_OFF)
    assert shown(hass, "sensor.eas_attic_source_status") == STATE_UNAVAILABLE
    # Turned off again: it is taken back, once.
    for _ in range(2):
        with running_agent(folder, broker, "Roof"):
            await seen(lambda: agent.told("status")[-1]["state"] == "online")
            await seen(lambda: not of_mqtt(hass))
            await seen(lambda: not (folder / "discovered").exists())
    assert [payload for topic, payload, _ in agent.heard if topic == TOPIC][1:] == [b""]


@pytest.mark.usefixtures("with_mqtt")
async def test_what_it_says_of_alerts_and_signals(
    hass: HomeAssistant, agent: Listener
) -> None:
    """Of two stations, one of which is a radio, by hand."""
    topics = Topics("eas_station", "attic")
    stations = {
        name: Station(
            SimulatorSource(["039035"]), StationOptions(name=name, radio=plan)
        )
        for name, plan in (("Roof \"1'", nwr_plan()), ("Cellar", None))
    }

    def say_all() -> None:
        agent.publish(TOPIC, device_payload(topics, stations), retain=True)
        agent.publish(topics.status, {"state": "online"}, retain=True)

    await hass.async_add_executor_job(say_all)
    event = "event.eas_attic_alert"
    await seen(lambda: shown(hass, event) == "unknown")
    signal = "sensor.eas_attic_roof_1_signal_to_noise_ratio"
    await seen(lambda: shown(hass, signal) == "unknown")

    def health(*snr: float | None) -> dict[str, Any]:
        channels = [{"snr_db": one, "level_dbfs": -20.0} for one in snr]
        empty = {"state": "down", "channels": []}
        return {"stations": [{"state": "hearing", "channels": channels}, empty]}

    async def told(topic: str, payload: object) -> None:
        await hass.async_add_executor_job(agent.publish, topic, payload)

    await told(topics.health, health(None, 12.5, 24.0))
    await seen(lambda: shown(hass, signal) == "24.0")
    assert shown(hass, "sensor.eas_attic_cellar_audio_level") == "unknown"
    assert shown(hass, "sensor.eas_attic_cellar_source_status") == "down"
    await told(topics.health, health(None))
    await seen(lambda: shown(hass, signal) == "unknown")

    lives, over = now_alert("TOR"), now_alert("SVR", minutes_ago=45)
    unknown = replace(now_alert("FFW"), significance="of a later table")

    def last() -> State:
        return shown_state(hass, event)

    happened = dict[str, str]()

    @callback
    def note(changed: Event[Any]) -> None:
        new = changed.data["new_state"]
        if new.entity_id == event and new.attributes.get("event_type"):
            # Its state is when it happened.
            happened[new.state] = new.attributes["event_type"]

    hass.bus.async_listen("state_changed", note)

    def say_alerts() -> None:
        say(agent, "attic", lives)
        say(agent, "attic", lives, update=True)
        say(agent, "attic", over, late=True)

    await hass.async_add_executor_job(say_alerts)
    await seen(lambda: last().attributes.get("event") == "Tornado Warning")
    assert last().attributes["locations"] == alert_fields(lives)["locations"]
    await hass.async_add_executor_job(say, agent, "attic", unknown)
    await seen(lambda: last().attributes["event_type"] == "unknown")
    # None of what was known, or over when it came.
    assert [*happened.values()] == ["warning", "unknown"]
    (press,) = [
        one["payload_press"]
        for one in device_payload(topics, stations)["components"].values()
        if one["name"] == "Cellar Self-test"
    ]
    assert json.loads(press)["station"] == "Cellar"
