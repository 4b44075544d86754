"""The buttons of a station."""

from unittest.mock import patch

from homeassistant.components.button.const import DOMAIN as BUTTON, SERVICE_PRESS
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.eas_station.eas_core.station import SelfTest, SourceState
from tests.integration.alerts import set_up
from tests.integration.waiting import until


async def press(hass: HomeAssistant, key: str) -> None:
    """Press a button of the station's."""
    await hass.services.async_call(
        BUTTON,
        SERVICE_PRESS,
        {ATTR_ENTITY_ID: f"button.home_eas_{key}"},
        blocking=True,
    )


async def test_the_self_test_is_an_alert(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    events = async_capture_events(hass, "eas_alert")
    simulator_entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(simulator_entry.entry_id)
    await press(hass, "self_test")
    await until(hass, lambda: len(events) == 1)
    assert events[0].data["self_test"] is True
    assert await hass.config_entries.async_unload(simulator_entry.entry_id)


async def test_a_self_test_that_is_not_decoded_is_an_error(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    await set_up(hass, simulator_entry)
    missed = SelfTest(header="", seconds=1.0, alert=None, end=None)
    with (
        patch(
            "custom_components.eas_station.button.async_self_test", return_value=missed
        ),
        pytest.raises(HomeAssistantError) as failed,
    ):
        await press(hass, "self_test")
    assert failed.value.translation_key == "self_test_missed"


async def test_the_source_is_opened_again(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    coordinator = await set_up(hass, simulator_entry)
    await press(hass, "restart_source")
    await until(hass, lambda: coordinator.data.status.state is SourceState.HEARING)
    assert await hass.config_entries.async_unload(simulator_entry.entry_id)
