"""What the logbook says of an alert."""

from collections.abc import Callable
from typing import Any

from homeassistant.core import Event, HomeAssistant

from custom_components.eas_station.const import DOMAIN, EVENT_ALERT
from custom_components.eas_station.logbook import async_describe_events


async def test_an_alert_is_a_line_of_its_station(hass: HomeAssistant) -> None:
    described: dict[tuple[str, str], Callable[[Event], dict[str, Any]]] = {}

    def describe(
        domain: str, event_type: str, line: Callable[[Event], dict[str, Any]]
    ) -> None:
        described[domain, event_type] = line

    async_describe_events(hass, describe)
    told: dict[str, Any] = {"station": "Home EAS", "message": "Tornado Warning."}
    heard: Event = Event(EVENT_ALERT, told)
    assert described[DOMAIN, EVENT_ALERT](heard) == {
        "name": "Home EAS",
        "message": "Tornado Warning.",
    }
