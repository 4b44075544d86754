"""The devices of channels, and what they show."""

from datetime import UTC, datetime, timedelta

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.eas_station.channel_measurements import (
    ChannelMeasured,
    ChannelMeter,
)
from custom_components.eas_station.const import DOMAIN
from custom_components.eas_station.eas_core.radio.quality import SignalQuality
from custom_components.eas_station.eas_core.station import (
    ChannelStatus,
    LevelReading,
    SignalReading,
    SourceState,
    SourceStatus,
)
from tests.integration.alerts import set_up, tell
from tests.integration.waiting import shown_state

START = datetime(2026, 6, 8, 20, 45, tzinfo=UTC)
CHANNEL = "162.550"
STATUS = "sensor.attic_eas_162_550_status"
SNR = "sensor.attic_eas_162_550_signal_to_noise"


def level(seconds: float, dbfs: float = -20.0) -> LevelReading:
    return LevelReading(
        at=START + timedelta(seconds=seconds),
        channel=CHANNEL,
        rms_dbfs=dbfs,
        peak_dbfs=dbfs,
        clipped=0,
    )


def signal(
    seconds: float, snr_db: float = 20.0, offset_hz: float = 100.0
) -> SignalReading:
    quality = SignalQuality(
        channel=CHANNEL,
        power_dbfs=-40.0,
        snr_db=snr_db,
        quieting_db=20.0,
        deviation_hz=4000.0,
        offset_hz=offset_hz,
    )
    return SignalReading(at=START + timedelta(seconds=seconds), quality=quality)


def shown(
    meter: ChannelMeter, begin: int, end: int, snr_db: float = 20.0
) -> list[tuple[int, ChannelMeasured]]:
    """Give a meter a reading of each kind a second; return what it shows, and when."""
    found = []
    for second in range(begin, end):
        for reading in (level(second), signal(second, snr_db)):
            measured = meter.take(reading)
            if measured is not None:
                found.append((second, measured))
    return found


def test_what_is_steady_is_shown_every_five_minutes() -> None:
    steady = ChannelMeasured(level_dbfs=-20.0, snr_db=20.0, offset_hz=100.0)
    assert shown(ChannelMeter(), 0, 700) == [(5, steady), (305, steady), (605, steady)]


def test_what_changes_is_shown_once_a_minute() -> None:
    meter = ChannelMeter()
    shown(meter, 0, 66)
    changed = shown(meter, 66, 200, snr_db=14.0)
    assert [(second, one.snr_db) for second, one in changed] == [(125, 14.1)]


def test_readings_that_are_no_numbers_are_left_out() -> None:
    meter = ChannelMeter()
    meter.take(level(0, float("-inf")))
    assert meter.take(signal(6, float("nan"))) is None
    measured = meter.take(signal(7))
    assert measured == ChannelMeasured(level_dbfs=-120.0, snr_db=20.0, offset_hz=100.0)


async def test_a_channel_has_a_device_with_its_state_and_its_signal(
    hass: HomeAssistant, rtl_tcp_entry: MockConfigEntry
) -> None:
    coordinator = await set_up(hass, rtl_tcp_entry)
    registry = dr.async_get(hass)
    entry_id = rtl_tcp_entry.entry_id
    station = registry.async_get_device_by_identifier((DOMAIN, entry_id), entry_id)
    channel = registry.async_get_device_by_identifier(
        (DOMAIN, f"{entry_id}_162550000"), entry_id
    )
    assert station is not None
    assert channel is not None
    assert channel.name == "Attic EAS 162.550 MHz"
    assert channel.via_device_id == station.id
    assert shown_state(hass, STATUS).state == "unavailable"

    hearing = SourceState.HEARING
    await tell(
        hass,
        coordinator,
        SourceStatus(state=hearing, since=START),
        ChannelStatus(channel=CHANNEL, state=hearing, since=START),
        level(0),
        signal(0),
        signal(6),
    )
    assert shown_state(hass, STATUS).state == "hearing"
    assert shown_state(hass, SNR).state == "20.0"

    await tell(hass, coordinator, SourceStatus(state=SourceState.DOWN, since=START))
    assert shown_state(hass, SNR).state == "unavailable"


async def test_what_few_need_of_a_channel_is_disabled_at_first(
    hass: HomeAssistant, rtl_tcp_entry: MockConfigEntry
) -> None:
    await set_up(hass, rtl_tcp_entry)
    entries = er.async_entries_for_config_entry(
        er.async_get(hass), rtl_tcp_entry.entry_id
    )
    own = [one for one in entries if one.config_subentry_id == "channel_162550000"]
    assert {one.translation_key for one in own if one.disabled_by} == {
        "audio_level",
        "frequency_offset",
    }
    assert {one.translation_key for one in own if not one.disabled_by} == {
        "channel_status",
        "signal_to_noise",
    }


@pytest.mark.usefixtures("in_cleveland")
async def test_a_channel_that_is_removed_takes_its_device_along(
    hass: HomeAssistant, rtl_sdr_entry: MockConfigEntry
) -> None:
    hass.config.skip_pip = True
    await set_up(hass, rtl_sdr_entry)
    registry, entry_id = dr.async_get(hass), rtl_sdr_entry.entry_id

    def names() -> set[str | None]:
        devices = dr.async_entries_for_config_entry(registry, entry_id)
        return {one.name for one in devices}

    both = {"Home EAS 162.400 MHz", "Home EAS 162.550 MHz"}
    assert names() == {"Home EAS"} | both
    hass.config_entries.async_remove_subentry(rtl_sdr_entry, "channel_162400000")
    await hass.async_block_till_done()
    assert names() == {"Home EAS", "Home EAS 162.550 MHz"}
    assert hass.states.get("sensor.home_eas_162_400_status") is None
    assert await hass.config_entries.async_unload(entry_id)
