"""Setting up a recording that is heard."""

from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResult
from homeassistant.helpers.selector import BooleanSelector, TextSelector
import probatio

from ..allowed import may_read
from ..const import CONF_LOOP, CONF_PATH, SOURCE_FILE
from ..eas_core.sources.file import FileSource
from ..eas_core.sources.source import SourceError, SourceErrorReason
from .fields import Fields
from .form import Draft, SourceSteps, check_locations

FIELDS: Final[Fields] = {
    probatio.Required(CONF_PATH): TextSelector(),
    probatio.Required(CONF_LOOP, default=False): BooleanSelector(),
}


class FileSteps[Result: FlowResult[Any, Any]](SourceSteps[Result]):
    """Asks for a file, and reads its beginning."""

    async def async_step_file(self, user_input: dict[str, Any] | None = None) -> Result:
        """Set up an audio file."""
        fields = await self._common_fields(SOURCE_FILE) | FIELDS
        if user_input is None:
            return self._form(SOURCE_FILE, fields, None)
        if errors := check_locations(user_input):
            return self._form(SOURCE_FILE, fields, user_input, errors)
        draft = Draft.of(SOURCE_FILE, user_input)
        await self._abort_if_taken(draft)
        try:
            await self.hass.async_add_executor_job(
                _check, self.hass, draft.data[CONF_PATH]
            )
        except SourceError as error:
            return self._refuse(SOURCE_FILE, fields, user_input, error, CONF_PATH)
        return await self._finish(draft)


def _check(hass: HomeAssistant, path: str) -> None:
    """Read the beginning of a file; raises SourceError where it cannot or may not be heard."""
    if not may_read(hass, path):
        raise SourceError(
            SourceErrorReason.NO_PERMISSION,
            "Put the file into a media folder, or name its folder under"
            f" `allowlist_external_dirs`: {path} is in no folder that is allowed.",
        )
    FileSource(path).check()
