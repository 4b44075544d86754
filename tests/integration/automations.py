"""Automations that note what they are told, alerts as the bus tells them, and traces."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from homeassistant.components.trace.util import async_get_trace, async_list_traces
from homeassistant.core import Event, HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.eas_station.const import EVENT_ALERT, EVENT_END_OF_MESSAGE

AUTOMATION = "automation"
NOTED = "automation_ran"
CLEVELAND, ALL_OHIO, TOLEDO = "039035", "039000", "039095"


async def automate(
    hass: HomeAssistant,
    trigger: str,
    conditions: list[Any] | None = None,
    **options: Any,
) -> list[Event]:
    """Set an automation up; return the events that each of its runs adds to."""
    noted: list[Event] = async_capture_events(hass, NOTED)
    automation = {
        "id": "noting",
        "alias": "Noting",
        "triggers": [{"trigger": f"eas_station.{trigger}", "options": options}],
        "conditions": conditions or [],
        "actions": [{"event": NOTED, "event_data_template": {"told": "{{ trigger }}"}}],
        "mode": "parallel",
    }
    assert await async_setup_component(hass, AUTOMATION, {AUTOMATION: [automation]})
    await hass.async_block_till_done()
    state = hass.states.get("automation.noting")
    assert state is not None
    assert state.state == "on", state
    return noted


async def why_not(hass: HomeAssistant) -> list[Mapping[str, Any]]:
    """Return what the traces say of what did not trigger, the oldest first."""
    results = []
    for short in await async_list_traces(hass, AUTOMATION, "automation.noting"):
        if not short.get("not_triggered"):
            continue
        trace: Mapping[str, Any] = await async_get_trace(
            hass, "automation.noting", short["run_id"]
        )
        (step,) = trace["trace"]["trigger/0"]
        results.append(step["result"])
    return results


def told(**changed: Any) -> dict[str, Any]:
    """Return the data of `eas_alert`: a tornado warning for Cleveland."""
    now = dt_util.utcnow()
    header = "ZCZC-WXR-TOR-039035+0030-3281200-KCLE/NWS-"
    place = {"code": CLEVELAND, "name": "Cuyahoga County", "state": "OH", "part": 0}
    usual = {
        "id": "a1",
        "entry_id": "one",
        "device_id": "device",
        "station": "Home EAS",
        "channels": ["main"],
        "header": header,
        "best_guess": header,
        "event_code": "TOR",
        "event": "Tornado Warning",
        "significance": "warning",
        "locations": [place],
        "issued": now.isoformat(),
        "expires": (now + timedelta(minutes=30)).isoformat(),
        "partial": False,
        "corroborated": False,
        "test": False,
        "self_test": False,
        "relevant": True,
        "reason": "location",
        "message": "A tornado warning.",
    }
    return usual | changed


def weekly_test(**changed: Any) -> dict[str, Any]:
    """Return the data of a weekly test's `eas_alert`."""
    test = {
        "event_code": "RWT",
        "event": "Required Weekly Test",
        "significance": "test",
        "test": True,
    }
    return told(**(test | changed))


async def receive(hass: HomeAssistant, alert: Mapping[str, Any]) -> None:
    """Let a station tell of an alert."""
    hass.bus.async_fire(EVENT_ALERT, dict(alert))
    await hass.async_block_till_done()


async def end(hass: HomeAssistant, **changed: Any) -> None:
    """Let a station tell of an end of message."""
    data = {
        "entry_id": "one",
        "station": "Home EAS",
        "alert_id": "a1",
        "duration_s": 40.0,
    }
    hass.bus.async_fire(EVENT_END_OF_MESSAGE, data | changed)
    await hass.async_block_till_done()
