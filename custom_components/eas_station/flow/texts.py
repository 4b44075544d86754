"""Fields for the texts of alerts: what the voice said, and what the Weather Service wrote."""

from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import BooleanSelector
import probatio

from ..const import (
    CONF_NWS_TEXT,
    CONF_TRANSCRIPT_ENGINE,
    CONF_TRANSCRIPT_LANGUAGE,
    DEFAULT_TRANSCRIPT_LANGUAGE,
)
from ..speech import speech_engines
from .fields import Fields, choice

LANGUAGES: Final = ("en", "es")
"""Those that weather radio speaks."""

TEXT_OPTIONS: Final = (CONF_TRANSCRIPT_ENGINE, CONF_TRANSCRIPT_LANGUAGE, CONF_NWS_TEXT)


def engine_field(hass: HomeAssistant, chosen: str | None = None) -> Fields:
    """Return the field for an engine; the one that is chosen stays a choice where it is gone."""
    engines = ({chosen: chosen} if chosen else {}) | speech_engines(hass)
    return {probatio.Optional(CONF_TRANSCRIPT_ENGINE): choice(engines)}


def text_fields(hass: HomeAssistant, chosen: str | None) -> Fields:
    """Return the fields for all texts."""
    return engine_field(hass, chosen) | {
        probatio.Required(
            CONF_TRANSCRIPT_LANGUAGE, default=DEFAULT_TRANSCRIPT_LANGUAGE
        ): choice(LANGUAGES, translation_key="transcript_language"),
        probatio.Required(CONF_NWS_TEXT, default=False): BooleanSelector(),
    }
