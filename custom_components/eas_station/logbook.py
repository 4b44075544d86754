"""Alerts in the logbook, and what their voices said."""

from collections.abc import Callable
import textwrap
from typing import Any, Final

from homeassistant.components.logbook.const import (
    LOGBOOK_ENTRY_MESSAGE,
    LOGBOOK_ENTRY_NAME,
)
from homeassistant.core import Event, HomeAssistant, callback

from .const import DOMAIN, EVENT_ALERT, EVENT_TRANSCRIPT

LONGEST: Final = 250
"""Characters of a voice's text in one line."""


@callback
def async_describe_events(
    hass: HomeAssistant,
    async_describe_event: Callable[[str, str, Callable[[Event], dict[str, Any]]], None],
) -> None:
    """Tell the logbook how to show an alert."""

    @callback
    def describe(event: Event) -> dict[str, Any]:
        return {
            LOGBOOK_ENTRY_NAME: event.data.get("station"),
            LOGBOOK_ENTRY_MESSAGE: event.data.get("message"),
        }

    @callback
    def describe_transcript(event: Event) -> dict[str, Any]:
        text = textwrap.shorten(event.data.get("text", ""), LONGEST, placeholder=" …")
        return {
            LOGBOOK_ENTRY_NAME: event.data.get("station"),
            LOGBOOK_ENTRY_MESSAGE: f"heard a voice say: {text}",
        }

    async_describe_event(DOMAIN, EVENT_ALERT, describe)
    async_describe_event(DOMAIN, EVENT_TRANSCRIPT, describe_transcript)
