"""A station whose own thread hangs: it cannot tell that, and is not to look as if it heard."""

from collections.abc import Iterator
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.eas_station.eas_core.station import pulse
from custom_components.eas_station.pulses import EVERY
from tests.integration.hangs import Hang
from tests.integration.waiting import seen, shown_state, station_threads

STATUS = "sensor.home_eas_sdr_status"


@pytest.fixture
def hang(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hang]:
    # Home Assistant's time is made to jump, that of its event loop is not.
    monkeypatch.setattr(pulse, "HANGS_SECONDS", 0.0)
    hang = Hang()
    yield hang
    hang.goes_on.set()


@pytest.fixture
async def entry(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> MockConfigEntry:
    """A station that hears."""
    simulator_entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(simulator_entry.entry_id)
    await seen(lambda: shown_state(hass, STATUS).state == "hearing")
    return simulator_entry


async def looks(hass: HomeAssistant, count: int) -> None:
    for number in range(1, count + 1):
        async_fire_time_changed(hass, dt_util.utcnow() + number * 4 * EVERY)
        await hass.async_block_till_done()


async def test_a_station_that_hangs_says_so_and_is_loaded_again(
    hass: HomeAssistant, entry: MockConfigEntry, hang: Hang
) -> None:
    first = entry.runtime_data
    with (
        hang.patch,
        patch.object(hass.config_entries, "async_schedule_reload") as reload,
    ):
        await seen(lambda: hang.holds > 0)
        await looks(hass, 3)
        assert shown_state(hass, STATUS).state == "hearing"
        assert not reload.called
        await looks(hass, 2)
        state = shown_state(hass, STATUS)
        assert state.state == "down"
        assert state.attributes["reason"] == "stalled"
        assert "hangs" in state.attributes["hint"]
        reload.assert_called_once_with(entry.entry_id)

    assert await hass.config_entries.async_reload(entry.entry_id)
    assert entry.runtime_data is not first
    await seen(lambda: shown_state(hass, STATUS).state == "hearing")
    assert await hass.config_entries.async_unload(entry.entry_id)
    # The thread that was left behind ends when it can.
    hang.goes_on.set()
    await seen(lambda: station_threads() == [])


async def test_a_station_that_was_only_slow_hears_again(
    hass: HomeAssistant, entry: MockConfigEntry, hang: Hang
) -> None:
    with (
        hang.patch,
        patch.object(hass.config_entries, "async_schedule_reload"),
    ):
        await seen(lambda: hang.holds > 0)
        await looks(hass, 5)
        assert shown_state(hass, STATUS).state == "down"
        hang.goes_on.set()
        station = entry.runtime_data.station
        rounds = station.health.rounds
        await seen(lambda: station.health.rounds > rounds)
        await looks(hass, 1)
        assert shown_state(hass, STATUS).state == "hearing"
    assert await hass.config_entries.async_unload(entry.entry_id)
