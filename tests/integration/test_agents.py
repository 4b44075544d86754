"""Agents tell a real Mosquitto, and Home Assistant's own MQTT brings it to the station."""

from datetime import timedelta
import json
from typing import Any

from homeassistant.config_entries import SOURCE_MQTT, ConfigEntryState
from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.service_info.mqtt import MqttServiceInfo
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.eas_station import async_remove_config_entry_device
from custom_components.eas_station.const import DOMAIN
from eas_core.agent.link import status
from eas_core.station.contract import end_fields
from eas_core.station.records import Alert, EndOfMessage
from tests.integration.forms import open_step, send
from tests.integration.mqtt_agents import (
    come,
    follow,
    follow_attic,
    now_alert,
    say,
    shown,
)
from tests.integration.waiting import seen, shown_state
from tests.peers.mosquitto import Listener

pytestmark = pytest.mark.usefixtures("loopback")


def say_end(agent: Listener, name: str, one: Alert) -> None:
    end = EndOfMessage(
        received=one.received + timedelta(seconds=40),
        channels=one.channels,
        alert_id=one.id,
        duration_s=40.0,
    )
    told = {"version": 1, "agent": name, "station": "Radio"} | end_fields(end)
    agent.publish(f"eas_station/{name}/eom", told)


@pytest.mark.usefixtures("with_mqtt")
async def test_agents_are_one_station_and_each_a_device(
    hass: HomeAssistant, agent: Listener, agents_entry: MockConfigEntry
) -> None:
    await follow_attic(hass, agent, agents_entry)
    connected = "binary_sensor.home_eas_attic_agent_connected"
    await seen(lambda: shown(hass, connected) == STATE_ON)
    assert shown_state(hass, connected).attributes["unsent"] == 2
    registry = dr.async_get(hass)
    (device,) = [
        one
        for one in dr.async_entries_for_config_entry(registry, agents_entry.entry_id)
        if one.name == "Home EAS attic"
    ]
    assert isinstance(device, dr.DeviceEntry)
    assert device.via_device_id is not None
    assert not await async_remove_config_entry_device(hass, agents_entry, device)
    gone = status("offline")
    await hass.async_add_executor_job(agent.publish, "eas_station/attic/status", gone)
    await seen(lambda: shown(hass, connected) == STATE_OFF)
    await seen(lambda: shown(hass, "sensor.home_eas_sdr_status") == "down")
    station = registry.async_get(device.via_device_id)
    assert isinstance(station, dr.DeviceEntry)
    assert not await async_remove_config_entry_device(hass, agents_entry, station)
    assert await async_remove_config_entry_device(hass, agents_entry, device)
    assert "attic" not in agents_entry.runtime_data.station.fleet.agents
    assert await hass.config_entries.async_unload(agents_entry.entry_id)


@pytest.mark.usefixtures("with_mqtt")
async def test_two_that_hear_the_same_make_one_event(
    hass: HomeAssistant, agent: Listener, agents_entry: MockConfigEntry
) -> None:
    await follow_attic(hass, agent, agents_entry)
    alerts = async_capture_events(hass, "eas_alert")
    ends = async_capture_events(hass, "eas_end_of_message")
    tornado = now_alert()

    def both() -> None:
        for name in ("attic", "barn"):
            say(agent, name, tornado)
            say_end(agent, name, tornado)

    await hass.async_add_executor_job(both)
    history = agents_entry.runtime_data.history
    await seen(lambda: bool(history.newest) and history.newest["corroborated"])
    await seen(lambda: bool(ends))
    assert [one.data["id"] for one in alerts] == [tornado.id]
    assert alerts[0].data["relevant"] is True
    assert history.newest["channels"] == ["attic 162.550", "barn 162.550"]
    assert len(ends) == 1
    assert len(history) == 1
    assert shown(hass, "binary_sensor.home_eas_warning_active") == STATE_ON


