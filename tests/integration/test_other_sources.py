"""A station that hears by several sources: what is of each, and what of all together."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr, issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
    async_fire_time_changed,
)

from custom_components.eas_station.channels import new_subentry
from custom_components.eas_station.const import DOMAIN, EVENT_ALERT
from custom_components.eas_station.coordinator import EasStationCoordinator
from custom_components.eas_station.devices import sources_of
from custom_components.eas_station.eas_core.radio.plan import PlanError
from custom_components.eas_station.eas_core.sources.source import SourceErrorReason
from custom_components.eas_station.eas_core.station import (
    AlertUpdated,
    ChannelStatus,
    SourceState,
    SourceStatus,
    Station,
)
from custom_components.eas_station.source_coordinator import SourceCoordinator
from custom_components.eas_station.source_settings import (
    source_settings,
    station_source,
)
from tests.integration.alerts import alert, end_of, set_up
from tests.integration.calling import call
from tests.integration.waiting import seen, shown_state

STREAM = {"source": "stream", "url": "http://me:old@127.0.0.1:9/live"}
RADIO = {
    "source": "rtl_tcp",
    "host": "127.0.0.1",
    "port": 9,
    "reception": {"band": "nwr", "frequencies": [162_550_000]},
    "gain_db": 20.0,
    "ppm": 4,
}


async def station(
    hass: HomeAssistant, entry: MockConfigEntry, data: dict[str, Any]
) -> tuple[EasStationCoordinator, SourceCoordinator]:
    """Set up a station with another source; return that as well."""
    entry.add_to_hass(hass)
    made = ConfigSubentryData(
        data=data, subentry_type="source", title="Attic", unique_id="other"
    )
    hass.config_entries.async_add_subentry(entry, new_subentry(made))
    coordinator = await set_up(hass, entry)
    return coordinator, coordinator.sources[1]


async def tell(hass: HomeAssistant, source: SourceCoordinator, *records: Any) -> None:
    for record in records:
        source._from_thread(record)
    await hass.async_block_till_done()


def status(state: SourceState, reason: SourceErrorReason | None = None) -> SourceStatus:
    return SourceStatus(
        state=state, since=dt_util.utcnow(), reason=reason, hint="Do this."
    )


async def test_the_same_message_of_two_sources_is_one_alert(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    coordinator, other = await station(hass, simulator_entry, STREAM)
    events = async_capture_events(hass, EVENT_ALERT)
    ends = async_capture_events(hass, "eas_end_of_message")
    moments: list[Any] = []
    coordinator.async_listen_moments(moments.append)
    first = alert("TOR")
    again = alert("TOR", channels=("Attic",), header=first.header)
    await tell(hass, coordinator.own, first)
    await tell(hass, other, again)
    await tell(hass, coordinator.own, end_of(first))
    await tell(hass, other, end_of(again))
    assert [event.data["id"] for event in events] == [first.id]
    assert len(ends) == 1
    updated = moments[1]
    assert isinstance(updated, AlertUpdated)
    assert updated.alert.channels == ("main", "Attic")
    assert updated.alert.corroborated
    last = shown_state(hass, "sensor.home_eas_last_alert")
    assert last.attributes["channels"] == ["main", "Attic"]
    assert shown_state(hass, "sensor.home_eas_active_alerts").state == "1"


async def test_a_station_hears_while_one_of_its_sources_does(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    coordinator, other = await station(hass, simulator_entry, STREAM)
    down = status(SourceState.DOWN, SourceErrorReason.REFUSED)
    await tell(hass, coordinator.own, down)
    assert coordinator.data.hearing == down
    await tell(hass, other, status(SourceState.HEARING))
    assert coordinator.data.hearing.state == "hearing"
    assert coordinator.data.status == down
    await tell(hass, other, down)
    assert coordinator.data.hearing == down


async def test_each_source_tells_when_it_receives(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    coordinator, other = await station(hass, simulator_entry, STREAM)
    for source in coordinator.sources:
        await tell(hass, source, status(SourceState.HEARING))
    heard = alert("TOR", channels=("Attic",))
    await tell(hass, other, heard)
    own = "binary_sensor.home_eas_receiving"
    others = "binary_sensor.home_eas_attic_receiving"
    assert shown_state(hass, own).state == "off"
    assert shown_state(hass, others).state == "on"
    await tell(hass, other, end_of(heard))
    assert shown_state(hass, others).state == "off"


async def test_the_trouble_of_another_source_is_its_own(
    hass: HomeAssistant,
    simulator_entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    coordinator, other = await station(hass, simulator_entry, STREAM)
    await tell(hass, coordinator.own, status(SourceState.HEARING))
    await tell(hass, other, status(SourceState.DOWN, SourceErrorReason.REFUSED))
    freezer.tick(timedelta(minutes=6))
    async_fire_time_changed(hass)
    await hass.async_block_till_done()
    issues = ir.async_get(hass).issues
    [(_, issue_id)] = [key for key in issues if key[1].startswith("source_")]
    assert issue_id == f"source_{other.setting.subentry_id}"
    placeholders = issues[DOMAIN, issue_id].translation_placeholders
    assert placeholders is not None
    assert placeholders["name"] == "Home EAS Attic"
    assert shown_state(hass, "binary_sensor.home_eas_problem").state == "off"
    assert shown_state(hass, "binary_sensor.home_eas_attic_problem").state == "on"


async def test_another_stream_asks_for_its_own_password(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    _, other = await station(hass, simulator_entry, STREAM)
    await tell(hass, other, status(SourceState.DOWN, SourceErrorReason.UNAUTHORIZED))
    flow = hass.config_entries.flow
    [asked] = flow.async_progress_by_handler(DOMAIN)
    form = await flow.async_configure(asked["flow_id"])
    assert (form["description_placeholders"] or {})["name"] == "Attic"
    with patch("custom_components.eas_station.flow.stream.call_in_child"):
        result = await flow.async_configure(
            asked["flow_id"], {"username": "you", "password": "new"}
        )
        await hass.async_block_till_done()
    assert result["reason"] == "reauth_successful"
    [subentry] = simulator_entry.subentries.values()
    assert subentry.data["url"] == "http://you:new@127.0.0.1:9/live"
    assert await hass.config_entries.async_unload(simulator_entry.entry_id)


async def test_a_device_says_which_source_is_restarted(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    coordinator, other = await station(hass, simulator_entry, STREAM)
    registry, entry_id = dr.async_get(hass), simulator_entry.entry_id
    assert other.setting.subentry_id is not None
    device = registry.async_get_device_by_identifier(
        (DOMAIN, other.setting.subentry_id), entry_id
    )
    assert device is not None
    with (
        patch.object(coordinator.own.station, "start") as own_start,
        patch.object(other.station, "start") as other_start,
    ):

        def counts() -> tuple[int, int]:
            return own_start.call_count, other_start.call_count

        act = hass.services.async_call
        which = {"device_id": device.id}
        await act(DOMAIN, "restart_source", which, blocking=True)
        assert counts() == (0, 1)
        await act(DOMAIN, "restart_source", {}, blocking=True)
        assert counts() == (1, 2)
        button = {"entity_id": "button.home_eas_attic_restart_source"}
        await act("button", "press", button, blocking=True)
        assert counts() == (1, 3)


async def test_the_first_radio_scans(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    coordinator, other = await station(hass, simulator_entry, RADIO)
    with (
        patch("custom_components.eas_station.actions.scan", return_value=[]) as scan,
        patch.object(coordinator.own.station, "stop") as own_stop,
        patch.object(other.station, "start"),
    ):
        assert await call(hass, "scan") == {"channels": []}
        assert not own_stop.called
    dongle = scan.call_args.args[0].dongle
    assert (dongle.gain_db, dongle.ppm) == (20.0, 4)
    registry, entry_id = dr.async_get(hass), simulator_entry.entry_id
    device = registry.async_get_device_by_identifier((DOMAIN, entry_id), entry_id)
    assert device is not None
    with pytest.raises(ServiceValidationError) as refused:
        await call(hass, "scan", {"device_id": device.id})
    assert refused.value.translation_key == "not_a_radio"


async def test_another_radio_has_its_channels_below_its_own_device(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    coordinator, other = await station(hass, simulator_entry, RADIO)
    registry, entry_id = dr.async_get(hass), simulator_entry.entry_id
    radio_id = other.setting.subentry_id
    assert radio_id is not None

    def device(identity: str) -> dr.DeviceEntry | None:
        return registry.async_get_device_by_identifier((DOMAIN, identity), entry_id)

    radio, channel = device(radio_id), device(f"{radio_id}_162550000")
    assert radio is not None
    assert channel is not None
    assert channel.name == "Home EAS Attic 162.550 MHz"
    assert channel.via_device_id == radio.id
    assert channel.config_subentry_id == radio_id
    assert sources_of(simulator_entry, [f"{radio_id}_162550000"]) == [other]
    assert sources_of(simulator_entry, [f"{entry_id}_162550000"]) == [coordinator.own]

    hearing = SourceState.HEARING
    heard = ChannelStatus(
        channel="Attic 162.550", state=hearing, since=dt_util.utcnow()
    )
    await tell(hass, other, status(hearing), heard)
    shown = "sensor.home_eas_attic_162_550_status"
    assert shown_state(hass, shown).state == "hearing"

    elsewhere = {"reception": {"band": "nwr", "frequencies": [162_400_000]}}
    with patch.object(Station, "start"):
        hass.config_entries.async_update_subentry(
            simulator_entry,
            simulator_entry.subentries[radio_id],
            data=RADIO | elsewhere,
        )
        await hass.async_block_till_done(wait_background_tasks=True)
    assert device(f"{radio_id}_162550000") is None
    assert device(f"{radio_id}_162400000") is not None
    assert hass.states.get(shown) is None


async def test_a_radio_that_cannot_be_made_just_now_says_why_and_keeps_its_channels(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    _, other = await station(hass, simulator_entry, RADIO)
    entry_id, radio_id = simulator_entry.entry_id, other.setting.subentry_id
    own = station_source(simulator_entry, source_settings(simulator_entry)[0])
    with patch(
        f"custom_components.{DOMAIN}.station_source",
        side_effect=[own, PlanError("Choose another frequency.")],
    ):
        assert await hass.config_entries.async_reload(entry_id)
    shown = "sensor.home_eas_attic_sdr_status"
    await seen(lambda: shown_state(hass, shown).state == "down")
    assert shown_state(hass, shown).attributes["hint"] == "Choose another frequency."
    assert dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, f"{radio_id}_162550000"), entry_id
    )
    assert await hass.config_entries.async_unload(entry_id)


async def test_a_self_test_is_made_by_a_source_that_runs(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    coordinator, other = await station(hass, simulator_entry, STREAM)
    await hass.async_add_executor_job(other.station.start)
    assert not coordinator.station.running
    assert (await call(hass, "self_test"))["decoded"]
    assert await hass.config_entries.async_unload(simulator_entry.entry_id)
