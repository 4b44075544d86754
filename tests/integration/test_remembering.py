"""What lives on over a restart, a reload and a removal: nothing is lost, nothing told twice."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
    async_fire_time_changed,
)

from custom_components.eas_station.const import EVENT_ALERT, EVENT_END_OF_MESSAGE
from custom_components.eas_station.coordinator import EasStationCoordinator
from custom_components.eas_station.eas_core.station import (
    AlertUpdated,
    RecordingEnd,
    RecordingFinished,
    Station,
)
from custom_components.eas_station.eas_core.station.alerts import build_alert
from custom_components.eas_station.remembering import alert_of
from tests.integration.alerts import alert, at, decoded, end_of, entry_of, set_up, tell
from tests.integration.waiting import shown_state, until

OLD_FILE = "eas_station.simulator_entry"
FILE = f"{OLD_FILE}.history.0"
WARNING = "binary_sensor.home_eas_warning_active"
TEST = "sensor.home_eas_last_weekly_test"
LAST = "sensor.home_eas_last_alert"


async def reload(
    hass: HomeAssistant, entry: MockConfigEntry
) -> tuple[EasStationCoordinator, list[Any]]:
    """Start an entry's station anew; return its coordinator, and the events from then on."""
    told_again = async_capture_events(hass, EVENT_ALERT)
    with patch.object(Station, "start"):
        assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    return entry.runtime_data, told_again


async def test_what_was_heard_lives_on(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    simulator_entry: MockConfigEntry,
) -> None:
    weekly, warning = alert("RWT"), alert("TOR")
    coordinator = await set_up(hass, simulator_entry)
    await tell(hass, coordinator, weekly, warning)
    again, told_again = await reload(hass, simulator_entry)
    assert again is not coordinator
    assert shown_state(hass, WARNING).state == "on"
    assert shown_state(hass, TEST).state == at(weekly.received)
    assert shown_state(hass, LAST).state == "Tornado Warning"
    assert shown_state(hass, LAST).attributes["id"] == warning.id
    assert len(hass.states.async_all("geo_location")) == 1
    assert told_again == []
    # And ends in its time.
    freezer.tick(warning.expires - dt_util.utcnow() + timedelta(seconds=1))
    async_fire_time_changed(hass)
    await hass.async_block_till_done()
    assert shown_state(hass, WARNING).state == "off"
    assert await hass.config_entries.async_unload(simulator_entry.entry_id)


@pytest.mark.parametrize(
    "time", ["2026-06-08T18:30", "2026-06-00T00:00Z", "9999-12-31T23:59:59Z", 7]
)
async def test_a_time_that_the_disk_has_changed_keeps_no_station_from_hearing(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    simulator_entry: MockConfigEntry,
    time: object,
) -> None:
    warning = alert("TOR")
    state = dict.fromkeys(("set_up_at", "weekly_test", "required_test"), time)
    changed = entry_of(alert("RWT"), received=time, expires=time, issued=time, id=7)
    hass_storage[FILE] = {
        "version": 2,
        "minor_version": 1,
        "key": FILE,
        "data": {"entries": [entry_of(warning)], "state": state},
    }
    hass_storage[FILE.replace(".0", ".1")] = {
        "version": 2,
        "minor_version": 1,
        "key": FILE,
        "data": {"entries": [changed], "state": state | {"counters": state}},
    }
    await set_up(hass, simulator_entry)
    assert shown_state(hass, WARNING).state == "on"


async def test_a_message_that_is_heard_again_after_a_restart_is_not_told_again(
    hass: HomeAssistant, file_entry: MockConfigEntry
) -> None:
    events = async_capture_events(hass, EVENT_ALERT)
    file_entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(file_entry.entry_id)
    await until(hass, lambda: len(events) == 1)
    # The file begins anew with the station.
    assert await hass.config_entries.async_reload(file_entry.entry_id)
    coordinator: EasStationCoordinator = file_entry.runtime_data
    await until(hass, lambda: coordinator.station.counters.ends_of_message == 1)
    assert coordinator.station.counters.messages == 1
    assert len(events) == 1
    assert shown_state(hass, "sensor.home_eas_messages_decoded").state == "2"
    (entry,) = (await coordinator.history.async_page(9))["entries"]
    assert entry["id"] == events[0].data["id"]
    assert await hass.config_entries.async_unload(file_entry.entry_id)


