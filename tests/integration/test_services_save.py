"""The action that keeps the last minutes of what was heard."""

from pathlib import Path

from homeassistant.components.media_source import async_resolve_media
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
)
from homeassistant.setup import async_setup_component
import probatio
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.eas_station.const import DOMAIN
from tests.integration.alerts import set_up
from tests.integration.calling import call, told
from tests.integration.waiting import until


async def test_the_last_seconds_become_a_recording_that_plays(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    assert await async_setup_component(hass, "media_source", {})
    options = {"floor_mb": 0}
    simulator_entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(simulator_entry, options=options)
    assert await hass.config_entries.async_setup(simulator_entry.entry_id)
    station = simulator_entry.runtime_data.station
    await until(hass, lambda: station.counters.samples > 4 * 16_000)
    saved = await call(
        hass, "save_recording", {"channel": station.options.channel, "minutes": 0.1}
    )
    uri = f"media-source://eas_station/{simulator_entry.entry_id}/{saved['name']}"
    assert saved["recording"] == uri
    assert "SAVED" in saved["name"]
    assert 3 < saved["duration_s"] <= 6
    media = await async_resolve_media(hass, uri, None)
    assert media.path is not None
    assert Path(media.path).name == f"{saved['name']}.mp3"
    heard = station.counters.samples
    await until(hass, lambda: station.counters.samples > heard + 16_000)
    again = await call(hass, "save_recording")
    assert again["name"] > saved["name"]
    assert again["duration_s"] > saved["duration_s"]
    assert await hass.config_entries.async_unload(simulator_entry.entry_id)


async def test_a_channel_that_is_none_names_those_that_are(
    hass: HomeAssistant, rtl_sdr_entry: MockConfigEntry
) -> None:
    await set_up(hass, rtl_sdr_entry)
    with pytest.raises(ServiceValidationError) as refused:
        await call(hass, "save_recording", {"channel": "162.475"})
    assert "162.400, 162.550" in await told(refused.value, hass)


async def test_a_station_that_records_nothing_says_where_to_switch_it_on(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    simulator_entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(simulator_entry, options={"record": False})
    await hass.config_entries.async_setup(simulator_entry.entry_id)
    with pytest.raises(ServiceValidationError) as refused:
        await call(hass, "save_recording")
    assert "Switch it on" in await told(refused.value, hass)
    assert await hass.config_entries.async_unload(simulator_entry.entry_id)


async def test_a_station_that_has_heard_nothing_says_so(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    await set_up(hass, simulator_entry)
    with pytest.raises(HomeAssistantError) as failed:
        await call(hass, "save_recording")
    assert "Wait until something is heard" in await told(failed.value, hass)


@pytest.mark.parametrize("minutes", [0, 3.5, "long"])
async def test_no_more_can_be_asked_for_than_is_kept(
    hass: HomeAssistant, simulator_entry: MockConfigEntry, minutes: float | str
) -> None:
    await set_up(hass, simulator_entry)
    with pytest.raises(probatio.Invalid):
        await call(hass, "save_recording", {"minutes": minutes})


async def test_it_is_for_administrators(
    hass: HomeAssistant, simulator_entry: MockConfigEntry, hass_read_only_user: MockUser
) -> None:
    await set_up(hass, simulator_entry)
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            DOMAIN,
            "save_recording",
            {},
            blocking=True,
            context=Context(user_id=hass_read_only_user.id),
        )
