"""What waits until more than one has heard it: automations, and the station's own filter."""

from dataclasses import replace
from datetime import timedelta
import json
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.eas_station.const import DOMAIN, EVENT_ALERT
from custom_components.eas_station.eas_core.agent.followed import FollowedStation
from custom_components.eas_station.eas_core.station import Alert, AlertUpdated
from custom_components.eas_station.eas_core.station.contract import alert_fields
from custom_components.eas_station.history import AlertHistory
from custom_components.eas_station.source_coordinator import SourceCoordinator
from tests.integration.alerts import alert, end_of, entry_of, set_up
from tests.integration.automations import AUTOMATION, automate, told, why_not
from tests.integration.test_filters import set_filter
from tests.integration.test_other_sources import STREAM, station, tell
from tests.integration.waiting import seen, shown_state


def heard_by_another(first: Alert, channel: str = "Attic", **changed: Any) -> Alert:
    """Return the same message as another channel hears it."""
    return replace(first, channels=(channel,), **changed)


@pytest.fixture
async def pair(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> tuple[SourceCoordinator, SourceCoordinator]:
    """A station of two sources."""
    coordinator, other = await station(hass, simulator_entry, STREAM)
    return coordinator.own, other


type Pair = tuple[SourceCoordinator, SourceCoordinator]


async def test_an_automation_waits_for_the_second_source_and_runs_once(
    hass: HomeAssistant, pair: Pair
) -> None:
    own, other = pair
    noted = await automate(hass, "alert_received", corroborated=True)
    first = alert("TOR")
    await tell(hass, own, first)
    assert noted == []
    assert [one["reason"] for one in await why_not(hass)] == ["not_corroborated"]
    await tell(hass, other, heard_by_another(first))
    (event,) = noted
    assert event.data["told"]["alert"]["id"] == first.id
    assert event.data["told"]["alert"]["corroborated"] is True
    assert event.data["told"]["alert"]["channels"] == ["main", "Attic"]
    assert event.data["told"]["description"] == "alert received: Tornado Warning"
    await tell(hass, other, heard_by_another(first, "Barn"), end_of(first))
    assert len(noted) == 1


async def test_one_channel_however_often_is_one(
    hass: HomeAssistant, pair: Pair
) -> None:
    own, _ = pair
    noted = await automate(hass, "alert_received", corroborated=True)
    first = alert("TOR")
    relayed = first.header.replace("KCLE/NWS", "WJON/TV ")
    again = replace(first, header=relayed, best_guess=relayed, sender="WJON/TV ")
    await tell(hass, own, first, first, again)
    assert noted == []


async def test_two_channels_of_a_source_agree_at_once_or_later(
    hass: HomeAssistant, pair: Pair
) -> None:
    own, _ = pair
    noted = await automate(hass, "alert_received", corroborated=True)
    both: dict[str, Any] = {"channels": ("162.400", "162.550"), "corroborated": True}
    at_once, later = alert("TOR", **both), alert("SVR", channels=("162.400",))
    await tell(hass, own, at_once, AlertUpdated(alert=at_once))
    assert [one.data["told"]["alert"]["id"] for one in noted] == [at_once.id]
    await tell(hass, own, later, AlertUpdated(alert=replace(later, **both)))
    assert [one.data["told"]["alert"]["event_code"] for one in noted] == ["TOR", "SVR"]


async def test_two_agents_agree(hass: HomeAssistant) -> None:
    data = {"source": "agents", "base_topic": "eas_station", "locations": ["039035"]}
    entry = MockConfigEntry(
        domain=DOMAIN, title="Home EAS", unique_id="agents:eas_station", data=data
    )
    coordinator = await set_up(hass, entry)
    agents = coordinator.station
    assert isinstance(agents, FollowedStation)
    noted = await automate(hass, "alert_received", corroborated=True)
    first = alert("TOR", channels=("162.550",))
    for name, count in (("attic", 0), ("attic", 0), ("barn", 1), ("barn", 1)):
        said = {"version": 1, "agent": name, "station": "Radio"} | alert_fields(first)
        agents.feed(f"eas_station/{name}/alert", json.dumps(said))
        await seen(lambda: bool(coordinator.data.heard.active))
        if count:
            await seen(lambda: bool(noted))
        await hass.async_block_till_done()
        assert len(noted) == count
    heard = noted[0].data["told"]["alert"]["channels"]
    assert heard == ["attic 162.550", "barn 162.550"]
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_what_else_holds_it_back_still_does(
    hass: HomeAssistant, pair: Pair
) -> None:
    own, other = pair
    noted = await automate(hass, "alert_received", corroborated=True, events=["SVR"])
    first = alert("TOR")
    await tell(hass, own, first)
    await tell(hass, other, heard_by_another(first))
    assert noted == []


async def test_an_automation_without_the_option_runs_at_the_first_and_no_more(
    hass: HomeAssistant, pair: Pair
) -> None:
    own, other = pair
    noted = await automate(hass, "alert_received")
    first = alert("TOR")
    await tell(hass, own, first)
    await tell(hass, other, heard_by_another(first))
    assert [one.data["told"]["alert"]["corroborated"] for one in noted] == [False]


async def test_what_the_station_made_itself_nobody_else_has_to_hear(
    hass: HomeAssistant, pair: Pair
) -> None:
    own, _ = pair
    noted = await automate(hass, "alert_received", corroborated=True, tests="include")
    await tell(hass, own, alert("RWT", self_test=True))
    assert len(noted) == 1


async def test_what_is_over_before_it_comes_runs_nothing(
    hass: HomeAssistant, pair: Pair
) -> None:
    own, other = pair
    noted = await automate(hass, "alert_received", corroborated=True)
    past = dt_util.utcnow() - timedelta(minutes=5)
    over = alert("TOR", late=True, expires=past)
    lives = alert("SVR", late=True)
    for one in (over, lives):
        await tell(hass, own, one)
        await tell(hass, other, heard_by_another(one))
    assert [one.data["told"]["alert"]["event_code"] for one in noted] == ["SVR"]


async def test_it_waits_too_for_what_was_active_before_and_knows_what_had_come(
    hass: HomeAssistant, pair: Pair
) -> None:
    own, other = pair
    doubted, sure = alert("TOR"), alert("SVR")
    await tell(hass, own, doubted, sure)
    await tell(hass, other, heard_by_another(sure))
    noted = await automate(hass, "alert_received", corroborated=True)
    await tell(hass, other, heard_by_another(sure, "Barn"))
    assert noted == []
    await tell(hass, other, heard_by_another(doubted))
    assert [one.data["told"]["alert"]["id"] for one in noted] == [doubted.id]


async def test_it_waits_over_a_restart(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    noted = await automate(hass, "alert_received", corroborated=True)
    before = alert("TOR")
    with patch.object(AlertHistory, "async_load", return_value=[entry_of(before)]):
        _, other = await station(hass, simulator_entry, STREAM)
    await tell(hass, other, heard_by_another(before))
    assert [one.data["told"]["alert"]["id"] for one in noted] == [before.id]


async def test_two_stations_that_each_are_sure_run_it_once(
    hass: HomeAssistant, pair: Pair
) -> None:
    own, other = pair
    noted = await automate(hass, "alert_received", corroborated=True)
    first = alert("TOR")
    await tell(hass, own, first)
    hass.bus.async_fire(EVENT_ALERT, told(id=first.id, corroborated=True))
    await hass.async_block_till_done()
    assert [one.data["told"]["alert"]["entry_id"] for one in noted] == ["one"]
    await tell(hass, other, heard_by_another(first))
    assert len(noted) == 1


async def test_an_automation_that_is_turned_off_waits_for_nothing(
    hass: HomeAssistant, pair: Pair
) -> None:
    own, other = pair
    noted = await automate(hass, "alert_received", corroborated=True)
    first = alert("TOR")
    await tell(hass, own, first)
    await hass.services.async_call(
        AUTOMATION, "turn_off", {"entity_id": "automation.noting"}, blocking=True
    )
    await tell(hass, other, heard_by_another(first))
    assert noted == []


async def test_an_end_counts_of_what_was_corroborated(
    hass: HomeAssistant, pair: Pair
) -> None:
    own, other = pair
    noted = await automate(hass, "alert_ended", corroborated=True)
    doubted, sure = alert("TOR"), alert("SVR")
    await tell(hass, own, doubted, end_of(doubted), sure)
    await tell(hass, other, heard_by_another(sure))
    await tell(hass, own, end_of(sure))
    assert [one.data["told"]["alert"]["id"] for one in noted] == [sure.id]
    assert "not_corroborated" in [one["reason"] for one in await why_not(hass)]


async def test_a_condition_can_ask_for_it(hass: HomeAssistant, pair: Pair) -> None:
    own, other = pair
    active = {
        "condition": "eas_station.alert_is_active",
        "options": {"corroborated": True},
    }
    noted = await automate(hass, "alert_ended", [active], tests="include")
    first, test = alert("TOR"), alert("RWT")
    await tell(hass, own, first, test, end_of(test))
    assert noted == []
    await tell(hass, other, heard_by_another(first))
    await tell(hass, own, end_of(first))
    assert [one.data["told"]["alert"]["id"] for one in noted] == [first.id]


async def test_the_stations_filter_holds_all_back_that_one_alone_hears(
    hass: HomeAssistant, simulator_entry: MockConfigEntry, pair: Pair
) -> None:
    own, other = pair
    result = await set_filter(hass, simulator_entry, corroborated=True)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    events = async_capture_events(hass, EVENT_ALERT)
    plain = await automate(hass, "alert_received")
    for one in (first := alert("TOR"), alert("EAN")):
        await tell(hass, own, one)
    assert [one.data["reason"] for one in events] == ["not_corroborated"] * 2
    assert shown_state(hass, "sensor.home_eas_active_alerts").state == "0"
    assert shown_state(hass, "event.home_eas_alert").state == "unknown"
    assert plain == []
    await tell(hass, other, heard_by_another(first))
    assert shown_state(hass, "sensor.home_eas_active_alerts").state == "1"
    assert shown_state(hass, "binary_sensor.home_eas_warning_active").state == "on"
    happened = shown_state(hass, "event.home_eas_alert")
    assert happened.attributes["event_type"] == "warning"
    assert happened.attributes["corroborated"] is True
    assert [one.data["told"]["alert"]["id"] for one in plain] == [first.id]
    await tell(hass, other, heard_by_another(first, "Barn"))
    assert shown_state(hass, "event.home_eas_alert").state == happened.state
    assert len(plain) == 1
    assert len(events) == 2


async def test_a_station_of_one_channel_cannot_ask_for_two(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    await set_up(hass, simulator_entry)
    form = await set_filter(hass, simulator_entry, corroborated=True)
    assert form["errors"] == {"corroborated": "no_second_channel"}
