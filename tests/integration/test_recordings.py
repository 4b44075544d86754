"""Recordings of what a station hears: where they are, who tells of them, what is set about them."""

from pathlib import Path

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.eas_station.const import (
    DOMAIN,
    EVENT_ALERT,
    EVENT_END_OF_MESSAGE,
)
from custom_components.eas_station.eas_core.station import (
    RecordingEnd,
    RecordingFinished,
    RecordingProblem,
    RecordingTrouble,
)
from custom_components.eas_station.recordings import recording_folder
from tests.integration.alerts import alert, set_up, tell
from tests.integration.forms import suggested
from tests.integration.recorded import record, recording_entry, spoken
from tests.integration.waiting import shown_state

PROBLEM = "binary_sensor.home_eas_recording_problem"


async def test_a_message_is_recorded_and_all_who_tell_of_it_point_to_it(
    hass: HomeAssistant, tmp_path: Path, header: str
) -> None:
    entry = recording_entry(tmp_path / "on_air.wav", spoken(header))
    alerts = async_capture_events(hass, EVENT_ALERT)
    ends = async_capture_events(hass, EVENT_END_OF_MESSAGE)
    coordinator, (finished,) = await record(hass, entry)
    uri = f"media-source://eas_station/{entry.entry_id}/{finished.name}"
    assert [one.data["recording"] for one in (*alerts, *ends)] == [uri, uri]
    for entity in ("event.home_eas_alert", "sensor.home_eas_last_alert"):
        assert shown_state(hass, entity).attributes["recording"] == uri
    folder = tmp_path / "media" / "eas_station" / entry.entry_id
    assert recording_folder(hass, entry.entry_id) == folder
    assert Path(finished.path).parent == folder
    assert finished.copy_path is not None
    assert Path(finished.copy_path).suffix == ".mp3"
    assert coordinator.recordings is not None
    assert [one.name for one in coordinator.recordings.entries()] == [finished.name]
    assert await hass.config_entries.async_remove(entry.entry_id)
    kept = await hass.async_add_executor_job(Path(finished.path).exists)
    assert kept, "it is the user's"


async def test_without_recording_nothing_is_written_or_pointed_to(
    hass: HomeAssistant, tmp_path: Path, header: str
) -> None:
    entry = recording_entry(tmp_path / "on_air.wav", spoken(header), record=False)
    alerts = async_capture_events(hass, EVENT_ALERT)
    coordinator, finished = await record(hass, entry)
    assert [one.data["recording"] for one in alerts] == [None]
    assert finished == []
    assert coordinator.recordings is None
    assert not (tmp_path / "media").exists()
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_what_is_set_about_recordings_is_what_the_station_does(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    await set_up(hass, simulator_entry)
    menu = await hass.config_entries.options.async_init(simulator_entry.entry_id)
    form = await hass.config_entries.options.async_configure(
        menu["flow_id"], {"next_step_id": "recordings"}
    )
    assert suggested(form) == {
        "record": True,
        "copy": "mp3",
        "tones_in_copy": False,
        "keep_days": 730.0,
        "keep_test_days": 90.0,
        "keep_mb": 2000.0,
        "floor_mb": 500.0,
    }
    typed = {
        "record": True,
        "copy": "opus",
        "tones_in_copy": True,
        "keep_days": 30.0,
        "keep_test_days": 7.0,
        "keep_mb": 100.0,
        "floor_mb": 1000.0,
    }
    result = await hass.config_entries.options.async_configure(form["flow_id"], typed)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    recording = simulator_entry.runtime_data.station.options.recording
    assert recording is not None
    for key, value in typed.items():
        if key != "record":
            assert getattr(recording, key) == value
    assert simulator_entry.options == typed
    assert await hass.config_entries.async_unload(simulator_entry.entry_id)


@pytest.mark.parametrize("reason", list(RecordingTrouble))
async def test_a_disk_that_takes_nothing_is_told_until_it_does(
    hass: HomeAssistant, simulator_entry: MockConfigEntry, reason: RecordingTrouble
) -> None:
    coordinator = await set_up(hass, simulator_entry)
    assert shown_state(hass, PROBLEM).state == "off"
    now = dt_util.utcnow()
    await tell(hass, coordinator, RecordingProblem(at=now, reason=reason, hint="Look."))
    shown = shown_state(hass, PROBLEM)
    assert (shown.state, shown.attributes["reason"]) == ("on", reason)
    issues = ir.async_get(hass)
    issue_id = f"recording_{simulator_entry.entry_id}"
    issue = issues.async_get_issue(DOMAIN, issue_id)
    assert issue is not None
    assert issue.translation_key == f"recording_{reason}"
    assert issue.translation_placeholders == {
        "name": "Home EAS",
        "folder": str(recording_folder(hass, simulator_entry.entry_id)),
        "floor": "500",
    }
    await tell(hass, coordinator, RecordingProblem(at=now, reason=None))
    assert issues.async_get_issue(DOMAIN, issue_id) is None
    shown = shown_state(hass, PROBLEM)
    assert (shown.state, shown.attributes["reason"]) == ("off", None)


async def test_the_issue_goes_with_the_entry(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    coordinator = await set_up(hass, simulator_entry)
    problem = RecordingProblem(
        at=dt_util.utcnow(), reason=RecordingTrouble.LOW_SPACE, hint="Make room."
    )
    await tell(hass, coordinator, problem)
    assert await hass.config_entries.async_unload(simulator_entry.entry_id)
    issue_id = f"recording_{simulator_entry.entry_id}"
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue_id) is None


async def test_the_history_points_to_the_recording_that_has_its_end(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    coordinator = await set_up(hass, simulator_entry)
    heard = alert(recording="20260608T183012345Z-TOR-1")
    await tell(hass, coordinator, heard)

    def finished(name: str, *, complete: bool) -> RecordingFinished:
        return RecordingFinished(
            at=dt_util.utcnow(),
            name=name,
            alert_id=heard.id,
            channel="main",
            path=f"{name}.flac",
            copy_path=None,
            duration_s=60.0,
            ended_by=RecordingEnd.END_OF_MESSAGE if complete else RecordingEnd.DISK,
            complete=complete,
            lost_s=0.0,
        )

    async def kept() -> str:
        told = await coordinator.history.async_get(heard.id)
        assert told is not None
        return str(told["recording"]).rpartition("/")[2]

    assert await kept() == heard.recording
    other = "20260608T183012500Z-TOR-1"
    await tell(hass, coordinator, finished(other, complete=False))
    assert await kept() == heard.recording
    await tell(hass, coordinator, finished(other, complete=True))
    assert await kept() == other
