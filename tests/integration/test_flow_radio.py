"""Setting up dongles, here and elsewhere."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import MagicMock, patch

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.requirements import RequirementsNotFound
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.eas_station.eas_core.sources.rtl_sdr import (
    DongleFound,
    find_dongles,
)
from custom_components.eas_station.eas_core.sources.rtl_tcp import DongleInfo
from custom_components.eas_station.eas_core.sources.source import (
    SourceError,
    SourceErrorReason,
)
from tests.integration.forms import (
    choose,
    labels,
    open_form,
    open_step,
    send,
    suggested,
)

pytestmark = pytest.mark.usefixtures("no_setup", "in_cleveland")

FLOW = "custom_components.eas_station.flow"
NAMES = {"name": "Home EAS", "locations": ["039035"]}
RECEIVER = {"gain_db": 40.2, "ppm": -3.0, "agc": True, "bias_tee": True}
USUAL = {"ppm": 0, "agc": False, "bias_tee": False}
ONE = DongleFound(serial="101", name="Realtek RTL2838UHIDIR")
TWO = DongleFound(serial="102", name="Nooelec NESDR")
TWINS = [DongleFound(serial="1", name="Generic", unique=False)] * 2


@pytest.fixture
def find() -> Iterator[MagicMock]:
    """Find two dongles."""
    with patch(f"{FLOW}.rtl_sdr.find_in_child", return_value=[ONE, TWO]) as find:
        yield find


@pytest.fixture
def probe() -> Iterator[MagicMock]:
    """Meet an rtl_tcp."""
    answer = DongleInfo(tuner="R820T", gains=29)
    with patch(f"{FLOW}.rtl_tcp.probe", return_value=answer) as probe:
        yield probe


async def hear_fm(hass: HomeAssistant, flow_id: str) -> dict[str, Any]:
    """Choose a station to get to the end."""
    await choose(hass, flow_id, "fm")
    result = await send(hass, flow_id, {"station": 98.7})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    return dict(result)


async def test_a_dongle_is_chosen_by_its_serial(
    hass: HomeAssistant, find: MagicMock
) -> None:
    form = await open_step(hass, "rtl_sdr")
    assert form["errors"] == {}
    find.assert_called_once_with(find_dongles)
    assert labels(form, "serial") == {
        "101": "Realtek RTL2838UHIDIR (101)",
        "102": "Nooelec NESDR (102)",
    }
    assert suggested(form) == {
        "name": "Cuyahoga County EAS",
        "locations": ["039035"],
        "serial": "101",
        "receiver": {"gain_db": None, **USUAL},
    }
    menu = await send(
        hass, form["flow_id"], {**NAMES, "serial": "102", "receiver": RECEIVER}
    )
    assert menu["type"] is FlowResultType.MENU
    assert menu["menu_options"] == ["nwr_scan", "nwr", "fm", "am"]
    result = await hear_fm(hass, form["flow_id"])
    assert result["title"] == "Home EAS"
    assert result["result"].unique_id == "rtl_sdr:102"
    assert result["data"] == {
        "source": "rtl_sdr",
        "locations": ["039035"],
        "serial": "102",
        "hardware": "Nooelec NESDR",
        "reception": {"band": "fm", "frequencies": [98_700_000]},
    }
    assert result["options"] == {
        "gain_db": 40.2,
        "ppm": -3,
        "agc": True,
        "bias_tee": True,
    }


async def test_an_empty_gain_is_an_automatic_one(
    hass: HomeAssistant, find: MagicMock
) -> None:
    flow_id = await open_form(hass, "rtl_sdr")
    await send(hass, flow_id, {**NAMES, "serial": "101", "receiver": USUAL})
    assert (await hear_fm(hass, flow_id))["options"] == USUAL


@pytest.mark.parametrize("reason", SourceErrorReason)
async def test_why_no_dongle_can_be_looked_for_is_told(
    hass: HomeAssistant, find: MagicMock, reason: SourceErrorReason
) -> None:
    find.side_effect = SourceError(reason, "Do this.")
    form = await open_step(hass, "rtl_sdr")
    assert form["errors"] == {"base": reason.value}
    assert form["description_placeholders"] == {"hint": "Do this."}


@pytest.mark.parametrize(
    ("found", "error"), [([], "no_dongles"), (TWINS, "same_serial")]
)
async def test_a_form_without_dongles_looks_again(
    hass: HomeAssistant, find: MagicMock, found: list[DongleFound], error: str
) -> None:
    find.return_value = found
    form = await open_step(hass, "rtl_sdr")
    assert form["errors"] == {"base": error}
    find.return_value = [*found, ONE]
    form = await send(hass, form["flow_id"], {})
    assert form["errors"] == {}
    assert list(labels(form, "serial")) == ["101"]


async def test_a_driver_that_cannot_be_installed_is_told(
    hass: HomeAssistant, find: MagicMock
) -> None:
    error = RequirementsNotFound("eas_station", ["pyrtlsdr==0.5.1"])
    with patch(f"{FLOW}.rtl_sdr.async_install_drivers", side_effect=error) as install:
        form = await open_step(hass, "rtl_sdr")
    assert form["errors"] == {"base": "no_driver"}
    assert form["description_placeholders"] == {"hint": "pyrtlsdr==0.5.1"}
    install.assert_awaited_once_with(hass, "rtl_sdr", try_again=True)
    find.assert_not_called()
    form = await send(hass, form["flow_id"], {})
    assert form["errors"] == {}


@pytest.mark.parametrize("source", ["rtl_sdr", "rtl_tcp"])
async def test_places_that_are_none_are_told(
    hass: HomeAssistant, find: MagicMock, probe: MagicMock, source: str
) -> None:
    where = {"serial": "102"} if source == "rtl_sdr" else {"host": "a", "port": 1}
    flow_id = await open_form(hass, source)
    typed = {"name": "EAS", "locations": ["Ohio"], "receiver": RECEIVER, **where}
    form = await send(hass, flow_id, typed)
    assert form["errors"] == {"locations": "invalid_locations"}
    assert suggested(form) == typed


async def test_a_dongle_is_heard_by_one_station(
    hass: HomeAssistant, find: MagicMock, rtl_sdr_entry: MockConfigEntry
) -> None:
    rtl_sdr_entry.add_to_hass(hass)
    flow_id = await open_form(hass, "rtl_sdr")
    typed = {**NAMES, "serial": "101", "receiver": USUAL}
    result = await send(hass, flow_id, typed)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"


async def test_two_forms_for_one_dongle_make_one_station(
    hass: HomeAssistant, find: MagicMock
) -> None:
    typed = {**NAMES, "serial": "101", "receiver": USUAL}
    flows = [await open_form(hass, "rtl_sdr"), await open_form(hass, "rtl_sdr")]
    for flow_id in flows:
        await send(hass, flow_id, typed)
    await hear_fm(hass, flows[0])
    # The first one's end closes the other.
    assert hass.config_entries.flow.async_progress() == []


async def test_an_rtl_tcp_is_greeted_before_it_is_set_up(
    hass: HomeAssistant, probe: MagicMock
) -> None:
    form = await open_step(hass, "rtl_tcp")
    assert suggested(form)["port"] == 1234
    typed = {**NAMES, "host": " attic.local ", "port": 1235.0, "receiver": USUAL}
    menu = await send(hass, form["flow_id"], typed)
    assert menu["step_id"] == "reception"
    probe.assert_called_once_with("attic.local", 1235)
    result = await hear_fm(hass, form["flow_id"])
    assert result["result"].unique_id == "rtl_tcp:attic.local:1235"
    assert result["data"] == {
        "source": "rtl_tcp",
        "locations": ["039035"],
        "host": "attic.local",
        "port": 1235,
        "hardware": "R820T",
        "reception": {"band": "fm", "frequencies": [98_700_000]},
    }


@pytest.mark.parametrize("reason", SourceErrorReason)
async def test_an_rtl_tcp_that_cannot_be_heard_is_told_at_its_field(
    hass: HomeAssistant, probe: MagicMock, reason: SourceErrorReason
) -> None:
    probe.side_effect = SourceError(reason, "Do this.")
    flow_id = await open_form(hass, "rtl_tcp")
    typed = {**NAMES, "host": "attic", "port": 1234, "receiver": RECEIVER}
    form = await send(hass, flow_id, typed)
    fields = {"unreachable": "host", "refused": "port", "wrong_protocol": "port"}
    assert form["errors"] == {fields.get(reason, "base"): reason.value}
    assert form["description_placeholders"] == {"hint": "Do this."}
    assert suggested(form) == typed
    probe.side_effect = None
    menu = await send(hass, flow_id, typed)
    assert menu["type"] is FlowResultType.MENU


async def test_an_rtl_tcp_that_is_heard_already_is_not_disturbed(
    hass: HomeAssistant, probe: MagicMock, rtl_tcp_entry: MockConfigEntry
) -> None:
    rtl_tcp_entry.add_to_hass(hass)
    flow_id = await open_form(hass, "rtl_tcp")
    typed = {**NAMES, "host": "127.0.0.1", "port": 1234, "receiver": USUAL}
    result = await send(hass, flow_id, typed)
    assert result["reason"] == "already_configured"
    probe.assert_not_called()
