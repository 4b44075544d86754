"""Setting up raw samples from the network."""

from typing import Any, Final

from homeassistant.data_entry_flow import FlowResult
from homeassistant.helpers.selector import TextSelector
import probatio

from ..const import (
    CONF_CHANNELS,
    CONF_HOST,
    CONF_MODE,
    CONF_PORT,
    CONF_SAMPLE_FORMAT,
    CONF_SAMPLE_RATE,
    DEFAULT_PCM_PORT,
    DEFAULT_SAMPLE_RATE,
    SOURCE_PCM,
)
from ..eas_core.audio.files import HIGHEST_RATE, LOWEST_RATE
from ..eas_core.sources.pcm import MOST_CHANNELS
from .fields import Fields, choice, number
from .form import Draft, SourceSteps, check_locations

EVERYWHERE: Final = "0.0.0.0"  # noqa: S104 - The user may name one address instead.
CONNECT: Final = "tcp_connect"
MODES: Final = ("udp", "tcp_listen", CONNECT)
FORMATS: Final = ("s16le", "s16be", "f32le", "u8")

FIELDS: Final[Fields] = {
    probatio.Required(CONF_MODE, default="udp"): choice(
        MODES, translation_key="pcm_mode"
    ),
    probatio.Optional(CONF_HOST, default=EVERYWHERE): TextSelector(),
    probatio.Required(CONF_PORT, default=DEFAULT_PCM_PORT): number(1, 65535),
    probatio.Required(CONF_SAMPLE_RATE, default=DEFAULT_SAMPLE_RATE): number(
        LOWEST_RATE, HIGHEST_RATE, "Hz"
    ),
    probatio.Required(CONF_CHANNELS, default=1): number(1, MOST_CHANNELS),
    probatio.Required(CONF_SAMPLE_FORMAT, default="s16le"): choice(
        FORMATS, translation_key="sample_format"
    ),
}


class PcmSteps[Result: FlowResult[Any, Any]](SourceSteps[Result]):
    """Asks where samples come from, and what they are: the wire does not say it."""

    async def async_step_pcm(self, user_input: dict[str, Any] | None = None) -> Result:
        """Set up raw samples from the network."""
        errors: dict[str, str] = {}
        if user_input is not None:
            draft = Draft.of(SOURCE_PCM, user_input)
            data = draft.data
            data[CONF_HOST] = data[CONF_HOST].strip() or EVERYWHERE
            for field in (CONF_PORT, CONF_SAMPLE_RATE, CONF_CHANNELS):
                data[field] = int(data[field])
            errors = check_locations(data)
            if data[CONF_MODE] == CONNECT and data[CONF_HOST] == EVERYWHERE:
                errors[CONF_HOST] = "no_host"
            if not errors:
                return await self._finish(draft)
        fields = await self._common_fields(SOURCE_PCM) | FIELDS
        return self._form(SOURCE_PCM, fields, user_input, errors)
