"""What entities show of alerts as they come and go, and of a source as it fails."""

from datetime import timedelta
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.eas_station.coordinator import EasStationCoordinator
from custom_components.eas_station.eas_core.sources.source import SourceErrorReason
from custom_components.eas_station.eas_core.station import (
    AlertUpdated,
    LevelReading,
    SourceState,
    SourceStatus,
)
from custom_components.eas_station.filters import active_alerts
from custom_components.eas_station.geo_location import AlertedPlace
from tests.integration.alerts import alert, at, end_of, set_up, tell
from tests.integration.readings import level
from tests.integration.waiting import shown_state

ALERT = "binary_sensor.home_eas_alert_active"
WARNING = "binary_sensor.home_eas_warning_active"
WATCH = "binary_sensor.home_eas_watch_active"
ADVISORY = "binary_sensor.home_eas_advisory_active"
RECEIVING = "binary_sensor.home_eas_receiving"
PROBLEM = "binary_sensor.home_eas_problem"
SILENCE = "binary_sensor.home_eas_silence"
ACTIVE = "sensor.home_eas_active_alerts"
EXPIRY = "sensor.home_eas_next_expiry"
EVENT = "event.home_eas_alert"


@pytest.fixture
async def coordinator(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> EasStationCoordinator:
    """A station that says nothing by itself, and has begun to hear."""
    coordinator = await set_up(hass, simulator_entry)
    await tell(hass, coordinator, status(SourceState.HEARING))
    return coordinator


def status(state: SourceState, reason: SourceErrorReason | None = None) -> SourceStatus:
    return SourceStatus(state=state, since=dt_util.utcnow(), reason=reason)


async def pass_time(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, passed: timedelta
) -> None:
    freezer.tick(passed)
    async_fire_time_changed(hass)
    await hass.async_block_till_done()


def shown(hass: HomeAssistant, *entity_ids: str) -> list[str]:
    return [shown_state(hass, entity_id).state for entity_id in entity_ids]


async def test_an_alert_lives_until_its_time_is_up(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    coordinator: EasStationCoordinator,
) -> None:
    assert shown(hass, ALERT, ACTIVE, EXPIRY) == ["off", "0", STATE_UNKNOWN]
    warning, watch = alert("TOR", life="0030"), alert("SVA", life="0200")
    await tell(hass, coordinator, warning, watch)
    assert shown(hass, ALERT, ACTIVE, EXPIRY) == ["on", "2", at(warning.expires)]
    listed = shown_state(hass, ACTIVE).attributes["alerts"]
    assert [one["event_code"] for one in listed] == ["SVA", "TOR"]
    assert listed[1]["places"] == ["Cuyahoga County"]

    left = warning.expires - dt_util.utcnow()
    await pass_time(hass, freezer, left - timedelta(seconds=5))
    assert shown(hass, ACTIVE, WARNING) == ["2", "on"]
    await pass_time(hass, freezer, timedelta(seconds=6))
    assert shown(hass, ACTIVE, WARNING) == ["1", "off"]
    assert shown(hass, ALERT, EXPIRY) == ["on", at(watch.expires)]
    await pass_time(hass, freezer, timedelta(hours=2))
    assert shown(hass, ALERT, ACTIVE, EXPIRY) == ["off", "0", STATE_UNKNOWN]


@pytest.mark.parametrize(
    ("event", "on"),
    [
        ("TOR", [WARNING]),
        ("EAN", [WARNING]),
        ("XXX", [WARNING]),
        ("TOA", [WATCH]),
        ("SVS", [ADVISORY]),
    ],
)
async def test_each_severity_has_its_binary_sensor(
    hass: HomeAssistant, coordinator: EasStationCoordinator, event: str, on: list[str]
) -> None:
    await tell(hass, coordinator, alert(event))
    severities = (WARNING, WATCH, ADVISORY)
    assert [one for one in severities if shown(hass, one) == ["on"]] == on
    assert shown(hass, ALERT) == ["on"]


async def test_tests_and_what_does_not_concern_the_user_are_not_active(
    hass: HomeAssistant, coordinator: EasStationCoordinator
) -> None:
    await tell(hass, coordinator, alert("RWT"), alert("TOR", "039173"))
    assert shown(hass, ALERT, ACTIVE, EXPIRY) == ["off", "0", STATE_UNKNOWN]
    assert shown(hass, "sensor.home_eas_last_alert") == ["Tornado Warning"]
    # The weekly test is for home: the event entity tells of it, and of no other.
    event = shown_state(hass, EVENT)
    assert event.attributes["event_type"] == "test"
    assert event.attributes["event_code"] == "RWT"


async def test_a_filter_that_is_set_later_holds_for_active_alerts(
    hass: HomeAssistant,
    simulator_entry: MockConfigEntry,
    coordinator: EasStationCoordinator,
) -> None:
    await tell(hass, coordinator, alert("TOA"))
    assert shown(hass, WATCH) == ["on"]
    options = {"event_rule": "warnings"}
    hass.config_entries.async_update_entry(simulator_entry, options=options)
    await hass.async_block_till_done()
    assert shown(hass, WATCH, ACTIVE) == ["off", "0"]


async def test_the_event_entity_happens_once_for_each_alert(
    hass: HomeAssistant, coordinator: EasStationCoordinator
) -> None:
    first = alert("TOR")
    await tell(hass, coordinator, first)
    happened = shown_state(hass, EVENT)
    assert happened.attributes["event_type"] == "warning"
    assert happened.attributes["event"] == "Tornado Warning"
    assert happened.attributes["relevant"] is True
    better = AlertUpdated(alert=alert("TOR", corroborated=True, id=first.id))
    await tell(hass, coordinator, better, end_of(first))
    assert shown_state(hass, EVENT).state == happened.state
    assert shown(hass, ACTIVE) == ["1"]


async def test_receiving_is_from_the_alert_to_its_end_of_message(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    coordinator: EasStationCoordinator,
) -> None:
    assert shown(hass, RECEIVING) == ["off"]
    first, second = alert("TOR"), alert("SVR")
    await tell(hass, coordinator, first)
    assert shown(hass, RECEIVING) == ["on"]
    await tell(hass, coordinator, end_of(first))
    assert shown(hass, RECEIVING) == ["off"]
    # An end that is not heard is not waited for without end.
    await tell(hass, coordinator, second)
    await pass_time(hass, freezer, timedelta(seconds=170))
    assert shown(hass, RECEIVING) == ["on"]
    await pass_time(hass, freezer, timedelta(seconds=11))
    assert shown(hass, RECEIVING, WARNING) == ["off", "on"]


async def test_the_weekly_test_is_told_with_its_time(
    hass: HomeAssistant, coordinator: EasStationCoordinator
) -> None:
    entity_id = "sensor.home_eas_last_weekly_test"
    await tell(hass, coordinator, alert("RMT"), alert("RWT", self_test=True))
    assert shown(hass, entity_id) == [STATE_UNKNOWN]
    weekly = alert("RWT")
    await tell(hass, coordinator, weekly)
    assert shown(hass, entity_id) == [at(weekly.received)]


async def test_alerts_stay_where_the_source_fails_and_levels_go(
    hass: HomeAssistant, coordinator: EasStationCoordinator
) -> None:
    level = LevelReading(
        at=dt_util.utcnow(), channel="main", rms_dbfs=-20, peak_dbfs=-9, clipped=0
    )
    await tell(hass, coordinator, level, alert("TOR"))
    assert shown(hass, "sensor.home_eas_audio_level") == ["-20.0"]
    await tell(hass, coordinator, status(SourceState.DOWN, SourceErrorReason.BUSY))
    gone = ("sensor.home_eas_audio_level", RECEIVING, SILENCE)
    assert shown(hass, *gone) == [STATE_UNAVAILABLE] * 3
    assert shown(hass, ALERT, ACTIVE) == ["on", "1"]
    assert shown(hass, "sensor.home_eas_sdr_status") == ["down"]
    await tell(hass, coordinator, status(SourceState.HEARING))
    assert shown(hass, *gone) == [STATE_UNKNOWN, "off", "off"]


async def test_a_problem_is_what_lasts_a_minute(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    coordinator: EasStationCoordinator,
) -> None:
    await tell(hass, coordinator, status(SourceState.DOWN))
    await pass_time(hass, freezer, timedelta(seconds=50))
    await tell(hass, coordinator, status(SourceState.STARTING))
    await tell(hass, coordinator, status(SourceState.NO_SIGNAL))
    assert shown(hass, PROBLEM) == ["off"]
    await pass_time(hass, freezer, timedelta(seconds=11))
    assert shown(hass, PROBLEM) == ["on"]
    await tell(hass, coordinator, status(SourceState.STARTING))
    assert shown(hass, PROBLEM) == ["on"]
    await tell(hass, coordinator, status(SourceState.HEARING))
    assert shown(hass, PROBLEM) == ["off"]
    await tell(hass, coordinator, status(SourceState.DEGRADED))
    await tell(hass, coordinator, status(SourceState.HEARING))
    await pass_time(hass, freezer, timedelta(minutes=5))
    assert shown(hass, PROBLEM) == ["off"]


async def test_silence_is_what_the_source_calls_quiet(
    hass: HomeAssistant, coordinator: EasStationCoordinator
) -> None:
    await tell(hass, coordinator, status(SourceState.QUIET, SourceErrorReason.SILENT))
    assert shown(hass, SILENCE, PROBLEM) == ["on", "off"]


async def test_the_counties_of_active_alerts_are_on_the_map(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    in_cleveland: None,
    coordinator: EasStationCoordinator,
) -> None:
    def on_map() -> dict[str, list[str]]:
        return {
            state.attributes["code"]: state.attributes["events"]
            for state in hass.states.async_all("geo_location")
        }

    # The whole state has no point; a part stands at the middle of its county.
    await tell(hass, coordinator, alert("TOR", "039035-039173-039000"))
    assert on_map() == {"039035": ["Tornado Warning"], "039173": ["Tornado Warning"]}
    await tell(hass, coordinator, alert("SVR", "139035", life="0100"))
    assert on_map()["039035"] == ["Tornado Warning", "Severe Thunderstorm Warning"]
    home = hass.states.get("geo_location.cuyahoga_county_oh")
    assert home is not None
    assert float(home.state) < 25
    assert home.attributes["source"] == "eas_station"
    assert home.attributes["latitude"] == pytest.approx(41.42, abs=0.1)
    await pass_time(hass, freezer, timedelta(minutes=31))
    assert on_map() == {"039035": ["Severe Thunderstorm Warning"]}
    await pass_time(hass, freezer, timedelta(minutes=30))
    assert on_map() == {}


async def test_levels_write_no_place_anew(
    hass: HomeAssistant, in_cleveland: None, coordinator: EasStationCoordinator
) -> None:
    await tell(hass, coordinator, status(SourceState.HEARING))
    await tell(hass, coordinator, alert("TOR", "039035"))
    with patch.object(AlertedPlace, "async_write_ha_state") as write:
        for dbfs in (-10.0, -20.0, -30.0):
            await tell(hass, coordinator, level("main", dbfs, dbfs))
        assert not write.called
        await tell(hass, coordinator, alert("SVR", "039035"))
        assert write.call_count == 1


async def test_what_is_relevant_is_made_out_once(
    hass: HomeAssistant, coordinator: EasStationCoordinator
) -> None:
    entry = coordinator.config_entry
    await tell(hass, coordinator, alert("TOR", "039035"))
    first = active_alerts(entry)
    assert [one.event_code for one in first] == ["TOR"]
    await tell(hass, coordinator, status(SourceState.HEARING))
    assert active_alerts(entry) is first
    hass.config_entries.async_update_entry(entry, options={"places": ["039173"]})
    assert active_alerts(entry) == ()
