"""Setting up a station by its forms."""

from collections import Counter
from pathlib import Path

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.eas_station.config_flow import EasStationConfigFlow
from custom_components.eas_station.const import DOMAIN
from tests.integration.forms import open_form


async def test_the_simulator_is_set_up_with_what_the_form_suggests(
    hass: HomeAssistant,
) -> None:
    hass.config.latitude, hass.config.longitude = 41.50, -81.69
    flow_id = await open_form(hass, "simulator")
    result = await hass.config_entries.flow.async_configure(flow_id, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Cuyahoga County EAS"
    assert result["data"] == {
        "source": "simulator",
        "locations": ["039035"],
        "call_sign": "KSIM/NWS",
        "first_alert_seconds": 15,
        "interval_minutes": 30,
    }
    await hass.config_entries.async_unload(result["result"].entry_id)


@pytest.mark.parametrize(
    ("typed", "field", "error"),
    [
        ({"locations": []}, "locations", "no_locations"),
        ({"locations": ["39035"]}, "locations", "invalid_locations"),
        ({"locations": ["Ohio"]}, "locations", "invalid_locations"),
        ({"locations": ["039035"] * 32}, "locations", "invalid_locations"),
        ({"call_sign": ""}, "call_sign", "invalid_call_sign"),
        ({"call_sign": "K" * 17}, "call_sign", "invalid_call_sign"),
        ({"call_sign": "KÖLN/NWS"}, "call_sign", "invalid_call_sign"),
    ],
)
async def test_what_the_simulator_cannot_send_is_told_at_its_field(
    hass: HomeAssistant, typed: dict[str, object], field: str, error: str
) -> None:
    flow_id = await open_form(hass, "simulator")
    form = await hass.config_entries.flow.async_configure(flow_id, typed)
    assert form["type"] is FlowResultType.FORM
    assert form["errors"] == {field: error}
    result = await hass.config_entries.flow.async_configure(
        flow_id, {"locations": ["039035"], "call_sign": "KSIM/NWS"}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.config_entries.async_unload(result["result"].entry_id)


async def test_there_is_one_simulator(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    simulator_entry.add_to_hass(hass)
    flow_id = await open_form(hass, "simulator")
    result = await hass.config_entries.flow.async_configure(flow_id, {})
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"


@pytest.fixture
def allowed(hass: HomeAssistant, tmp_path: Path) -> None:
    """Let the tests' folder be one that Home Assistant may read."""
    hass.config.allowlist_external_dirs = {str(tmp_path)}


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "/nowhere/at-all.wav",
        "../x.wav",
        "file:/etc/passwd",
        "http://127.0.0.1/x.wav",
    ],
)
async def test_a_file_elsewhere_is_not_looked_at(
    hass: HomeAssistant, recording: Path, path: str
) -> None:
    for name in (path, str(recording)):
        form = await hass.config_entries.flow.async_configure(
            await open_form(hass, "file"), {"locations": [], "path": name}
        )
        assert form["errors"] == {"path": "no_permission"}


@pytest.mark.usefixtures("allowed")
async def test_a_file_is_set_up_once(hass: HomeAssistant, recording: Path) -> None:
    typed = {"name": "Tape", "locations": [], "path": str(recording), "loop": True}
    flow_id = await open_form(hass, "file")
    result = await hass.config_entries.flow.async_configure(flow_id, typed)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Tape"
    assert result["data"] == {
        "source": "file",
        "locations": [],
        "path": str(recording),
        "loop": True,
    }
    again = await hass.config_entries.flow.async_configure(
        await open_form(hass, "file"), typed
    )
    assert again["reason"] == "already_configured"
    await hass.config_entries.async_unload(result["result"].entry_id)


@pytest.mark.usefixtures("allowed")
@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("missing.wav", None, "not_found"),
        ("notes.txt", b"no audio here", "not_audio"),
        ("empty.wav", b"", "not_audio"),
    ],
)
async def test_a_file_that_cannot_be_heard_is_told_at_its_field(
    hass: HomeAssistant,
    tmp_path: Path,
    recording: Path,
    name: str,
    content: bytes | None,
    error: str,
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    flow_id = await open_form(hass, "file")
    form = await hass.config_entries.flow.async_configure(
        flow_id, {"locations": ["039035"], "path": str(path)}
    )
    assert form["errors"] == {"path": error}
    result = await hass.config_entries.flow.async_configure(
        flow_id, {"locations": ["039035"], "path": str(recording)}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.config_entries.async_unload(result["result"].entry_id)


@pytest.mark.usefixtures("allowed")
async def test_a_file_is_for_places_in_form(
    hass: HomeAssistant, recording: Path
) -> None:
    flow_id = await open_form(hass, "file")
    typed = {"name": "Tape", "path": str(recording), "loop": False}
    form = await hass.config_entries.flow.async_configure(
        flow_id, typed | {"locations": ["Cleveland"]}
    )
    assert form["errors"] == {"locations": "invalid_locations"}
    result = await hass.config_entries.flow.async_configure(
        flow_id, typed | {"locations": ["039035"]}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    await hass.config_entries.async_unload(result["result"].entry_id)


async def test_a_simulator_is_changed(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    simulator_entry.add_to_hass(hass)
    form = await simulator_entry.start_reconfigure_flow(hass)
    assert form["step_id"] == "simulator"
    result = await hass.config_entries.flow.async_configure(
        form["flow_id"],
        {
            "name": "Lake EAS",
            "locations": ["039093"],
            "call_sign": "KSIM/NWS",
            "first_alert_seconds": 3600,
            "interval_minutes": 60,
        },
    )
    assert result["reason"] == "reconfigure_successful"
    assert simulator_entry.title == "Lake EAS"
    assert simulator_entry.data["locations"] == ["039093"]
    await hass.async_block_till_done()
    await hass.config_entries.async_unload(simulator_entry.entry_id)


async def test_a_file_is_not_changed_to_one_that_is_heard_already(
    hass: HomeAssistant, file_entry: MockConfigEntry, recording: Path
) -> None:
    file_entry.add_to_hass(hass)
    other = MockConfigEntry(
        domain=DOMAIN,
        unique_id="file:elsewhere.wav",
        data={
            "source": "file",
            "locations": [],
            "path": "elsewhere.wav",
            "loop": False,
        },
    )
    other.add_to_hass(hass)
    form = await other.start_reconfigure_flow(hass)
    assert form["step_id"] == "file"
    result = await hass.config_entries.flow.async_configure(
        form["flow_id"], {"locations": [], "path": str(recording)}
    )
    assert result["reason"] == "already_configured"


def test_no_source_takes_another_ones_parts() -> None:
    own = Counter(
        name
        for part in EasStationConfigFlow.__bases__
        for name in vars(part)
        if not name.startswith("__")
    )
    assert [name for name, count in own.items() if count > 1] == []
