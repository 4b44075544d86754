"""The conditions: an alert is active, a station is hearing."""

from dataclasses import replace
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import condition, trace
import probatio
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.eas_station.eas_core.station import Alert
from custom_components.eas_station.heard import Heard
from tests.integration import alerts
from tests.integration.automations import CLEVELAND, TOLEDO, automate
from tests.integration.waiting import shown_state, until


async def check(hass: HomeAssistant, name: str, **options: Any) -> bool:
    """Return what a condition says, with the trace that it leaves in `result`."""
    config = {"condition": f"eas_station.{name}", "options": options}
    valid = await condition.async_validate_condition_config(hass, config)
    checker = await condition.async_from_config(hass, valid)
    try:
        return bool(checker.async_check())
    finally:
        checker.async_unload()


def traced() -> dict[str, Any]:
    """Return the last condition's result in the trace."""
    steps = trace.trace_get(clear=False)
    assert steps is not None
    newest = list(steps.values())[-1][-1]
    result: dict[str, Any] = newest.as_dict()["result"]
    return result


@pytest.fixture
async def entry(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> MockConfigEntry:
    """A station that hears the simulator."""
    simulator_entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(simulator_entry.entry_id)
    await until(
        hass, lambda: simulator_entry.runtime_data.data.status.state == "hearing"
    )
    return simulator_entry


@pytest.fixture
def active_alert(entry: MockConfigEntry) -> Alert:
    """Let the station have one active alert."""
    coordinator, alert = entry.runtime_data, alerts.alert()
    coordinator.data = replace(coordinator.data, heard=Heard(active=(alert,)))
    return alert


async def test_no_alert_is_active_where_no_station_is(hass: HomeAssistant) -> None:
    assert not await check(hass, "alert_is_active")
    assert not await check(hass, "station_is_hearing")
    assert not await check(hass, "station_is_hearing", behavior="all")


async def test_no_alert_is_active_before_one_was_heard(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    assert not await check(hass, "alert_is_active")


@pytest.mark.parametrize(
    ("options", "active"),
    [
        ({}, True),
        ({"events": ["TOR"], "places": [CLEVELAND]}, True),
        ({"minimum_significance": "warning"}, True),
        ({"config_entry_id": "simulator_entry"}, True),
        ({"config_entry_id": "another"}, False),
        ({"events": ["SVR"]}, False),
        ({"minimum_significance": "national"}, False),
        ({"places": [TOLEDO]}, False),
        ({"tests": "only"}, False),
    ],
)
async def test_an_alert_is_active_by_the_same_options_as_the_trigger(
    hass: HomeAssistant,
    active_alert: Alert,
    options: dict[str, Any],
    active: bool,
) -> None:
    assert await check(hass, "alert_is_active", **options) is active


async def test_the_trace_says_which_alert_counts_and_why_another_does_not(
    hass: HomeAssistant, active_alert: Alert
) -> None:
    await check(hass, "alert_is_active")
    assert traced() == {
        "result": True,
        "alert": active_alert.id,
        "event": "Tornado Warning",
    }
    await check(hass, "alert_is_active", events=["SVR"])
    (held,) = traced()["held_back"]
    assert held["reason"] == "other_event"
    assert held["data"]["id"] == active_alert.id


async def test_an_alert_that_was_heard_is_active_until_its_station_is_gone(
    hass: HomeAssistant, file_entry: MockConfigEntry
) -> None:
    noted = await automate(
        hass,
        "alert_received",
        conditions=[
            {"condition": "eas_station.alert_is_active", "options": {"events": "TOR"}}
        ],
    )
    file_entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(file_entry.entry_id)
    await until(hass, lambda: bool(noted))
    assert await hass.config_entries.async_unload(file_entry.entry_id)
    assert not await check(hass, "alert_is_active")


async def test_a_station_is_hearing_while_it_is_loaded_and_hears(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    assert shown_state(hass, "sensor.home_eas_sdr_status").state == "hearing"
    assert await check(hass, "station_is_hearing")
    assert traced() == {
        "result": True,
        "stations": [{"station": "Home EAS", "state": "hearing"}],
    }
    assert await check(hass, "station_is_hearing", config_entry_id=entry.entry_id)
    assert not await check(hass, "station_is_hearing", config_entry_id="another")
    await hass.async_add_executor_job(entry.runtime_data.station.stop)
    await hass.async_block_till_done()
    assert not await check(hass, "station_is_hearing")


async def test_all_stations_hear_only_where_none_is_missing(
    hass: HomeAssistant, entry: MockConfigEntry, file_entry: MockConfigEntry
) -> None:
    assert await check(hass, "station_is_hearing", behavior="all")
    file_entry.add_to_hass(hass)
    assert not await check(hass, "station_is_hearing", behavior="all")
    assert await check(hass, "station_is_hearing", behavior="any")


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("alert_is_active", {"places": ["Ohio"]}),
        ("alert_is_active", {"when": "expiry"}),
        ("station_is_hearing", {"behavior": "most"}),
    ],
)
async def test_wrong_options_are_refused(
    hass: HomeAssistant, name: str, options: dict[str, Any]
) -> None:
    with pytest.raises(probatio.Invalid):
        await check(hass, name, **options)
