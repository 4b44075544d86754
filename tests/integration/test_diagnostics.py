"""What a bug report holds, and what it does not."""

import json

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator


async def test_diagnostics_tell_the_state_and_hide_the_place(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    simulator_entry: MockConfigEntry,
) -> None:
    assert await async_setup_component(hass, "diagnostics", {})
    simulator_entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(simulator_entry.entry_id)
    client = await hass_client()
    answer = await client.get(
        f"/api/diagnostics/config_entry/{simulator_entry.entry_id}"
    )
    assert answer.status == 200
    data = (await answer.json())["data"]
    assert data["running"] is True
    assert data["health"]["counters"]["malformed"] == 0
    assert data["health"]["channels"][0]["status"]["channel"] == "main"
    assert data["entry"]["source"] == "simulator"
    assert "039035" not in json.dumps(data)
    assert "Home EAS" not in json.dumps(data)
    assert await hass.config_entries.async_unload(simulator_entry.entry_id)
