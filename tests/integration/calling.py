"""Calling actions as a script does, and reading their errors as the user does."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.translation import async_get_translations

from custom_components.eas_station.const import DOMAIN


async def call(
    hass: HomeAssistant, action: str, data: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    """Call an action that returns something."""
    answer = await hass.services.async_call(
        DOMAIN, action, data or {}, blocking=True, return_response=True, **more
    )
    assert answer is not None
    return dict(answer)


async def told(error: HomeAssistantError, hass: HomeAssistant) -> str:
    """Return what the user reads of an error."""
    texts = await async_get_translations(hass, "en", "exceptions", [DOMAIN])
    text = texts[f"component.{DOMAIN}.exceptions.{error.translation_key}.message"]
    return text.format(**(error.translation_placeholders or {}))
