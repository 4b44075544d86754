"""What the recorder keeps of the entities: long-term statistics, and no long lists."""

from typing import Any

from homeassistant.components.recorder.core import Recorder
from homeassistant.components.recorder.statistics import list_statistic_ids
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import get_instance, session_scope
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
    do_adhoc_statistics,
)

from custom_components.eas_station.eas_core.station import (
    LevelReading,
    SourceState,
    SourceStatus,
)
from tests.integration.alerts import alert, set_up, tell


@pytest.fixture(autouse=True)
def custom_integrations(
    recorder_mock: Recorder,
    enable_custom_integrations: None,
    hass_storage: dict[str, Any],
) -> None:
    """Let Home Assistant record before anything else is made."""


async def test_the_level_has_long_term_statistics(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    assert await async_setup_component(hass, "sensor", {})
    coordinator = await set_up(hass, simulator_entry)
    now = dt_util.utcnow()
    level = LevelReading(at=now, channel="main", rms_dbfs=-20, peak_dbfs=-9, clipped=0)
    status = SourceStatus(state=SourceState.HEARING, since=now)
    await tell(hass, coordinator, status, level)
    await async_wait_recording_done(hass)
    begin = now.replace(minute=now.minute - now.minute % 5, second=0, microsecond=0)
    do_adhoc_statistics(hass, start=begin)
    await async_wait_recording_done(hass)
    found = await get_instance(hass).async_add_executor_job(list_statistic_ids, hass)
    units = {
        one["statistic_id"]: one["statistics_unit_of_measurement"] for one in found
    }
    assert units["sensor.home_eas_audio_level"] == "dBFS"
    assert "sensor.home_eas_messages_decoded" in units
    assert "sensor.home_eas_active_alerts" in units


async def test_lists_and_texts_are_not_recorded(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    from homeassistant.components.recorder.db_schema import StateAttributes

    coordinator = await set_up(hass, simulator_entry)
    await tell(hass, coordinator, alert("TOR"))
    await async_wait_recording_done(hass)

    def recorded() -> str:
        with session_scope(hass=hass, read_only=True) as session:
            rows = session.query(StateAttributes.shared_attrs).all()
        return "\n".join(row[0] for row in rows)

    attributes = await get_instance(hass).async_add_executor_job(recorded)
    assert "Tornado Warning" in attributes
    for name in ("locations", "message", "best_guess", "alerts"):
        assert f'"{name}":' not in attributes
