"""What the logbook says of an alert."""

from collections.abc import Callable
from typing import Any

from homeassistant.core import Event, HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.eas_station.const import (
    DOMAIN,
    EVENT_ALERT,
    EVENT_ALERT_TEXT,
    EVENT_TRANSCRIPT,
)
from custom_components.eas_station.logbook import async_describe_events
from tests.integration.alerts import set_up

type Line = Callable[[Event], dict[str, Any]]


def described(hass: HomeAssistant) -> dict[tuple[str, str], Line]:
    """Return how the logbook shows each event."""
    lines: dict[tuple[str, str], Line] = {}

    def describe(domain: str, event_type: str, line: Line) -> None:
        lines[domain, event_type] = line

    async_describe_events(hass, describe)
    return lines


async def test_an_alert_is_a_line_of_its_station(hass: HomeAssistant) -> None:
    told: dict[str, Any] = {"station": "Home EAS", "message": "Tornado Warning."}
    heard: Event = Event(EVENT_ALERT, told)
    assert described(hass)[DOMAIN, EVENT_ALERT](heard) == {
        "name": "Home EAS",
        "message": "Tornado Warning.",
    }


async def test_what_a_voice_said_is_a_line_of_some_length(hass: HomeAssistant) -> None:
    line = described(hass)[DOMAIN, EVENT_TRANSCRIPT]
    told = {"station": "Home EAS", "text": "Take shelter\nnow."}
    assert line(Event(EVENT_TRANSCRIPT, told)) == {
        "name": "Home EAS",
        "message": "“Take shelter now.”",
    }
    shown = line(Event(EVENT_TRANSCRIPT, told | {"text": "Take shelter. " * 99}))
    assert shown["message"].endswith("Take …”")
    assert len(shown["message"]) < 280


async def test_the_line_belongs_to_the_stations_entity_and_points_to_the_recording(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    await set_up(hass, simulator_entry)
    line = described(hass)[DOMAIN, EVENT_ALERT]
    told: dict[str, Any] = {
        "entry_id": simulator_entry.entry_id,
        "station": "Home EAS",
        "message": "Tornado Warning.",
        "recording": f"media-source://eas_station/{simulator_entry.entry_id}/x",
    }
    heard: Event = Event(EVENT_ALERT, told)
    assert line(heard) == {
        "name": "Home EAS",
        "message": "Tornado Warning. Its recording is under Media, EAS Station.",
        "entity_id": "event.home_eas_alert",
    }
    told["recording"] = None
    assert line(heard)["message"] == "Tornado Warning."


@pytest.mark.parametrize("headline", ["Tornado Warning issued", ""])
async def test_what_was_written_is_a_line_too(
    hass: HomeAssistant, headline: str
) -> None:
    line = described(hass)[DOMAIN, EVENT_ALERT_TEXT]
    nws = {
        "headline": headline,
        "event": "Tornado Warning",
        "sender": "NWS Cleveland OH",
    }
    shown = headline or "Tornado Warning"
    assert line(Event(EVENT_ALERT_TEXT, {"station": "Home EAS", "nws": nws})) == {
        "name": "Home EAS",
        "message": f"NWS Cleveland OH: {shown}",
    }
