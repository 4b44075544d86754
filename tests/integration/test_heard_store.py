"""What lives on over a restart, a reload and a removal."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
    async_fire_time_changed,
)

from custom_components.eas_station.const import EVENT_ALERT
from custom_components.eas_station.heard import Heard
from custom_components.eas_station.heard_store import HeardStore
from tests.integration.alerts import alert, at, set_up, tell
from tests.integration.waiting import shown_state

FILE = "eas_station.simulator_entry"
WARNING = "binary_sensor.home_eas_warning_active"
TEST = "sensor.home_eas_last_weekly_test"


async def test_active_alerts_and_the_weekly_test_live_on_over_a_reload(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    simulator_entry: MockConfigEntry,
) -> None:
    weekly, warning = alert("RWT"), alert("TOR")
    coordinator = await set_up(hass, simulator_entry)
    await tell(hass, coordinator, weekly, warning)
    told_again = async_capture_events(hass, EVENT_ALERT)
    assert await hass.config_entries.async_reload(simulator_entry.entry_id)
    await hass.async_block_till_done()
    assert simulator_entry.runtime_data is not coordinator
    assert shown_state(hass, WARNING).state == "on"
    assert shown_state(hass, TEST).state == at(weekly.received)
    assert len(hass.states.async_all("geo_location")) == 1
    assert told_again == []
    # And end in their time.
    freezer.tick(warning.expires - dt_util.utcnow() + timedelta(seconds=1))
    async_fire_time_changed(hass)
    await hass.async_block_till_done()
    assert shown_state(hass, WARNING).state == "off"
    assert await hass.config_entries.async_unload(simulator_entry.entry_id)


async def test_all_that_an_alert_says_is_kept(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    now = dt_util.utcnow()
    heard = Heard(active=(alert("TOR", "039035-039173"),), weekly_test=now)
    store = HeardStore(hass, "simulator_entry")
    store.async_keep(heard)
    await store.async_flush()
    assert await HeardStore(hass, "simulator_entry").async_load() == heard
    await store.async_remove()
    assert FILE not in hass_storage


async def test_an_alert_that_has_ended_meanwhile_is_not_active_again(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    store = HeardStore(hass, "simulator_entry")
    store.async_keep(
        Heard(active=(alert("TOR", life="0015"), alert("SVA", life="0200")))
    )
    await store.async_flush()
    freezer.tick(timedelta(minutes=20))
    heard = await HeardStore(hass, "simulator_entry").async_load()
    assert [one.event_code for one in heard.active] == ["SVA"]


async def test_it_is_written_a_second_after_it_was_heard(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    hass_storage: dict[str, Any],
    simulator_entry: MockConfigEntry,
) -> None:
    coordinator = await set_up(hass, simulator_entry)
    await tell(hass, coordinator, alert("TOR"))
    freezer.tick(timedelta(seconds=2))
    async_fire_time_changed(hass)
    await hass.async_block_till_done()
    (stored,) = hass_storage[FILE]["data"]["active"]
    assert stored["event_code"] == "TOR"


async def test_a_file_that_cannot_be_read_is_begun_anew(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    data = {"active": [{"event_code": "TOR"}], "weekly_test": None}
    hass_storage[FILE] = {"version": 1, "minor_version": 1, "key": FILE, "data": data}
    assert await HeardStore(hass, "simulator_entry").async_load() == Heard()
    assert "Stored alerts could not be read" in caplog.text


async def test_a_station_that_is_removed_leaves_nothing(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    simulator_entry: MockConfigEntry,
) -> None:
    coordinator = await set_up(hass, simulator_entry)
    await tell(hass, coordinator, alert("TOR"))
    assert await hass.config_entries.async_remove(simulator_entry.entry_id)
    assert FILE not in hass_storage
