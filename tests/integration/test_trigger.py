"""The triggers of alerts: what runs an automation, and why others do not."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.trigger import async_validate_trigger_config
import probatio
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.eas_station.const import EVENT_ALERT, EVENT_END_OF_MESSAGE
from custom_components.eas_station.eas_core.station import Alert
from custom_components.eas_station.history import AlertHistory
from tests.integration import alerts
from tests.integration.automations import (
    ALL_OHIO,
    AUTOMATION,
    CLEVELAND,
    TOLEDO,
    automate,
    end,
    receive,
    told,
    weekly_test,
    why_not,
)
from tests.integration.waiting import until

UNSURE = "ZCZC-WXR-TOR-0390??+0030-3281200-KCLE/NWS-"


@pytest.fixture
def active_alert() -> Iterator[Alert]:
    """Let every station have one active alert, from before it was started."""
    alert = alerts.alert()
    with patch.object(
        AlertHistory, "async_load", return_value=[alerts.entry_of(alert)]
    ):
        yield alert


async def test_what_a_station_hears_runs_an_automation_with_all_that_the_event_holds(
    hass: HomeAssistant, file_entry: MockConfigEntry
) -> None:
    events: list[dict[str, Any]] = []
    hass.bus.async_listen(EVENT_ALERT, lambda event: events.append(dict(event.data)))
    noted = await automate(hass, "alert_received", minimum_significance="warning")
    file_entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(file_entry.entry_id)
    await until(hass, lambda: bool(noted))
    trigger = noted[0].data["told"]
    assert trigger["platform"] == "eas_station.alert_received"
    assert trigger["description"] == "alert received: Tornado Warning"
    assert trigger["alert"] == events[0]
    assert await hass.config_entries.async_unload(file_entry.entry_id)


@pytest.mark.parametrize(
    ("options", "alert"),
    [
        ({}, told()),
        ({"events": "tor"}, told()),
        ({"events": ["TOR", "SVR"]}, told()),
        ({"events": ["TOR"]}, told(event_code="", significance="unknown")),
        ({"minimum_significance": "warning"}, told()),
        ({"minimum_significance": "warning"}, told(significance="national")),
        ({"minimum_significance": "national"}, told(significance="unknown")),
        ({"places": [CLEVELAND]}, told()),
        ({"places": CLEVELAND}, told(locations=[{"code": ALL_OHIO}])),
        ({"places": [ALL_OHIO]}, told()),
        ({"places": [TOLEDO]}, told(header=UNSURE, best_guess=UNSURE)),
        ({"tests": "include"}, weekly_test()),
        ({"tests": "include"}, told()),
        ({"tests": "only", "minimum_significance": "warning"}, weekly_test()),
        ({"events": ["RWT"]}, weekly_test()),
        ({"only_relevant": False}, told(relevant=False, reason="other_location")),
        ({"config_entry_id": "one"}, told()),
        ({"config_entry_id": None}, told()),
    ],
)
async def test_an_alert_that_is_asked_for_runs_it(
    hass: HomeAssistant, options: dict[str, Any], alert: dict[str, Any]
) -> None:
    noted = await automate(hass, "alert_received", **options)
    await receive(hass, alert)
    assert [event.data["told"]["alert"] for event in noted] == [alert]
    assert await why_not(hass) == []


@pytest.mark.parametrize(
    ("options", "alert", "reason"),
    [
        ({"config_entry_id": "two"}, told(), "other_station"),
        ({}, weekly_test(), "test"),
        ({"tests": "only"}, told(), "no_test"),
        ({"events": ["SVR"]}, told(), "other_event"),
        ({"events": ["TOR"], "tests": "include"}, weekly_test(), "other_event"),
        ({"minimum_significance": "national"}, told(), "less_significant"),
        (
            {"minimum_significance": "watch"},
            told(significance="advisory"),
            "less_significant",
        ),
        ({"places": [TOLEDO]}, told(), "other_location"),
        ({}, told(relevant=False, reason="other_location"), "not_relevant"),
    ],
)
async def test_one_that_is_not_leaves_its_reason_in_the_trace(
    hass: HomeAssistant, options: dict[str, Any], alert: dict[str, Any], reason: str
) -> None:
    noted = await automate(hass, "alert_received", **options)
    await receive(hass, alert)
    assert noted == []
    (result,) = await why_not(hass)
    assert result["reason"] == reason
    assert result["data"] == {
        "id": "a1",
        "station": "Home EAS",
        "event_code": alert["event_code"],
        "significance": alert["significance"],
        "locations": [CLEVELAND],
        "test": alert["test"],
        "relevant": alert["relevant"],
        "reason": alert["reason"],
    }


async def test_two_stations_that_hear_one_alert_run_it_once(
    hass: HomeAssistant,
) -> None:
    noted = await automate(hass, "alert_received")
    await receive(hass, told())
    await receive(hass, told(entry_id="two"))
    assert len(noted) == 1
    assert [result["reason"] for result in await why_not(hass)] == ["already_triggered"]


async def test_what_one_station_holds_back_counts_from_another(
    hass: HomeAssistant,
) -> None:
    noted = await automate(hass, "alert_received")
    await receive(hass, told(relevant=False))
    await receive(hass, told(entry_id="two"))
    assert [event.data["told"]["alert"]["entry_id"] for event in noted] == ["two"]


@pytest.mark.parametrize(
    ("trigger", "when"),
    [("alert_received", {}), ("alert_ended", {}), ("alert_ended", {"when": "expiry"})],
)
async def test_an_event_that_is_no_alert_is_passed_over(
    hass: HomeAssistant,
    caplog: pytest.LogCaptureFixture,
    trigger: str,
    when: dict[str, Any],
) -> None:
    noted = await automate(hass, trigger, **when)
    wrong = ({"id": ["a1"]}, {"event": None}, {"locations": [7]}, {"expires": "soon"})
    for changed in wrong:
        await receive(hass, told(**changed))
    hass.bus.async_fire(EVENT_ALERT, {})
    hass.bus.async_fire(EVENT_END_OF_MESSAGE, {})
    await end(hass, alert_id=["a1"])
    assert noted == []
    assert "Error running job" not in caplog.text


async def test_only_the_newest_alerts_are_remembered(hass: HomeAssistant) -> None:
    noted = await automate(hass, "alert_received")
    for number in range(201):
        await receive(hass, told(id=f"a{number}"))
    await receive(hass, told(id="a0", entry_id="two"))
    assert len(noted) == 202


@pytest.mark.parametrize(
    ("trigger", "options"),
    [
        ("alert_received", {"places": ["39035"]}),
        ("alert_received", {"minimum_significance": "grave"}),
        ("alert_received", {"tests": "maybe"}),
        ("alert_received", {"unknown": 1}),
        ("alert_ended", {"when": "never"}),
        ("station_silent", {"states": []}),
        ("station_silent", {"for": "-1"}),
        ("station_hears", {"states": ["down"]}),
    ],
)
async def test_wrong_options_are_refused(
    hass: HomeAssistant, trigger: str, options: dict[str, Any]
) -> None:
    config = {"platform": f"eas_station.{trigger}", "options": options}
    with pytest.raises(probatio.Invalid):
        await async_validate_trigger_config(hass, [config])


async def test_the_end_of_its_message_ends_an_alert(hass: HomeAssistant) -> None:
    noted = await automate(hass, "alert_ended")
    await receive(hass, told())
    assert noted == []
    await end(hass)
    (event,) = noted
    assert event.data["told"]["alert"] == told() | {
        key: event.data["told"]["alert"][key] for key in ("issued", "expires")
    }
    assert event.data["told"]["end"]["duration_s"] == 40.0
    assert event.data["told"]["description"] == "alert ended: Tornado Warning"


@pytest.mark.parametrize(
    ("alert", "ended", "reason"),
    [
        (told(), {"alert_id": None}, "unknown_alert"),
        (told(), {"alert_id": "a2"}, "unknown_alert"),
        (weekly_test(), {}, "test"),
        (told(relevant=False), {}, "not_relevant"),
    ],
)
async def test_an_end_of_nothing_that_is_asked_for_says_so(
    hass: HomeAssistant, alert: dict[str, Any], ended: dict[str, Any], reason: str
) -> None:
    noted = await automate(hass, "alert_ended")
    await receive(hass, alert)
    await end(hass, **ended)
    assert noted == []
    assert [result["reason"] for result in await why_not(hass)] == [reason]


async def test_two_stations_that_hear_the_end_run_it_once(hass: HomeAssistant) -> None:
    noted = await automate(hass, "alert_ended")
    await receive(hass, told(relevant=False))
    await receive(hass, told(entry_id="two"))
    await end(hass)
    await end(hass, entry_id="two")
    assert len(noted) == 1
    assert [result["reason"] for result in await why_not(hass)] == ["already_triggered"]


async def test_an_alert_ends_at_its_expiry_where_that_is_asked_for(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    noted = await automate(hass, "alert_ended", when="expiry")
    await receive(hass, told())
    await receive(hass, told(entry_id="two"))
    await receive(hass, weekly_test(id="a2"))
    await end(hass)
    freezer.tick(timedelta(minutes=29))
    async_fire_time_changed(hass)
    await hass.async_block_till_done()
    assert noted == []
    freezer.tick(timedelta(minutes=2))
    async_fire_time_changed(hass)
    await hass.async_block_till_done()
    assert [event.data["told"]["alert"]["id"] for event in noted] == ["a1"]
    assert noted[0].data["told"]["end"] is None
    assert [result["reason"] for result in await why_not(hass)] == ["test"]


async def test_alerts_that_were_active_before_the_automation_end_too(
    hass: HomeAssistant, simulator_entry: MockConfigEntry, active_alert: Alert
) -> None:
    simulator_entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(simulator_entry.entry_id)
    noted = await automate(hass, "alert_ended")
    await end(hass, alert_id=active_alert.id)
    assert len(noted) == 1
    assert noted[0].data["told"]["alert"]["entry_id"] == simulator_entry.entry_id
    assert await hass.config_entries.async_unload(simulator_entry.entry_id)


async def test_alerts_that_a_station_kept_over_a_restart_end_too(
    hass: HomeAssistant,
    simulator_entry: MockConfigEntry,
    active_alert: Alert,
    freezer: FrozenDateTimeFactory,
) -> None:
    noted = await automate(hass, "alert_ended", when="expiry")
    simulator_entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(simulator_entry.entry_id)
    freezer.tick(timedelta(minutes=31))
    async_fire_time_changed(hass)
    await hass.async_block_till_done()
    ended = [event.data["told"]["alert"]["id"] for event in noted]
    assert ended == [active_alert.id]
    assert await hass.config_entries.async_unload(simulator_entry.entry_id)


@pytest.mark.parametrize(
    ("trigger", "options"),
    [
        ("alert_received", {}),
        ("alert_ended", {}),
        ("alert_ended", {"when": "expiry"}),
        ("station_silent", {}),
        ("station_hears", {}),
    ],
)
async def test_an_automation_that_is_turned_off_leaves_nothing(
    hass: HomeAssistant,
    simulator_entry: MockConfigEntry,
    trigger: str,
    options: dict[str, Any],
) -> None:
    simulator_entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(simulator_entry.entry_id)
    listeners = hass.bus.async_listeners()
    followers = len(simulator_entry.runtime_data._listeners)
    noted = await automate(hass, trigger, **options)
    before = hass.bus.async_listeners()
    await receive(hass, told())
    await hass.services.async_call(
        AUTOMATION, "turn_off", {"entity_id": "automation.noting"}, blocking=True
    )
    ran = len(noted)
    await receive(hass, told(id="a2"))
    await end(hass)
    async_fire_time_changed(hass, fire_all=True)
    await hass.async_block_till_done()
    assert len(noted) == ran
    after = hass.bus.async_listeners()
    for event in (EVENT_ALERT, EVENT_END_OF_MESSAGE):
        assert after.get(event) == listeners.get(event)
        assert before.get(event, 0) >= listeners.get(event, 0)
    assert len(simulator_entry.runtime_data._listeners) == followers
    assert await hass.config_entries.async_unload(simulator_entry.entry_id)
