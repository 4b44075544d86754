"""The card's files on Home Assistant's web server, and on every dashboard."""

from pathlib import Path
from typing import Any

from homeassistant.components.frontend import DATA_EXTRA_MODULE_URL
from homeassistant.components.onboarding.const import STEPS
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.eas_station import frontend
from custom_components.eas_station.frontend import folder_version
from tests.integration.alerts import set_up


@pytest.fixture
def card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a card."""
    (tmp_path / "eas-station-card.js").write_text("export const card = 1;")
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "meter.js").write_text("export const meter = 1;")
    monkeypatch.setattr(frontend, "FOLDER", tmp_path)
    return tmp_path


def test_another_card_has_another_address(card: Path) -> None:
    first = folder_version(card)
    assert first == folder_version(card)
    (card / "parts" / "meter.js").write_text("export const meter = 2;")
    second = folder_version(card)
    (card / "parts" / "meter.js").rename(card / "parts" / "bar.js")
    assert len({first, second, folder_version(card)}) == 3


def test_a_folder_without_a_card_has_none(tmp_path: Path) -> None:
    assert folder_version(tmp_path) is None


async def test_dashboards_load_the_card_while_there_is_a_station(
    hass: HomeAssistant,
    card: Path,
    simulator_entry: MockConfigEntry,
    rtl_tcp_entry: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    hass_storage: dict[str, Any],
) -> None:
    hass_storage["onboarding"] = {"version": 4, "data": {"done": STEPS}}
    assert await async_setup_component(hass, "frontend", {})
    await set_up(hass, simulator_entry)
    await set_up(hass, rtl_tcp_entry)
    (url,) = hass.data[DATA_EXTRA_MODULE_URL].urls
    assert url == f"/eas_station/{folder_version(card)}/eas-station-card.js"

    http = await hass_client()
    answer = await http.get(url)
    assert await answer.text() == "export const card = 1;"
    assert "javascript" in answer.headers["Content-Type"]
    assert "max-age" in answer.headers["Cache-Control"]
    answer = await http.get(url.replace("eas-station-card.js", "parts/meter.js"))
    assert answer.status == 200
    assert url in await (await http.get("/")).text(), "any dashboard, YAML or not"

    await hass.config_entries.async_remove(simulator_entry.entry_id)
    assert hass.data[DATA_EXTRA_MODULE_URL].urls == {url}
    await hass.config_entries.async_remove(rtl_tcp_entry.entry_id)
    assert hass.data[DATA_EXTRA_MODULE_URL].urls == set()

    await set_up(hass, MockConfigEntry(domain="eas_station", data=simulator_entry.data))
    assert hass.data[DATA_EXTRA_MODULE_URL].urls == {url}, "and a new one brings it"


async def test_a_home_assistant_without_a_frontend_has_the_station(
    hass: HomeAssistant, card: Path, simulator_entry: MockConfigEntry
) -> None:
    await set_up(hass, simulator_entry)
    assert DATA_EXTRA_MODULE_URL not in hass.data
    await hass.config_entries.async_remove(simulator_entry.entry_id)
