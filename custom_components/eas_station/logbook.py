"""Alerts in the logbook, what their voices said, and what was written of them."""

from collections.abc import Callable
import textwrap
from typing import Any, Final

from homeassistant.components.event.const import DOMAIN as EVENT_DOMAIN
from homeassistant.components.logbook.const import (
    LOGBOOK_ENTRY_ENTITY_ID,
    LOGBOOK_ENTRY_MESSAGE,
    LOGBOOK_ENTRY_NAME,
)
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.translation import async_get_cached_translations

from .const import DOMAIN, EVENT_ALERT, EVENT_ALERT_TEXT, EVENT_TRANSCRIPT
from .event import ALERT

LONGEST: Final = 250
"""Characters of a voice's text in one line."""


@callback
def async_describe_events(
    hass: HomeAssistant,
    async_describe_event: Callable[[str, str, Callable[[Event], dict[str, Any]]], None],
) -> None:
    """Tell the logbook how to show an alert."""

    def line(event: Event, message: str | None) -> dict[str, Any]:
        entity_id = er.async_get(hass).async_get_entity_id(
            EVENT_DOMAIN, DOMAIN, f"{event.data.get('entry_id')}_{ALERT.key}"
        )
        shown = {
            LOGBOOK_ENTRY_NAME: event.data.get("station"),
            LOGBOOK_ENTRY_MESSAGE: message,
        }
        return (
            shown if entity_id is None else shown | {LOGBOOK_ENTRY_ENTITY_ID: entity_id}
        )

    @callback
    def describe(event: Event) -> dict[str, Any]:
        message = event.data.get("message")
        recorded = event.data.get("recording")
        return line(event, f"{message} {_recorded(hass)}" if recorded else message)

    @callback
    def describe_transcript(event: Event) -> dict[str, Any]:
        text = textwrap.shorten(event.data.get("text", ""), LONGEST, placeholder=" …")
        return line(event, f"“{text}”")

    @callback
    def describe_text(event: Event) -> dict[str, Any]:
        nws = event.data["nws"]
        return line(event, f"{nws['sender']}: {nws['headline'] or nws['event']}")

    async_describe_event(DOMAIN, EVENT_ALERT, describe)
    async_describe_event(DOMAIN, EVENT_ALERT_TEXT, describe_text)
    async_describe_event(DOMAIN, EVENT_TRANSCRIPT, describe_transcript)


def _recorded(hass: HomeAssistant) -> str:
    """Return where a recording is found, in Home Assistant's language."""
    texts = async_get_cached_translations(hass, hass.config.language, "common", DOMAIN)
    return texts.get(f"component.{DOMAIN}.common.recorded", "")
