"""Actions that take the receiver away from a station for a while."""

import asyncio
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.eas_station.const import DOMAIN
from custom_components.eas_station.coordinator import EasStationCoordinator
from custom_components.eas_station.eas_core.radio.plan import nwr_plan
from custom_components.eas_station.eas_core.radio.quality import SignalQuality
from custom_components.eas_station.eas_core.same.transmitters import nearby_transmitters
from custom_components.eas_station.eas_core.sources.source import (
    SourceError,
    SourceErrorReason,
)
from custom_components.eas_station.eas_core.station import SourceState
from custom_components.eas_station.eas_core.station.scan import ScannedChannel
from tests.integration.alerts import set_up
from tests.integration.calling import call, told
from tests.integration.waiting import shown_state, until


def is_running(coordinator: EasStationCoordinator) -> bool:
    return coordinator.station.running


async def test_the_source_is_opened_again(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    coordinator = await set_up(hass, simulator_entry)
    assert shown_state(hass, "sensor.home_eas_sdr_status").state == "stopped"
    await hass.services.async_call(DOMAIN, "restart_source", {}, blocking=True)
    await until(hass, lambda: coordinator.data.status.state is SourceState.HEARING)
    assert await hass.config_entries.async_unload(simulator_entry.entry_id)


async def test_a_station_that_is_loaded_anew_meanwhile_is_the_only_one(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    old = await set_up(hass, simulator_entry)
    async with old.async_paused():
        assert await hass.config_entries.async_reload(simulator_entry.entry_id)
    assert simulator_entry.runtime_data is not old
    assert simulator_entry.runtime_data.station.running
    assert not old.station.running
    assert await hass.config_entries.async_unload(simulator_entry.entry_id)


async def test_pauses_wait_for_each_other(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    coordinator = await set_up(hass, simulator_entry)
    async with coordinator.async_paused():
        restart = hass.async_create_task(
            hass.services.async_call(DOMAIN, "restart_source", {}, blocking=True)
        )
        await asyncio.sleep(0.1)
        assert not restart.done()
        assert not is_running(coordinator)
    await restart
    assert is_running(coordinator)
    assert await hass.config_entries.async_unload(simulator_entry.entry_id)


async def test_a_station_without_a_radio_scans_nothing(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    await set_up(hass, simulator_entry)
    with pytest.raises(ServiceValidationError) as refused:
        await call(hass, "scan")
    assert refused.value.translation_key == "not_a_radio"
    assert "Home EAS" in await told(refused.value, hass)


@pytest.mark.usefixtures("loopback")
async def test_a_radio_that_cannot_be_heard_tells_why_and_hears_on(
    hass: HomeAssistant, rtl_tcp_entry: MockConfigEntry
) -> None:
    coordinator = await set_up(hass, rtl_tcp_entry)

    def fail(*args: Any, **options: Any) -> None:
        raise SourceError(SourceErrorReason.BUSY, "Close http://me:secret@host first.")

    with (
        patch("custom_components.eas_station.actions.scan", fail),
        pytest.raises(HomeAssistantError) as failed,
    ):
        await call(hass, "scan")
    assert failed.value.translation_key == "scan_failed"
    text = await told(failed.value, hass)
    assert "Attic EAS" in text
    assert "secret" not in text
    assert coordinator.station.running
    assert await hass.config_entries.async_unload(rtl_tcp_entry.entry_id)


@pytest.mark.usefixtures("loopback")
async def test_a_scan_tells_what_is_heard_and_from_where(
    hass: HomeAssistant, rtl_tcp_entry: MockConfigEntry, in_cleveland: None
) -> None:
    coordinator = await set_up(hass, rtl_tcp_entry)
    seen: list[Any] = []

    def measure(source: Any, latitude: float, longitude: float, **_: Any) -> Any:
        seen.append((source.tuning, coordinator.station.running))
        near = nearby_transmitters(latitude, longitude)
        return [
            ScannedChannel(
                channel=channel,
                quality=SignalQuality(
                    channel=channel.name,
                    power_dbfs=-30.04,
                    snr_db=24.06,
                    quieting_db=20.0,
                    deviation_hz=3000.0,
                    offset_hz=120.4,
                ),
                transmitters=tuple(
                    one for one in near if one.transmitter.call_sign == "KHB59"
                ),
            )
            for channel in nwr_plan((162_550_000,)).channels
        ]

    with patch("custom_components.eas_station.actions.scan", measure):
        found = await call(hass, "scan")
    assert seen == [(nwr_plan().tuning, False)]
    (channel,) = found["channels"]
    (sender,) = channel.pop("transmitters")
    assert channel == {
        "channel": "162.550",
        "frequency_hz": 162_550_000,
        "heard": True,
        "serves_home": True,
        "snr_db": 24.1,
        "power_dbfs": -30.0,
        "offset_hz": 120,
    }
    assert sender["call_sign"] == "KHB59"
    assert sender["serves_home"] is True
    assert coordinator.station.running
    assert await hass.config_entries.async_unload(rtl_tcp_entry.entry_id)
