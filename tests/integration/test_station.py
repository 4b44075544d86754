"""From audio to Home Assistant's bus and states, and an end that leaves nothing."""

from datetime import datetime, timedelta

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Event, HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.eas_station.const import (
    DOMAIN,
    EVENT_ALERT,
    EVENT_END_OF_MESSAGE,
)
from tests.integration.waiting import shown_state, station_threads, until

CONTRACT = [
    "id",
    "entry_id",
    "device_id",
    "station",
    "channels",
    "header",
    "originator",
    "originator_name",
    "event_code",
    "event",
    "significance",
    "locations",
    "issued",
    "expires",
    "time_valid",
    "purge_minutes",
    "sender",
    "received",
    "late",
    "confidence",
    "partial",
    "best_guess",
    "bursts",
    "corroborated",
    "test",
    "self_test",
    "relevant",
    "reason",
    "message",
    "recording",
]
END_CONTRACT = [
    "entry_id",
    "device_id",
    "station",
    "channels",
    "alert_id",
    "received",
    "duration_s",
    "recording",
]


async def test_a_recording_becomes_one_event_by_the_contract(
    hass: HomeAssistant, file_entry: MockConfigEntry, header: str
) -> None:
    alerts = async_capture_events(hass, EVENT_ALERT)
    ends = async_capture_events(hass, EVENT_END_OF_MESSAGE)
    file_entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(file_entry.entry_id)
    await until(hass, lambda: bool(ends))
    await until(
        hass, lambda: shown_state(hass, "sensor.home_eas_sdr_status").state == "stopped"
    )

    (alert,) = alerts
    assert sorted(alert.data) == sorted(CONTRACT)
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, file_entry.entry_id), file_entry.entry_id
    )
    assert device is not None
    expected = {
        "entry_id": "file_entry",
        "device_id": device.id,
        "station": "Home EAS",
        "channels": ["main"],
        "header": header,
        "best_guess": header,
        "partial": False,
        "originator": "WXR",
        "originator_name": "National Weather Service",
        "event_code": "TOR",
        "event": "Tornado Warning",
        "significance": "warning",
        "locations": [
            {"code": "039035", "name": "Cuyahoga County", "state": "OH", "part": 0},
            {"code": "039173", "name": "Wood County", "state": "OH", "part": 0},
        ],
        "time_valid": True,
        "purge_minutes": 30,
        "sender": "KCLE/NWS",
        "late": False,
        "bursts": 2,
        "corroborated": False,
        "test": False,
        "self_test": False,
        "relevant": True,
        "reason": "location",
    }
    assert {key: alert.data[key] for key in expected} == expected
    there = "media-source://eas_station/file_entry/"
    assert str(alert.data["recording"]).startswith(there)
    issued = datetime.fromisoformat(alert.data["issued"])
    received = datetime.fromisoformat(alert.data["received"])
    assert issued.utcoffset() == received.utcoffset() == timedelta(0)
    assert abs(received - issued) < timedelta(minutes=2)
    assert datetime.fromisoformat(alert.data["expires"]) == issued + timedelta(
        minutes=30
    )
    assert 0.99 < alert.data["confidence"] <= 1
    assert (
        "Tornado Warning for Cuyahoga County and Wood County, OH"
        in (alert.data["message"])
    )

    (end,) = ends
    assert sorted(end.data) == sorted(END_CONTRACT)
    assert end.data["alert_id"] == alert.data["id"]
    assert 4 < end.data["duration_s"] < 12

    shown = shown_state(hass, "sensor.home_eas_last_alert")
    assert shown.state == "Tornado Warning"
    assert shown.attributes["id"] == alert.data["id"]
    assert (
        shown_state(hass, "sensor.home_eas_sdr_status").attributes["reason"] == "ended"
    )
    assert station_threads() == []


async def test_the_simulator_is_heard(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    simulator_entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(simulator_entry.entry_id)
    await until(hass, lambda: len(station_threads()) == 3)
    await until(
        hass, lambda: shown_state(hass, "sensor.home_eas_sdr_status").state == "hearing"
    )
    await until(
        hass,
        lambda: shown_state(hass, "sensor.home_eas_audio_level").state != "unknown",
    )
    level = shown_state(hass, "sensor.home_eas_audio_level")
    assert -70 < float(level.state) < 0
    assert level.attributes["unit_of_measurement"] == "dBFS"
    assert level.attributes["state_class"] == "measurement"
    assert level.attributes["friendly_name"] == "Home EAS Audio level"
    status = shown_state(hass, "sensor.home_eas_sdr_status")
    assert status.attributes["friendly_name"] == "Home EAS Source status"
    assert shown_state(hass, "sensor.home_eas_last_alert").state == "unknown"
    assert await hass.config_entries.async_unload(simulator_entry.entry_id)


async def test_a_first_warning_of_the_simulator_is_an_alert_for_home(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    alerts = async_capture_events(hass, EVENT_ALERT)
    simulator_entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(
        simulator_entry, data={**simulator_entry.data, "first_alert_seconds": 1}
    )
    assert await hass.config_entries.async_setup(simulator_entry.entry_id)
    await until(hass, lambda: bool(alerts))
    assert alerts[0].data["event_code"] == "TOR"
    assert alerts[0].data["relevant"]
    assert await hass.config_entries.async_unload(simulator_entry.entry_id)


async def test_unload_reload_and_remove_leave_no_thread(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    simulator_entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(simulator_entry.entry_id)
    assert await hass.config_entries.async_reload(simulator_entry.entry_id)
    assert simulator_entry.state is ConfigEntryState.LOADED
    await until(hass, lambda: len(station_threads()) == 3)
    assert await hass.config_entries.async_unload(simulator_entry.entry_id)
    assert station_threads() == []
    assert shown_state(hass, "sensor.home_eas_sdr_status").state == "unavailable"
    assert await hass.config_entries.async_setup(simulator_entry.entry_id)
    assert await hass.config_entries.async_remove(simulator_entry.entry_id)
    assert station_threads() == []
    assert (
        er.async_entries_for_config_entry(er.async_get(hass), simulator_entry.entry_id)
        == []
    )


async def test_home_assistants_stop_ends_the_station(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    simulator_entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(simulator_entry.entry_id)
    await until(hass, lambda: len(station_threads()) == 3)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    assert station_threads() == []


async def test_a_file_that_is_gone_is_down_and_says_what_to_do(
    hass: HomeAssistant,
    file_entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    file_entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(
        file_entry, data={**file_entry.data, "path": "nowhere.wav"}
    )
    assert await hass.config_entries.async_setup(file_entry.entry_id)
    await until(
        hass, lambda: shown_state(hass, "sensor.home_eas_sdr_status").state == "down"
    )
    status = shown_state(hass, "sensor.home_eas_sdr_status")
    assert status.attributes["reason"] == "not_found"
    assert "Check the path" in status.attributes["hint"]
    assert "Home EAS hears nothing: Check the path" in caplog.text
    assert await hass.config_entries.async_unload(file_entry.entry_id)
    assert "Traceback" not in caplog.text


async def test_events_stop_with_the_entry(
    hass: HomeAssistant, file_entry: MockConfigEntry
) -> None:
    heard: list[Event] = async_capture_events(hass, EVENT_ALERT)
    file_entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(file_entry.entry_id)
    assert await hass.config_entries.async_unload(file_entry.entry_id)
    await hass.async_block_till_done()
    assert heard == []
