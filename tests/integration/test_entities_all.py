"""All entities of a radio and of a source of audio, with what the registry holds of them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.syrupy import HomeAssistantSnapshotExtension
from syrupy.assertion import SnapshotAssertion

from custom_components.eas_station.eas_core.radio.quality import SignalQuality
from custom_components.eas_station.eas_core.station import (
    LevelReading,
    SignalReading,
    SourceState,
    SourceStatus,
    StationRecord,
)
from tests.integration.alerts import alert, set_up, tell

NOW = datetime(2026, 6, 8, 18, 30, tzinfo=UTC)
ENABLED = "homeassistant.helpers.entity.Entity.entity_registry_enabled_default"
DISABLED = {"audio_peak", "decoder_cpu", "samples_lost"}
DISABLED_OF_RADIOS = {
    "agc",
    "audio_level",
    "bias_tee",
    "frequency_offset",
    "signal_power",
}


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Leave out of a snapshot what is never the same."""
    return snapshot.use_extension(HomeAssistantSnapshotExtension)


@pytest.fixture
def all_enabled() -> Iterator[None]:
    """Enable what is disabled by default."""
    with patch(ENABLED, True):
        yield


def heard(channel: str, *, radio: bool) -> list[StationRecord]:
    """Return what a station tells in its first seconds, with an alert and a test."""
    level = LevelReading(
        at=NOW, channel=channel, rms_dbfs=-21.3, peak_dbfs=-8.2, clipped=0
    )
    quality = SignalQuality(
        channel=channel,
        power_dbfs=-34.6,
        snr_db=28.4,
        quieting_db=31.0,
        deviation_hz=3900.0,
        offset_hz=-120.0,
    )
    signal: list[StationRecord] = [SignalReading(at=NOW, quality=quality)]
    return [
        SourceStatus(state=SourceState.HEARING, since=NOW),
        level,
        *(signal if radio else []),
        alert("RWT", life="0015"),
        alert("TOR", "039035-139173"),
    ]


@pytest.mark.parametrize("kind", ["radio", "audio"])
@pytest.mark.usefixtures("all_enabled", "in_cleveland")
async def test_all_entities_are_as_they_were(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    simulator_entry: MockConfigEntry,
    rtl_tcp_entry: MockConfigEntry,
    snapshot: SnapshotAssertion,
    kind: str,
) -> None:
    freezer.move_to(NOW)
    entry = rtl_tcp_entry if kind == "radio" else simulator_entry
    coordinator = await set_up(hass, entry)
    channel = coordinator.data.channels[0].channel
    await tell(hass, coordinator, *heard(channel, radio=kind == "radio"))
    entries = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    for one in sorted(entries, key=lambda entry: entry.entity_id):
        assert one == snapshot(name=f"{one.entity_id}-entry")
        state = hass.states.get(one.entity_id)
        assert state is not None
        assert state == snapshot(name=f"{one.entity_id}-state")
    places = sorted(hass.states.async_all("geo_location"), key=lambda one: one.name)
    assert places == snapshot(name="geo_location")


async def test_what_few_need_is_disabled_at_first(
    hass: HomeAssistant,
    simulator_entry: MockConfigEntry,
    rtl_tcp_entry: MockConfigEntry,
) -> None:
    await set_up(hass, simulator_entry)
    await set_up(hass, rtl_tcp_entry)
    registry = er.async_get(hass)
    for entry, expected in (
        (simulator_entry, DISABLED),
        (rtl_tcp_entry, DISABLED | DISABLED_OF_RADIOS),
    ):
        entries = er.async_entries_for_config_entry(registry, entry.entry_id)
        disabled = {one.translation_key for one in entries if one.disabled_by}
        assert disabled == expected


async def test_no_state_is_too_long_to_be_recorded(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    """31 places are the most that a message names: 16 KiB of attributes is the recorder's limit."""
    coordinator = await set_up(hass, simulator_entry)
    places = "-".join(f"039{number:03}" for number in range(1, 63, 2))
    await tell(hass, coordinator, alert("TOR", places))
    for state in hass.states.async_all():
        assert len(state.state) <= 255
        unrecorded = (
            state.state_info["unrecorded_attributes"] if state.state_info else ()
        )
        recorded = {k: v for k, v in state.attributes.items() if k not in unrecorded}
        assert len(repr(recorded)) < 2048, state.entity_id


async def test_load_is_shown_once_a_minute(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    all_enabled: None,
    simulator_entry: MockConfigEntry,
) -> None:
    coordinator = await set_up(hass, simulator_entry)
    status = SourceStatus(state=SourceState.HEARING, since=NOW)
    await tell(hass, coordinator, status)
    cpu, lost = "sensor.home_eas_decoder_cpu", "sensor.home_eas_samples_lost"
    assert [hass.states.get(one).state for one in (cpu, lost)] == ["unknown"] * 2  # type: ignore[union-attr]
    freezer.tick(timedelta(seconds=61))
    await tell(hass, coordinator, status)
    assert [hass.states.get(one).state for one in (cpu, lost)] == ["0.0", "0.0"]  # type: ignore[union-attr]
