"""Numbers and switches of a receiver: what Configure sets, without building the station anew."""

from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.eas_station.channels import new_subentry
from custom_components.eas_station.coordinator import EasStationCoordinator
from custom_components.eas_station.eas_core.sources.dongle import DongleOptions
from custom_components.eas_station.eas_core.station import Station
from custom_components.eas_station.source_coordinator import SourceCoordinator
from tests.integration.alerts import set_up
from tests.integration.waiting import shown_state

GAIN, PPM = "number.attic_eas_gain", "number.attic_eas_ppm"
AUTOMATIC = "switch.attic_eas_automatic_gain"


async def act(hass: HomeAssistant, action: str, entity_id: str, **data: Any) -> None:
    """Act on an entity, whose station opens nothing."""
    domain = entity_id.partition(".")[0]
    with patch.object(Station, "start"):
        await hass.services.async_call(
            domain, action, {"entity_id": entity_id, **data}, blocking=True
        )
        await hass.async_block_till_done()


def dongle(source: SourceCoordinator) -> DongleOptions:
    """Return what a source's next opening sets."""
    options: DongleOptions = source.station._source.dongle  # type: ignore[attr-defined]
    return options


@pytest.fixture
async def radio(
    hass: HomeAssistant, rtl_tcp_entry: MockConfigEntry
) -> EasStationCoordinator:
    return await set_up(hass, rtl_tcp_entry)


async def test_what_is_not_set_is_as_the_receiver_is(
    hass: HomeAssistant, radio: EasStationCoordinator
) -> None:
    assert shown_state(hass, GAIN).state == "unknown"
    assert shown_state(hass, PPM).state == "0"
    assert shown_state(hass, AUTOMATIC).state == "on"


async def test_a_number_is_heard_by_without_building_the_station_anew(
    hass: HomeAssistant, radio: EasStationCoordinator, rtl_tcp_entry: MockConfigEntry
) -> None:
    station = radio.station
    await act(hass, "set_value", GAIN, value=32.8)
    await act(hass, "set_value", PPM, value=-7)
    assert rtl_tcp_entry.options == {"gain_db": 32.8, "ppm": -7}
    assert rtl_tcp_entry.runtime_data is radio
    assert radio.station is station
    assert dongle(radio.own) == DongleOptions(gain_db=32.8, ppm=-7)
    assert shown_state(hass, GAIN).state == "32.8"
    assert shown_state(hass, PPM).state == "-7"
    assert shown_state(hass, AUTOMATIC).state == "off"


async def test_the_gain_is_given_back_to_the_tuner_and_taken_again(
    hass: HomeAssistant, radio: EasStationCoordinator, rtl_tcp_entry: MockConfigEntry
) -> None:
    await act(hass, "turn_off", AUTOMATIC)
    assert rtl_tcp_entry.options == {"gain_db": 30.0}
    await act(hass, "set_value", GAIN, value=40.2)
    await act(hass, "turn_on", AUTOMATIC)
    assert rtl_tcp_entry.options == {}
    assert dongle(radio.own).gain_db is None
    assert shown_state(hass, GAIN).state == "unknown"
    # Twice is once.
    await act(hass, "turn_on", AUTOMATIC)
    await act(hass, "turn_off", AUTOMATIC)
    await act(hass, "turn_off", AUTOMATIC)
    assert dongle(radio.own).gain_db == 40.2


@pytest.mark.parametrize("key", ["agc", "bias_tee"])
async def test_a_switch_that_few_need_is_off_and_disabled_at_first(
    hass: HomeAssistant, rtl_tcp_entry: MockConfigEntry, key: str
) -> None:
    entity_id, registry = f"switch.attic_eas_{key}", er.async_get(hass)
    await set_up(hass, rtl_tcp_entry)
    assert hass.states.get(entity_id) is None
    registry.async_update_entity(entity_id, disabled_by=None)
    with patch.object(Station, "start"):
        await hass.config_entries.async_reload(rtl_tcp_entry.entry_id)
    radio: EasStationCoordinator = rtl_tcp_entry.runtime_data
    assert shown_state(hass, entity_id).state == "off"
    await act(hass, "turn_on", entity_id)
    assert shown_state(hass, entity_id).state == "on"
    assert getattr(dongle(radio.own), key) is True
    await act(hass, "turn_off", entity_id)
    assert getattr(dongle(radio.own), key) is False
    assert rtl_tcp_entry.options == {key: False}


async def test_another_radio_of_a_station_has_its_own(
    hass: HomeAssistant,
    simulator_entry: MockConfigEntry,
    rtl_tcp_entry: MockConfigEntry,
) -> None:
    simulator_entry.add_to_hass(hass)
    reception = {"band": "fm", "frequencies": [98_700_000]}
    data = {**rtl_tcp_entry.data, "reception": reception, "ppm": 2}
    made = ConfigSubentryData(
        data=data, subentry_type="source", title="Attic", unique_id="other"
    )
    subentry = new_subentry(made)
    hass.config_entries.async_add_subentry(simulator_entry, subentry)
    coordinator = await set_up(hass, simulator_entry)
    assert hass.states.get("number.home_eas_gain") is None
    ppm = "number.home_eas_attic_ppm"
    assert shown_state(hass, ppm).state == "2"
    await act(hass, "set_value", ppm, value=5)
    assert subentry.data["ppm"] == 5
    assert simulator_entry.options == {}
    assert simulator_entry.runtime_data is coordinator
    assert dongle(coordinator.sources[1]).ppm == 5
    assert shown_state(hass, ppm).state == "5"


@pytest.mark.usefixtures("loopback")
async def test_the_receiver_is_opened_again_when_something_is_set(
    hass: HomeAssistant, rtl_tcp_entry: MockConfigEntry
) -> None:
    rtl_tcp_entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(rtl_tcp_entry.entry_id)
    radio: EasStationCoordinator = rtl_tcp_entry.runtime_data
    stop = radio.station.stop
    with patch.object(radio.station, "stop", side_effect=stop) as stopped:
        await hass.services.async_call(
            "number", "set_value", {"entity_id": PPM, "value": 3}, blocking=True
        )
        await hass.async_block_till_done()
    assert stopped.call_count == 1
    assert radio.station.running
    assert rtl_tcp_entry.runtime_data is radio
    assert await hass.config_entries.async_unload(rtl_tcp_entry.entry_id)
