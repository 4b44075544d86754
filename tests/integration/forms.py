"""Going through the forms as a user does."""

from typing import Any

from homeassistant.config_entries import SOURCE_USER, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResult, FlowResultType
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.eas_station.const import DOMAIN


async def open_step(hass: HomeAssistant, source: str) -> ConfigFlowResult:
    """Choose a source in the menu; return its form."""
    flow = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    assert flow["type"] is FlowResultType.MENU
    assert flow["menu_options"] == [
        "rtl_sdr",
        "rtl_tcp",
        "sound_card",
        "stream",
        "pcm",
        "file",
        "simulator",
        "agents",
    ]
    form = await hass.config_entries.flow.async_configure(
        flow["flow_id"], {"next_step_id": source}
    )
    assert form["type"] is FlowResultType.FORM
    assert form["step_id"] == source
    return form


async def open_form(hass: HomeAssistant, source: str) -> str:
    """Choose a source in the menu, whose form then tells no error; return the flow's id."""
    form = await open_step(hass, source)
    assert form["errors"] == {}
    return str(form["flow_id"])


async def send(
    hass: HomeAssistant, flow_id: str, typed: dict[str, Any]
) -> ConfigFlowResult:
    """Send a form."""
    return await hass.config_entries.flow.async_configure(flow_id, typed)


async def choose(hass: HomeAssistant, flow_id: str, step: str) -> ConfigFlowResult:
    """Choose in a menu."""
    return await send(hass, flow_id, {"next_step_id": step})


def suggested(form: FlowResult[Any, Any]) -> dict[str, Any]:
    """Return what a form's fields hold when it opens, those of sections too."""
    found: dict[str, Any] = {}
    schema = form["data_schema"]
    assert schema is not None
    for key, value in schema.schema.items():
        if hasattr(value, "schema") and hasattr(value, "options"):
            found[str(key)] = suggested({"data_schema": value.schema})  # type: ignore[typeddict-item]
            continue
        described = key.description or {}
        default = key.default() if callable(key.default) else None
        found[str(key)] = described.get("suggested_value", default)
    return found


def labels(form: FlowResult[Any, Any], field: str) -> dict[str, str]:
    """Return what can be chosen in a field, with its labels."""
    schema = form["data_schema"]
    assert schema is not None
    options = schema.schema[field].config["options"]
    return {one["value"]: one["label"] for one in options}


async def remove(hass: HomeAssistant, result: ConfigFlowResult) -> MockConfigEntry:
    """Unload the entry that a flow made."""
    entry = result["result"]
    await hass.async_block_till_done()
    await hass.config_entries.async_unload(entry.entry_id)
    return entry
