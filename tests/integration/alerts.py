"""Alerts and stations for tests of what is made of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.eas_station.coordinator import EasStationCoordinator
from custom_components.eas_station.eas_core.modem.decoded import Decoded
from custom_components.eas_station.eas_core.station import (
    Alert,
    EndOfMessage,
    Station,
    StationRecord,
)
from custom_components.eas_station.eas_core.station.alerts import build_alert
from custom_components.eas_station.eas_core.station.filters import Reason, Verdict
from custom_components.eas_station.events import alert_data
from custom_components.eas_station.remembering import LATER


def decoded(header: str) -> Decoded:
    """Return a message as a decoder gives it that has no doubt."""
    return Decoded(
        header=header,
        best_guess=header,
        confidence=1.0,
        bursts=3,
        start_sample=0,
        end_sample=1,
        ebn0_db=20.0,
        baud_error=0.0,
        tone_offset=0.0,
        character_confidence=(),
    )


def alert(
    event: str = "TOR", places: str = "039035", life: str = "0030", **changed: Any
) -> Alert:
    """Return an alert that is issued and received now."""
    now = dt_util.utcnow()
    issued = now.astimezone(UTC).strftime("%j%H%M")
    header = f"ZCZC-WXR-{event}-{places}+{life}-{issued}-KCLE/NWS-"
    return replace(build_alert(decoded(header), "main", now), **changed)


def entry_of(told: Alert, **changed: Any) -> dict[str, Any]:
    """Return what the history holds of an alert."""
    verdict = Verdict(relevant=True, reason=Reason.NO_FILTER)
    entry = MockConfigEntry(entry_id="simulator_entry")
    return alert_data(entry, told, verdict) | LATER | changed


def end_of(begun: Alert, seconds: float = 40.0) -> EndOfMessage:
    """Return the end of an alert's message."""
    return EndOfMessage(
        received=begun.received + timedelta(seconds=seconds),
        channels=begun.channels,
        alert_id=begun.id,
        duration_s=seconds,
    )


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> EasStationCoordinator:
    """Set an entry up whose station says nothing by itself; return its coordinator."""
    if hass.config_entries.async_get_entry(entry.entry_id) is None:
        entry.add_to_hass(hass)
    with patch.object(Station, "start"):
        assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    coordinator: EasStationCoordinator = entry.runtime_data
    return coordinator


async def asking(hass: HomeAssistant, entry: MockConfigEntry) -> EasStationCoordinator:
    """Set up a station that asks the Weather Service."""
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(entry, options={"nws_text": True})
    return await set_up(hass, entry)


async def tell(
    hass: HomeAssistant,
    coordinator: EasStationCoordinator,
    *records: StationRecord,
) -> None:
    """Tell records as the station would."""
    for record in records:
        coordinator.own._from_thread(record)
    await hass.async_block_till_done()


def at(moment: datetime) -> str:
    """Return a time as states have it."""
    return moment.isoformat(timespec="seconds")