@pytest.mark.usefixtures("with_mqtt")
async def test_all_who_heard_it_are_named_though_it_ends_at_once(
    hass: HomeAssistant, agent: Listener, agents_entry: MockConfigEntry
) -> None:
    await follow_attic(hass, agent, agents_entry)
    alerts, tornado = async_capture_events(hass, "eas_alert"), now_alert()
    names = [f"agent-{number}" for number in range(20)]

    def all_of_them() -> None:
        for name in names:
            say(agent, name, tornado)

    await hass.async_add_executor_job(all_of_them)
    fleet = agents_entry.runtime_data.station.fleet
    await seen(lambda: fleet.counts["alert"] == len(names))
    # What was gathered by now is written before the entry is gone.
    assert await hass.config_entries.async_unload(agents_entry.entry_id)
    assert await hass.config_entries.async_setup(agents_entry.entry_id)
    assert [one.data["id"] for one in alerts] == [tornado.id]
    newest = agents_entry.runtime_data.history.newest
    assert newest["channels"] == [f"{name} 162.550" for name in names]


@pytest.mark.usefixtures("with_mqtt")
async def test_what_is_over_goes_to_the_history_and_sets_off_nothing(
    hass: HomeAssistant, agent: Listener, agents_entry: MockConfigEntry
) -> None:
    await follow_attic(hass, agent, agents_entry)
    alerts = async_capture_events(hass, "eas_alert")
    over, lives = now_alert("SVR", minutes_ago=45), now_alert("TOR", minutes_ago=10)

    def both() -> None:
        say(agent, "attic", over, late=True)
        say(agent, "attic", lives, late=True)
        # What was told already is told again to whoever asks.
        say(agent, "attic", over, late=True)
        say(agent, "attic", lives, late=True)

    await hass.async_add_executor_job(both)
    history = agents_entry.runtime_data.history
    await seen(lambda: len(history) == 2)
    await seen(lambda: bool(alerts))
    fleet = agents_entry.runtime_data.station.fleet
    await seen(lambda: fleet.counts["alert"] == 4)
    assert [one.data["id"] for one in alerts] == [lives.id]
    assert alerts[0].data["late"] is True
    assert len(history) == 2
    page = await history.async_page(10)
    assert [one["event_code"] for one in page["entries"]] == ["TOR", "SVR"]


@pytest.mark.usefixtures("with_mqtt")
async def test_an_agent_is_asked_for_what_was_missed(
    hass: HomeAssistant, agent: Listener, agents_entry: MockConfigEntry
) -> None:
    await follow_attic(hass, agent, agents_entry)
    await seen(lambda: bool(agent.told("command")))
    (order,) = agent.told("command")
    assert order["command"] == "replay"
    week = dt_util.utcnow() - timedelta(days=7)
    after = dt_util.parse_datetime(order["after"], raise_on_error=True)
    assert abs(after - week) < timedelta(minutes=1)
    assert order["known"] == []


@pytest.mark.usefixtures("with_mqtt")
async def test_an_agent_that_comes_anew_is_asked_anew(
    hass: HomeAssistant, agent: Listener, agents_entry: MockConfigEntry
) -> None:
    # What was asked at first, by what the broker had kept, nobody may have taken.
    await follow_attic(hass, agent, agents_entry)
    await seen(lambda: len(agent.told("command")) == 1)
    ended, lasts = now_alert(), now_alert("SVR")

    def heard() -> None:
        for one in (ended, lasts):
            say(agent, "attic", one)
        say_end(agent, "attic", ended)

    await hass.async_add_executor_job(heard)
    history = agents_entry.runtime_data.history
    await seen(lambda: bool(history.ended_since(ended.received)))
    await hass.async_add_executor_job(come, agent, "attic")
    await seen(lambda: len(agent.told("command")) == 2)
    assert agent.told("command")[1]["known"] == [ended.id]


@pytest.mark.usefixtures("with_mqtt")
async def test_what_is_delivered_twice_or_out_of_order_is_told_once_and_in_order(
    hass: HomeAssistant, agent: Listener, agents_entry: MockConfigEntry
) -> None:
    await follow_attic(hass, agent, agents_entry)
    told: list[str] = []

    @callback
    def note(event: Event[Any]) -> None:
        told.append(str(event.event_type))

    for kind in ("eas_alert", "eas_end_of_message"):
        hass.bus.async_listen(kind, note)
    tornado, last = now_alert(minutes_ago=1), now_alert("SVR")

    def mixed() -> None:
        for _ in range(2):
            say_end(agent, "attic", tornado)
            say(agent, "attic", tornado)
        say(agent, "attic", last)

    await hass.async_add_executor_job(mixed)
    history = agents_entry.runtime_data.history
    await seen(lambda: len(history) == 2)
    assert told == ["eas_alert", "eas_end_of_message", "eas_alert"]
    entry = await history.async_get(tornado.id)
    assert entry is not None
    assert entry["ended"] is not None