async def test_a_partial_message_is_known_again_and_becomes_whole(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    whole = alert("TOR", "039035-039173")
    partial = replace(
        whole,
        id="first",
        partial=True,
        header=whole.header.replace("039173", "0391?3"),
        locations=whole.locations[:1],
    )
    await tell(hass, await set_up(hass, simulator_entry), partial)
    again, _ = await reload(hass, simulator_entry)
    heard = decoded(whole.best_guess)
    now = dt_util.utcnow()
    update = again._merger.take(build_alert(heard, "main", now), now)
    assert isinstance(update, AlertUpdated)
    assert update.alert.id == "first"
    assert await hass.config_entries.async_unload(simulator_entry.entry_id)


async def test_a_self_test_before_is_not_taken_for_a_test_off_the_air(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    own = alert("RWT", test=True, self_test=True)
    await tell(hass, await set_up(hass, simulator_entry), own)
    again, _ = await reload(hass, simulator_entry)
    assert again.recent_alerts == ()
    assert len(again.history) == 1
    assert await hass.config_entries.async_unload(simulator_entry.entry_id)


async def test_an_entry_becomes_what_is_known_later(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    coordinator = await set_up(hass, simulator_entry)
    told: list[dict[str, Any]] = []
    coordinator.history.async_listen(told.append)
    begun = alert("TOR", received=dt_util.utcnow())
    await tell(hass, coordinator, begun)
    assert told[-1]["entry_id"] == "simulator_entry"
    assert told[-1]["relevant"] is True
    for later in ("ended", "duration_s", "recording", "transcript", "nws", "updated"):
        assert told[-1][later] is None
    end = end_of(begun, seconds=41.5)
    finished = RecordingFinished(
        at=end.received,
        name="2026-06-08 TOR",
        alert_id=begun.id,
        channel="main",
        path="/media/x.flac",
        copy_path=None,
        duration_s=50.0,
        ended_by=RecordingEnd.END_OF_MESSAGE,
        complete=True,
        lost_s=0.0,
    )
    await tell(hass, coordinator, end, finished)
    assert told[-1]["ended"] == end.received.isoformat()
    assert told[-1]["duration_s"] == 41.5
    uri = "media-source://eas_station/simulator_entry/2026-06-08 TOR"
    assert told[-1]["recording"] == uri
    better = replace(begun, corroborated=True, channels=("main", "other"))
    await tell(hass, coordinator, AlertUpdated(alert=better))
    assert told[-1]["corroborated"] is True
    assert told[-1]["channels"] == ["main", "other"]
    assert told[-1]["updated"] is not None
    assert told[-1]["recording"] == uri
    assert told[-1]["ended"] == end.received.isoformat()
    assert len(coordinator.history) == 1


async def test_an_update_of_an_alert_that_the_history_has_lost_is_an_entry(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    coordinator = await set_up(hass, simulator_entry)
    begun = alert("TOR")
    coordinator._merger.remember([begun])
    better = replace(begun, channels=("main", "other"))
    await tell(hass, coordinator, AlertUpdated(alert=better))
    entry = await coordinator.history.async_get(begun.id)
    assert entry is not None
    assert entry["channels"] == ["main", "other"]


async def test_the_end_of_a_message_is_known_after_a_restart_in_its_midst(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    begun = alert("TOR", received=dt_util.utcnow())
    await tell(hass, await set_up(hass, simulator_entry), begun)
    again, _ = await reload(hass, simulator_entry)
    ends = async_capture_events(hass, EVENT_END_OF_MESSAGE)
    cut = replace(end_of(begun), alert_id=None, duration_s=None)
    await tell(hass, again, cut)
    assert [one.data["alert_id"] for one in ends] == [begun.id]
    entry = await again.history.async_get(begun.id)
    assert entry is not None
    assert entry["ended"] == cut.received.isoformat()
    assert entry["duration_s"] is None
    assert await hass.config_entries.async_unload(simulator_entry.entry_id)


async def test_an_entry_is_there_before_its_event(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    coordinator = await set_up(hass, simulator_entry)
    found: list[Any] = []
    hass.bus.async_listen(
        EVENT_ALERT, lambda event: found.append(coordinator.history.newest)
    )
    begun = alert("TOR")
    await tell(hass, coordinator, begun)
    assert [one["id"] for one in found] == [begun.id]


async def test_counts_go_on(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    coordinator = await set_up(hass, simulator_entry)
    assert isinstance(coordinator.station, Station)
    hearing = next(iter(coordinator.station._ears.hearings.values()))
    hearing.messages, hearing.malformed = 3, 2
    await tell(hass, coordinator, alert("TOR"))
    again, _ = await reload(hass, simulator_entry)
    assert again.data.messages == 3
    assert again.counters.malformed == 2
    assert await hass.config_entries.async_unload(simulator_entry.entry_id)


async def test_all_that_an_alert_says_is_kept(hass: HomeAssistant) -> None:
    whole = alert("TOR", "039035-039173", corroborated=True)
    assert alert_of(entry_of(whole)) == whole
    uri = "media-source://eas_station/simulator_entry/2026-06-08 TOR"
    recorded = alert_of(entry_of(whole, recording=uri))
    assert recorded == replace(whole, recording="2026-06-08 TOR")


async def test_entries_that_are_no_alerts_any_more_are_left_out_and_told_once(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    simulator_entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    coordinator = await set_up(hass, simulator_entry)
    places = [f"0390{number}" for number in range(10, 40)]
    await tell(hass, coordinator, *(alert(places=place) for place in places))
    assert await hass.config_entries.async_unload(simulator_entry.entry_id)
    stored = hass_storage["eas_station.simulator_entry.history.0"]["data"]["entries"]
    for entry in stored[1:]:
        entry["channels"] = None
    caplog.clear()
    again = await set_up(hass, simulator_entry)
    assert len(again.data.heard.active) == 1
    warned = [one.message for one in caplog.records if one.levelname == "WARNING"]
    assert [one for one in warned if "stored" in one] == [
        "29 of the stored alerts of Home EAS cannot be read"
    ]
    assert await hass.config_entries.async_unload(simulator_entry.entry_id)


async def test_the_file_of_the_first_version_is_taken_over(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    simulator_entry: MockConfigEntry,
) -> None:
    warning, weekly = alert("TOR"), dt_util.utcnow()
    stored = entry_of(warning) | {"recording": "2026-06-08 TOR"}
    for name in ("relevant", "reason", "late"):
        del stored[name]
    hass_storage[OLD_FILE] = {
        "version": 1,
        "minor_version": 1,
        "key": OLD_FILE,
        "data": {"active": [stored], "weekly_test": weekly.isoformat()},
    }
    coordinator = await set_up(hass, simulator_entry)
    assert shown_state(hass, WARNING).state == "on"
    assert shown_state(hass, TEST).state == at(weekly)
    (entry,) = (await coordinator.history.async_page(9))["entries"]
    assert entry["id"] == warning.id
    assert entry["relevant"] is True
    assert OLD_FILE not in hass_storage
    assert FILE in hass_storage


async def test_a_station_that_is_removed_leaves_nothing(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    simulator_entry: MockConfigEntry,
) -> None:
    coordinator = await set_up(hass, simulator_entry)
    await tell(hass, coordinator, alert("TOR"))
    assert FILE in hass_storage
    assert await hass.config_entries.async_remove(simulator_entry.entry_id)
    assert not [name for name in hass_storage if name.startswith("eas_station")]
