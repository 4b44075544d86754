"""Which voice has its turn when several wait for the engine."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, Event, HomeAssistant
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.eas_station import transcripts
from custom_components.eas_station.eas_core.station import AlertUpdated, RecordingEnd
from tests.integration.alerts import alert, set_up, tell
from tests.integration.speech import ENGINE, Engine, add_engine, listening, recorded
from tests.integration.waiting import until


async def test_voices_have_their_turn_by_gravity_and_age_one_at_a_time(
    hass: HomeAssistant, simulator_entry: MockConfigEntry, tmp_path: Path
) -> None:
    engine = Engine(hangs=True)
    coordinator = await listening(hass, simulator_entry, engine)
    told: list[Event[Any]] = async_capture_events(hass, "eas_transcript")
    first = alert("SPS")
    await tell(hass, coordinator, first, recorded(tmp_path, first))
    await until(hass, lambda: engine.at_once == 1)

    later = first.received + timedelta(seconds=90)
    order = {
        "relevant and newest": alert("SVR", received=later),
        "relevant warning": alert("TOR"),
        "relevant watch": alert("TOA"),
        "test": alert("RWT"),
        "elsewhere": alert("TOR", "048201"),
    }
    for each in reversed(order.values()):
        await tell(hass, coordinator, each, recorded(tmp_path, each, 1.0))
    engine.hangs = False
    await until(hass, lambda: len(told) == 6)
    assert [event.data["alert_id"] for event in told] == [
        first.id,
        *(each.id for each in order.values()),
    ]
    assert engine.most_at_once == 1


async def test_the_least_of_too_many_are_dropped_and_counted(
    hass: HomeAssistant, simulator_entry: MockConfigEntry, tmp_path: Path
) -> None:
    engine = Engine(hangs=True)
    coordinator = await listening(hass, simulator_entry, engine)
    told: list[Event[Any]] = async_capture_events(hass, "eas_transcript")
    tornado = alert()
    finished = recorded(tmp_path, tornado)
    await tell(hass, coordinator, tornado, finished)
    await until(hass, lambda: engine.at_once == 1)
    for number in range(30):
        await tell(hass, coordinator, replace(finished, alert_id=f"test {number}"))
    warning = alert("SVR")
    await tell(hass, coordinator, warning, replace(finished, alert_id=warning.id))
    engine.hangs = False
    counters = coordinator.text_counters.transcripts
    await until(hass, lambda: counters.done == 1 + transcripts.MOST_WAITING)
    assert counters.dropped == 31 - transcripts.MOST_WAITING
    assert told[1].data["alert_id"] == warning.id


async def test_what_is_finished_while_home_assistant_starts_waits_for_the_engines(
    hass: HomeAssistant, simulator_entry: MockConfigEntry, tmp_path: Path
) -> None:
    simulator_entry.add_to_hass(hass)
    chosen = {"transcript_engine": ENGINE}
    hass.config_entries.async_update_entry(simulator_entry, options=chosen)
    hass.set_state(CoreState.starting)
    coordinator = await set_up(hass, simulator_entry)
    finished = recorded(tmp_path, alert())
    interrupted = replace(finished, complete=False, ended_by=RecordingEnd.INTERRUPTED)
    await tell(hass, coordinator, interrupted)
    engine = Engine()
    await add_engine(hass, engine)
    assert engine.heard == []

    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await until(hass, lambda: coordinator.text_counters.transcripts.done == 1)
    assert len(engine.heard) == 1


async def test_what_two_sources_recorded_of_a_message_is_one_transcript(
    hass: HomeAssistant, simulator_entry: MockConfigEntry, tmp_path: Path
) -> None:
    engine = Engine(hangs=True)
    coordinator = await listening(hass, simulator_entry, engine)
    told: list[Event[Any]] = async_capture_events(hass, "eas_transcript")
    first, tornado, last = alert("SPS"), alert(), alert("RWT")
    await tell(hass, coordinator, first, recorded(tmp_path, first))
    await until(hass, lambda: engine.at_once == 1)
    whole = recorded(tmp_path, tornado)
    cut_off = replace(whole, path=str(tmp_path / "cut off.flac"), complete=False)
    await tell(hass, coordinator, tornado, cut_off, whole, whole)
    await tell(hass, coordinator, last, recorded(tmp_path, last))
    engine.hangs = False
    await until(hass, lambda: len(told) == 3)
    assert [event.data["alert_id"] for event in told] == [first.id, tornado.id, last.id]
    assert coordinator.text_counters.transcripts.failed == 0


async def test_an_alert_that_came_in_whole_later_has_its_new_rank(
    hass: HomeAssistant, simulator_entry: MockConfigEntry, tmp_path: Path
) -> None:
    engine = Engine(hangs=True)
    coordinator = await listening(hass, simulator_entry, engine)
    told: list[Event[Any]] = async_capture_events(hass, "eas_transcript")
    first, statement, warning = alert("RWT"), alert("SPS"), alert("SVR")
    await tell(hass, coordinator, first, recorded(tmp_path, first))
    await until(hass, lambda: engine.at_once == 1)
    unsure = replace(
        statement,
        header=statement.header.replace("SPS", "S?S"),
        partial=True,
        event_code="",
        significance="unknown",
    )
    files = [recorded(tmp_path, each, 1.0) for each in (statement, warning)]
    whole = AlertUpdated(alert=statement)
    await tell(hass, coordinator, unsure, warning, whole, *files)
    engine.hangs = False
    await until(hass, lambda: len(told) == 3)
    ids = [event.data["alert_id"] for event in told]
    assert ids == [first.id, warning.id, statement.id]


async def test_a_station_that_is_unloaded_leaves_its_engine_alone(
    hass: HomeAssistant, simulator_entry: MockConfigEntry, tmp_path: Path
) -> None:
    engine = Engine(hangs=True)
    coordinator = await listening(hass, simulator_entry, engine)
    tornado = alert()
    await tell(hass, coordinator, tornado, recorded(tmp_path, tornado))
    await until(hass, lambda: engine.at_once == 1)
    assert await hass.config_entries.async_unload(simulator_entry.entry_id)
    engine.hangs = False
    await until(hass, lambda: engine.at_once == 0)