@pytest.mark.usefixtures("with_mqtt")
async def test_the_end_of_what_came_too_late_is_no_event_either(
    hass: HomeAssistant, agent: Listener, agents_entry: MockConfigEntry
) -> None:
    await follow_attic(hass, agent, agents_entry)
    alerts = async_capture_events(hass, "eas_alert")
    ends = async_capture_events(hass, "eas_end_of_message")
    over, lives = now_alert("SVR", minutes_ago=45), now_alert(minutes_ago=5)

    def both() -> None:
        for one in (over, lives):
            say(agent, "attic", one, late=True)
            say_end(agent, "attic", one)

    await hass.async_add_executor_job(both)
    await seen(lambda: bool(ends))
    assert [one.data["id"] for one in alerts] == [lives.id]
    assert [one.data["alert_id"] for one in ends] == [lives.id]
    history = agents_entry.runtime_data.history
    assert {*history.ended_since(over.received)} == {over.id, lives.id}


async def test_without_a_broker_it_says_what_to_do_and_waits(
    hass: HomeAssistant, agents_entry: MockConfigEntry
) -> None:
    await follow(hass, agents_entry)
    await seen(lambda: shown(hass, "sensor.home_eas_sdr_status") == "down")
    hint = shown_state(hass, "sensor.home_eas_sdr_status").attributes["hint"]
    assert "MQTT" in hint
    assert agents_entry.state is ConfigEntryState.LOADED
    assert await hass.config_entries.async_unload(agents_entry.entry_id)


@pytest.mark.usefixtures("no_setup", "with_mqtt", "in_cleveland")
async def test_agents_are_set_up_by_their_base(hass: HomeAssistant) -> None:
    form = await open_step(hass, "agents")
    typed = {"name": "Home EAS", "locations": ["039035"], "base_topic": "a/#"}
    form = await send(hass, form["flow_id"], typed)
    assert form["errors"] == {"base_topic": "invalid_base"}
    made = await send(hass, form["flow_id"], typed | {"base_topic": " county/eas/ "})
    assert made["data"]["base_topic"] == "county/eas"
    assert made["result"].unique_id == "agents:county/eas"


@pytest.mark.usefixtures("no_setup", "in_cleveland")
async def test_without_mqtt_there_is_nothing_to_set_up(hass: HomeAssistant) -> None:
    flow = await hass.config_entries.flow.async_init(DOMAIN, context={"source": "user"})
    form = await send(hass, flow["flow_id"], {"next_step_id": "agents"})
    assert form["errors"] == {"base": "no_mqtt"}


def discovered(topic: str) -> MqttServiceInfo:
    return MqttServiceInfo(
        topic=topic,
        payload=json.dumps(status("online")),
        qos=1,
        retain=True,
        subscribed_topic="eas_station/+/status",
        timestamp=0.0,
    )


@pytest.mark.usefixtures("no_setup", "with_mqtt", "in_cleveland")
async def test_an_agent_at_the_broker_is_offered_once(hass: HomeAssistant) -> None:
    async def found(topic: str) -> Any:
        return await hass.config_entries.flow.async_init(
            DOMAIN, context={"source": SOURCE_MQTT}, data=discovered(topic)
        )

    form = await found("eas_station/attic/status")
    assert form["step_id"] == "agents"
    assert (await found("eas_station/barn/status"))["reason"] == "already_in_progress"
    assert (await found("eas_station/BARN/status"))["reason"] == "no_agent"
    typed = {"name": "Home EAS", "locations": [], "base_topic": "eas_station"}
    made = await send(hass, form["flow_id"], typed)
    assert made["type"] == "create_entry"
    assert (await found("eas_station/barn/status"))["reason"] == "already_configured"
