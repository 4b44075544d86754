"""What the user wants to be told of: set in the options, and told by each alert."""

from typing import Any
from unittest.mock import AsyncMock

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.eas_station.const import EVENT_ALERT
from tests.integration.alerts import alert, set_up, tell
from tests.integration.forms import labels, suggested


async def open_options(
    hass: HomeAssistant, entry: MockConfigEntry, step: str
) -> ConfigFlowResult:
    """Choose in the options' menu."""
    menu = await hass.config_entries.options.async_init(entry.entry_id)
    assert menu["type"] is FlowResultType.MENU
    assert step in menu["menu_options"]
    return await send(hass, menu, {"next_step_id": step})


async def send(
    hass: HomeAssistant, form: ConfigFlowResult, typed: dict[str, Any]
) -> ConfigFlowResult:
    """Send a form."""
    return await hass.config_entries.options.async_configure(form["flow_id"], typed)


async def set_filter(
    hass: HomeAssistant, entry: MockConfigEntry, **wanted: Any
) -> ConfigFlowResult:
    """Set a filter: the one of no restriction, but for what is named."""
    form = await open_options(hass, entry, "alerts")
    usual = {"places": [], "event_rule": "all", "tests": True}
    return await send(hass, form, usual | wanted)


@pytest.mark.parametrize(
    ("wanted", "event", "relevant", "reason"),
    [
        ({}, "SVA", True, "no_filter"),
        ({"places": ["039035"]}, "SVA", True, "location"),
        ({"places": ["039000"]}, "SVA", True, "location"),
        ({"places": ["139035"]}, "SVA", True, "location"),
        ({"places": ["039173"]}, "SVA", False, "other_location"),
        ({"event_rule": "warnings"}, "SVA", False, "below_warning"),
        ({"event_rule": "warnings"}, "SVR", True, "no_filter"),
        ({"event_rule": "warnings"}, "RWT", True, "no_filter"),
        ({"tests": False}, "RWT", False, "test"),
        ({"tests": False, "places": ["039173"]}, "EAN", True, "national"),
    ],
)
async def test_each_alert_tells_which_rule_let_it_pass_or_held_it_back(
    hass: HomeAssistant,
    simulator_entry: MockConfigEntry,
    wanted: dict[str, Any],
    event: str,
    relevant: bool,
    reason: str,
) -> None:
    alerts = async_capture_events(hass, EVENT_ALERT)
    coordinator = await set_up(hass, simulator_entry)
    result = await set_filter(hass, simulator_entry, **wanted)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await tell(hass, coordinator, alert(event))
    assert alerts[0].data["relevant"] is relevant
    assert alerts[0].data["reason"] == reason
    last = hass.states.get("sensor.home_eas_last_alert")
    assert last is not None
    assert last.attributes["relevant"] is relevant
    assert last.attributes["reason"] == reason


async def test_the_places_of_the_set_up_hold_until_others_are_set(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    alerts = async_capture_events(hass, EVENT_ALERT)
    coordinator = await set_up(hass, simulator_entry)
    form = await open_options(hass, simulator_entry, "alerts")
    assert suggested(form) == {
        "places": ["039035"],
        "event_rule": "all",
        "tests": True,
        "corroborated": False,
        "expect_tests": True,
    }
    await tell(hass, coordinator, alert(places="039173"))
    await set_filter(hass, simulator_entry, places=["039173"])
    await tell(hass, coordinator, alert("SVR", "039173"))
    assert [one.data["relevant"] for one in alerts] == [False, True]
    form = await open_options(hass, simulator_entry, "alerts")
    assert suggested(form)["places"] == ["039173"]


async def test_the_filter_is_set_without_a_break_in_hearing(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    coordinator = await set_up(hass, simulator_entry)
    await set_filter(hass, simulator_entry, event_rule="warnings")
    await hass.async_block_till_done()
    assert simulator_entry.runtime_data is coordinator
    form = await open_options(hass, simulator_entry, "silence")
    await send(hass, form, {"quiet_dbfs": -50, "quiet_seconds": 60})
    await hass.async_block_till_done()
    assert simulator_entry.runtime_data is not coordinator
    # Each keeps what the other has set.
    assert simulator_entry.options == {
        "places": [],
        "event_rule": "warnings",
        "tests": True,
        "corroborated": False,
        "expect_tests": True,
        "quiet_dbfs": -50,
        "quiet_seconds": 60,
    }
    assert await hass.config_entries.async_unload(simulator_entry.entry_id)


async def test_events_can_be_listed(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    alerts = async_capture_events(hass, EVENT_ALERT)
    coordinator = await set_up(hass, simulator_entry)
    form = await set_filter(hass, simulator_entry, event_rule="listed")
    assert form["step_id"] == "events"
    names = labels(form, "events")
    assert names["TOR"] == "Tornado Warning (TOR)"
    assert "RWT" not in names
    form = await send(hass, form, {"events": []})
    assert form["errors"] == {"events": "no_events"}
    result = await send(hass, form, {"events": ["TOR", "FFW"]})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await tell(hass, coordinator, alert("TOR"), alert("SVR"))
    assert [one.data["reason"] for one in alerts] == ["no_filter", "other_event"]


async def test_every_place_can_be_found_by_name_and_those_near_home_come_first(
    hass: HomeAssistant, simulator_entry: MockConfigEntry, in_cleveland: None
) -> None:
    await set_up(hass, simulator_entry)
    form = await open_options(hass, simulator_entry, "alerts")
    places = labels(form, "places")
    assert len(places) > 3800
    assert next(iter(places.items())) == ("039035", "Cuyahoga County, Ohio (039035)")
    assert places["039000"] == "All of Ohio (039000)"
    assert places["096000"] == "All of Lake Erie (096000)"
    assert "Lake Erie" in places["096146"] or "OH" in places["096146"]
    order = list(places)
    assert order.index("039000") < order.index("001000") < order.index("001001")


async def test_a_place_that_is_no_code_is_refused(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    await set_up(hass, simulator_entry)
    form = await set_filter(hass, simulator_entry, places=["Ohio"])
    assert form["errors"] == {"places": "invalid_locations"}
    assert suggested(form)["places"] == ["Ohio"]


async def test_a_radios_receiver_is_set_apart_from_its_filter(
    hass: HomeAssistant, rtl_tcp_entry: MockConfigEntry, no_setup: AsyncMock
) -> None:
    rtl_tcp_entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(
        rtl_tcp_entry, options={"tests": False, "gain_db": 20.0}
    )
    form = await open_options(hass, rtl_tcp_entry, "radio")
    assert suggested(form)["gain_db"] == 20.0
    typed = {"ppm": 2, "agc": False, "bias_tee": False}
    quiet = {"quiet_dbfs": -60, "quiet_seconds": 30}
    result = await send(hass, form, typed | quiet)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert rtl_tcp_entry.options == {"tests": False} | typed | quiet
