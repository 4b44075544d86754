"""What the logbook says of an alert."""

from collections.abc import Callable
from typing import Any

from homeassistant.core import Event, HomeAssistant

from custom_components.eas_station.const import DOMAIN, EVENT_ALERT, EVENT_TRANSCRIPT
from custom_components.eas_station.logbook import async_describe_events

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
        "message": "heard a voice say: Take shelter now.",
    }
    shown = line(Event(EVENT_TRANSCRIPT, told | {"text": "Take shelter. " * 99}))
    assert shown["message"].endswith("Take …")
    assert len(shown["message"]) < 280
