"""What is changed while a station hears."""

from typing import Any

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.eas_station.eas_core.sources.dongle import DongleOptions
from tests.integration.alerts import set_up
from tests.integration.forms import labels, suggested
from tests.integration.speech import Engine, add_engine

QUIET = {"quiet_dbfs": -45.0, "quiet_seconds": 120.0}


async def open_options(hass: HomeAssistant, entry: MockConfigEntry) -> ConfigFlowResult:
    """Open what is set about hearing."""
    step = await hass.config_entries.options.async_init(entry.entry_id)
    if step["type"] is FlowResultType.MENU:
        name = "radio" if "radio" in step["menu_options"] else "silence"
        step = await hass.config_entries.options.async_configure(
            step["flow_id"], {"next_step_id": name}
        )
    assert step["type"] is FlowResultType.FORM
    return step


async def change(
    hass: HomeAssistant, form: ConfigFlowResult, typed: dict[str, Any]
) -> None:
    result = await hass.config_entries.options.async_configure(form["flow_id"], typed)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()


@pytest.mark.usefixtures("loopback")
async def test_a_radio_begins_anew_with_what_is_set(
    hass: HomeAssistant, rtl_tcp_entry: MockConfigEntry
) -> None:
    rtl_tcp_entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(rtl_tcp_entry.entry_id)
    before = rtl_tcp_entry.runtime_data
    form = await open_options(hass, rtl_tcp_entry)
    assert suggested(form) == {
        "gain_db": None,
        "ppm": 0,
        "agc": False,
        "bias_tee": False,
        "quiet_dbfs": -60.0,
        "quiet_seconds": 30.0,
    }
    receiver = {"gain_db": 40.2, "ppm": -7.0, "agc": True, "bias_tee": True}
    await change(hass, form, {**receiver, **QUIET})
    assert rtl_tcp_entry.state is ConfigEntryState.LOADED
    assert rtl_tcp_entry.options == {**receiver, "ppm": -7, **QUIET}
    coordinator = rtl_tcp_entry.runtime_data
    assert coordinator is not before
    assert coordinator.station._source.dongle == DongleOptions(
        gain_db=40.2, ppm=-7, agc=True, bias_tee=True
    )
    assert coordinator.station.options.quiet_dbfs == -45.0
    assert coordinator.station.options.quiet_seconds == 120.0

    form = await open_options(hass, rtl_tcp_entry)
    assert suggested(form)["gain_db"] == 40.2
    automatic = {"ppm": -7, "agc": True, "bias_tee": True, **QUIET}
    await change(hass, form, automatic)
    assert rtl_tcp_entry.options == automatic
    assert await hass.config_entries.async_unload(rtl_tcp_entry.entry_id)


async def test_what_counts_as_silence_is_set_for_audio(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    simulator_entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(simulator_entry.entry_id)
    form = await open_options(hass, simulator_entry)
    assert suggested(form) == {"quiet_dbfs": -60.0, "quiet_seconds": 30.0}
    await change(hass, form, QUIET)
    assert simulator_entry.options == QUIET
    assert simulator_entry.runtime_data.station.options.quiet_dbfs == -45.0
    assert await hass.config_entries.async_unload(simulator_entry.entry_id)


async def test_where_texts_come_from_is_set_and_taken_back(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    await add_engine(hass, Engine())
    coordinator = await set_up(hass, simulator_entry)
    options = hass.config_entries.options

    async def texts() -> ConfigFlowResult:
        menu = await options.async_init(simulator_entry.entry_id)
        return await options.async_configure(menu["flow_id"], {"next_step_id": "texts"})

    form = await texts()
    assert suggested(form) == {
        "transcript_engine": None,
        "transcript_language": "en",
        "nws_text": False,
    }
    assert labels(form, "transcript_engine") == {"stt.ears": "Ears"}
    typed = {
        "transcript_engine": "stt.ears",
        "transcript_language": "es",
        "nws_text": True,
    }
    await change(hass, form, typed)
    assert simulator_entry.options == typed
    assert simulator_entry.runtime_data is coordinator, "the station hears on"

    er.async_get(hass).async_remove("stt.ears")
    await hass.async_block_till_done()
    form = await texts()
    assert suggested(form) == typed
    assert labels(form, "transcript_engine") == {"stt.ears": "stt.ears"}
    none = {"transcript_language": "en", "nws_text": False}
    await change(hass, form, none)
    assert simulator_entry.options == none


async def test_without_speech_to_text_there_is_no_engine_to_choose(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    await set_up(hass, simulator_entry)
    menu = await hass.config_entries.options.async_init(simulator_entry.entry_id)
    form = await hass.config_entries.options.async_configure(
        menu["flow_id"], {"next_step_id": "texts"}
    )
    assert labels(form, "transcript_engine") == {}
