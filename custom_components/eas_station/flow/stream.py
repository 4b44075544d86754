"""Setting up a stream by its address."""

from functools import partial
from typing import Any, Final

from homeassistant.data_entry_flow import FlowResult
from homeassistant.helpers.selector import (
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import probatio

from ..const import CONF_URL, SOURCE_STREAM
from ..eas_core.sources.isolated import call_in_child
from ..eas_core.sources.source import SourceError
from ..eas_core.sources.stream import probe
from .fields import Fields
from .form import Draft, SourceSteps, check_locations

PROBE_SECONDS: Final = 60.0
FIELDS: Final[Fields] = {
    probatio.Required(CONF_URL): TextSelector(
        TextSelectorConfig(type=TextSelectorType.URL)
    ),
}


class StreamSteps[Result: FlowResult[Any, Any]](SourceSteps[Result]):
    """Asks for an address, and hears its beginning."""

    async def async_step_stream(
        self, user_input: dict[str, Any] | None = None
    ) -> Result:
        """Set up a stream."""
        fields = await self._common_fields(SOURCE_STREAM) | FIELDS
        if user_input is None:
            return self._form(SOURCE_STREAM, fields, None)
        if errors := check_locations(user_input):
            return self._form(SOURCE_STREAM, fields, user_input, errors)
        draft = Draft.of(SOURCE_STREAM, user_input)
        draft.data[CONF_URL] = url = draft.data[CONF_URL].strip()
        try:
            await self._abort_if_taken(draft)
            await self._async_try(url)
        except SourceError as error:
            return self._refuse(SOURCE_STREAM, fields, user_input, error, CONF_URL)
        return await self._finish(draft)

    async def _async_try(self, url: str) -> None:
        """Hear the beginning of a stream; raises SourceError."""
        await self.hass.async_add_executor_job(
            partial(
                call_in_child,
                probe,
                url,
                what="the try of the stream",
                seconds=PROBE_SECONDS,
            )
        )
