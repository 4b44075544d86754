"""The triggers of a station's hearing: silences that last, and recoveries."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.eas_station.eas_core.sources.source import SourceErrorReason
from custom_components.eas_station.eas_core.station import SourceState, SourceStatus
from tests.integration.automations import automate, why_not


@pytest.fixture
async def entry(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> MockConfigEntry:
    """A station that is stopped and tells what a test lets it tell."""
    simulator_entry.add_to_hass(hass)
    await start(hass, simulator_entry)
    return simulator_entry


async def start(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_add_executor_job(entry.runtime_data.station.stop)
    await hass.async_block_till_done()


async def becomes(hass: HomeAssistant, entry: MockConfigEntry, state: str) -> None:
    down = state == "down"
    entry.runtime_data.own._from_thread(
        SourceStatus(
            state=SourceState(state),
            since=dt_util.utcnow(),
            reason=SourceErrorReason.NOT_FOUND if down else None,
            hint="Plug it in." if down else None,
        )
    )
    await hass.async_block_till_done()


@pytest.fixture
def passes(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> Any:
    """Let seconds pass."""

    async def let_pass(seconds: float) -> None:
        freezer.tick(timedelta(seconds=seconds))
        async_fire_time_changed(hass)
        await hass.async_block_till_done()

    return let_pass


async def test_a_station_that_is_down_for_five_minutes_is_silent(
    hass: HomeAssistant, entry: MockConfigEntry, passes: Any
) -> None:
    noted = await automate(hass, "station_silent")
    await becomes(hass, entry, "hearing")
    since = dt_util.utcnow()
    await becomes(hass, entry, "down")
    await passes(290)
    assert noted == []
    await passes(11)
    (event,) = noted
    trigger = event.data["told"]
    assert trigger["description"] == "Home EAS is silent"
    assert {
        key: trigger[key] for key in ("station", "entry_id", "state", "reason")
    } == {
        "station": "Home EAS",
        "entry_id": entry.entry_id,
        "state": "down",
        "reason": "not_found",
    }
    assert trigger["hint"] == "Plug it in."
    assert trigger["silent_since"] == since.isoformat()
    assert trigger["device_id"]
    await becomes(hass, entry, "quiet")
    await passes(1000)
    assert len(noted) == 1


async def test_hearing_for_a_minute_ends_a_silence_and_the_trace_says_so(
    hass: HomeAssistant, entry: MockConfigEntry, passes: Any
) -> None:
    noted = await automate(hass, "station_silent")
    await becomes(hass, entry, "no_signal")
    await passes(200)
    await becomes(hass, entry, "hearing")
    await passes(61)
    await becomes(hass, entry, "no_signal")
    await passes(200)
    assert noted == []
    (result,) = await why_not(hass)
    assert result["reason"] == "hears_again"
    assert result["data"]["station"] == "Home EAS"
    await passes(101)
    assert len(noted) == 1


async def test_a_source_that_comes_and_goes_is_silent_all_the_while(
    hass: HomeAssistant, entry: MockConfigEntry, passes: Any
) -> None:
    noted = await automate(hass, "station_silent")
    for _ in range(7):
        await becomes(hass, entry, "down")
        await passes(20)
        await becomes(hass, entry, "starting")
        await becomes(hass, entry, "hearing")
        await passes(25)
    assert noted == [], "it hears at the fifth minute"
    await becomes(hass, entry, "down")
    assert len(noted) == 1


async def test_a_silence_is_told_again_only_after_it_was_over(
    hass: HomeAssistant, entry: MockConfigEntry, passes: Any
) -> None:
    lasting: dict[str, Any] = {"for": {"seconds": 10}}
    noted = await automate(hass, "station_silent", **lasting)
    for _ in range(2):
        await becomes(hass, entry, "down")
        await passes(11)
        await becomes(hass, entry, "hearing")
        await passes(61)
    assert len(noted) == 2


async def test_a_silence_of_another_kind_does_not_count(
    hass: HomeAssistant, entry: MockConfigEntry, passes: Any
) -> None:
    noted = await automate(hass, "station_silent", states=["down"])
    await becomes(hass, entry, "quiet")
    await passes(1000)
    assert noted == []
    (result,) = await why_not(hass)
    assert result["reason"] == "other_state"
    assert result["data"]["state"] == "quiet"


async def test_a_station_that_cannot_be_set_up_is_silent(
    hass: HomeAssistant, simulator_entry: MockConfigEntry, passes: Any
) -> None:
    noted = await automate(hass, "station_silent")
    simulator_entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(
        simulator_entry, data={**simulator_entry.data, "source": "unheard_of"}
    )
    assert not await hass.config_entries.async_setup(simulator_entry.entry_id)
    await passes(301)
    (event,) = noted
    assert event.data["told"]["state"] == "not_set_up"
    assert "unheard_of" in event.data["told"]["hint"]


async def test_an_entry_that_is_unloaded_is_not_silent(
    hass: HomeAssistant, entry: MockConfigEntry, passes: Any
) -> None:
    noted = await automate(hass, "station_silent")
    await becomes(hass, entry, "down")
    assert await hass.config_entries.async_unload(entry.entry_id)
    await passes(1000)
    assert noted == []
    await start(hass, entry)
    await becomes(hass, entry, "down")
    await passes(301)
    assert len(noted) == 1


async def test_another_station_does_not_count(
    hass: HomeAssistant, entry: MockConfigEntry, passes: Any
) -> None:
    noted = await automate(hass, "station_silent", config_entry_id="another")
    await becomes(hass, entry, "down")
    await passes(1000)
    assert noted == []


async def test_a_station_hears_again_when_it_has_for_a_minute(
    hass: HomeAssistant, entry: MockConfigEntry, passes: Any
) -> None:
    noted = await automate(hass, "station_hears")
    await becomes(hass, entry, "hearing")
    await passes(1000)
    assert noted == [], "it was not silent"
    await becomes(hass, entry, "down")
    await passes(100)
    await becomes(hass, entry, "hearing")
    await passes(30)
    await becomes(hass, entry, "down")
    await passes(100)
    await becomes(hass, entry, "degraded")
    await passes(59)
    assert noted == []
    await passes(2)
    (event,) = noted
    assert event.data["told"]["description"] == "Home EAS hears again"
    assert event.data["told"]["state"] == "degraded"
    assert event.data["told"]["silent_seconds"] == pytest.approx(230, abs=1)


async def test_a_short_silence_is_left_out_and_the_trace_says_so(
    hass: HomeAssistant, entry: MockConfigEntry, passes: Any
) -> None:
    noted = await automate(hass, "station_hears", after={"minutes": 5})
    await becomes(hass, entry, "down")
    await passes(100)
    await becomes(hass, entry, "hearing")
    await passes(61)
    assert noted == []
    (result,) = await why_not(hass)
    assert result["reason"] == "silence_too_short"
    assert result["data"]["silent_seconds"] == pytest.approx(100, abs=1)


async def test_a_station_that_was_set_up_anew_hears_again(
    hass: HomeAssistant, entry: MockConfigEntry, passes: Any
) -> None:
    noted = await automate(hass, "station_hears")
    await becomes(hass, entry, "down")
    await passes(100)
    assert await hass.config_entries.async_unload(entry.entry_id)
    await start(hass, entry)
    await becomes(hass, entry, "hearing")
    await passes(61)
    assert len(noted) == 1
