"""Prometheus sees the sensors."""

from pathlib import Path
import re

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.eas_station.eas_core.station import (
    LevelReading,
    SourceState,
    SourceStatus,
)
from tests.integration.alerts import alert, set_up, tell

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(
    encoding="utf-8"
)


async def test_prometheus_shows_the_sensors(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    simulator_entry: MockConfigEntry,
) -> None:
    assert await async_setup_component(hass, "prometheus", {"prometheus": {}})
    coordinator = await set_up(hass, simulator_entry)
    client = await hass_client()
    now = dt_util.utcnow()
    level = LevelReading(at=now, channel="main", rms_dbfs=-20, peak_dbfs=-9, clipped=0)
    status = SourceStatus(state=SourceState.HEARING, since=now)
    await tell(hass, coordinator, status, level, alert("TOR"))
    answer = await client.get("/api/prometheus")
    assert answer.status == 200
    lines = (await answer.text()).splitlines()

    def value(entity_id: str) -> list[float]:
        named = [one for one in lines if f'entity="{entity_id}"' in one]
        return [
            float(one.rsplit(" ", 1)[1])
            for one in named
            if one.startswith(("homeassistant_sensor_", "homeassistant_binary_sensor_"))
        ]

    assert -20.0 in value("sensor.home_eas_audio_level")
    assert 1.0 in value("sensor.home_eas_active_alerts")
    assert 0.0 in value("sensor.home_eas_messages_decoded")
    assert value("binary_sensor.home_eas_warning_active") == [1.0]
    assert value("binary_sensor.home_eas_watch_active") == [0.0]

    # The names that docs/operations.md tells; the signal is a radio's alone.
    told = re.findall(r'^\| `(homeassistant_\w+\{)entity="(.+?)"', PAGE, re.MULTILINE)
    assert len(told) == 6
    for metric, entity in told:
        entity_id = entity.replace("<station>", "home_eas").replace("…", "")
        if not entity_id.endswith("_signal_to_noise"):
            assert any(one.startswith(metric) and entity_id in one for one in lines)
