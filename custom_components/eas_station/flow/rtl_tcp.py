"""Setting up a dongle on another machine."""

from typing import Any, Final

from homeassistant.data_entry_flow import FlowResult
from homeassistant.helpers.selector import TextSelector
import probatio

from ..const import (
    CONF_HARDWARE,
    CONF_HOST,
    CONF_PORT,
    DEFAULT_RTL_TCP_PORT,
    SOURCE_RTL_TCP,
)
from ..eas_core.sources.rtl_tcp import probe
from ..eas_core.sources.source import SourceError, SourceErrorReason
from .fields import Fields, number, receiver_section
from .form import Draft, check_locations
from .reception import ReceptionSteps

AT_FIELD: Final = {
    SourceErrorReason.UNREACHABLE: CONF_HOST,
    SourceErrorReason.REFUSED: CONF_PORT,
    SourceErrorReason.WRONG_PROTOCOL: CONF_PORT,
}
FIELDS: Final[Fields] = {
    probatio.Required(CONF_HOST): TextSelector(),
    probatio.Required(CONF_PORT, default=DEFAULT_RTL_TCP_PORT): number(1, 65535),
}


class RtlTcpSteps[Result: FlowResult[Any, Any]](ReceptionSteps[Result]):
    """Asks where rtl_tcp runs, and greets it."""

    async def async_step_rtl_tcp(
        self, user_input: dict[str, Any] | None = None
    ) -> Result:
        """Set up an rtl_tcp server."""
        fields = await self._common_fields(SOURCE_RTL_TCP) | FIELDS | receiver_section()
        if user_input is None:
            return self._form(SOURCE_RTL_TCP, fields, None)
        if errors := check_locations(user_input):
            return self._form(SOURCE_RTL_TCP, fields, user_input, errors)
        draft = Draft.of(SOURCE_RTL_TCP, user_input)
        data = draft.data
        data[CONF_HOST] = host = data[CONF_HOST].strip()
        data[CONF_PORT] = port = int(data[CONF_PORT])
        await self._abort_if_taken(draft)
        try:
            async with self._receiver_is_free():
                info = await self.hass.async_add_executor_job(probe, host, port)
        except SourceError as error:
            field = AT_FIELD.get(error.reason, "base")
            return self._refuse(SOURCE_RTL_TCP, fields, user_input, error, field)
        data[CONF_HARDWARE] = info.tuner
        return await self._choose_reception(draft)
