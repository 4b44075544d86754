"""Alerts in the logbook, and what their voices said."""

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

from .const import DOMAIN, EVENT_ALERT, EVENT_TRANSCRIPT
from .event import ALERT

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
        data = event.data
        entity_id = er.async_get(hass).async_get_entity_id(
            EVENT_DOMAIN, DOMAIN, f"{data.get('entry_id')}_{ALERT.key}"
        )
        shown = {
            LOGBOOK_ENTRY_NAME: data.get("station"),
            LOGBOOK_ENTRY_MESSAGE: data.get("message"),
        }
        if data.get("recording"):
            shown[LOGBOOK_ENTRY_MESSAGE] = f"{data.get('message')} {_recorded(hass)}"
        if entity_id is not None:
            shown[LOGBOOK_ENTRY_ENTITY_ID] = entity_id
        return shown

    @callback
    def describe_transcript(event: Event) -> dict[str, Any]:
        text = textwrap.shorten(event.data.get("text", ""), LONGEST, placeholder=" …")
        return {
            LOGBOOK_ENTRY_NAME: event.data.get("station"),
            LOGBOOK_ENTRY_MESSAGE: f"heard a voice say: {text}",
        }

    async_describe_event(DOMAIN, EVENT_ALERT, describe)
    async_describe_event(DOMAIN, EVENT_TRANSCRIPT, describe_transcript)


def _recorded(hass: HomeAssistant) -> str:
    """Return where a recording is found, in Home Assistant's language."""
    texts = async_get_cached_translations(hass, hass.config.language, "common", DOMAIN)
    return texts.get(f"component.{DOMAIN}.common.recorded", "")
