"""Setting up the simulated weather radio."""

from typing import Any, Final

from homeassistant.data_entry_flow import FlowResult
from homeassistant.helpers.selector import TextSelector
import probatio

from ..const import (
    CONF_CALL_SIGN,
    CONF_FIRST_ALERT,
    CONF_INTERVAL,
    DEFAULT_CALL_SIGN,
    DEFAULT_FIRST_ALERT,
    DEFAULT_INTERVAL,
    SOURCE_SIMULATOR,
)
from ..eas_core.same import HeaderError
from ..sources import build_source
from .fields import Fields, number
from .form import Draft, SourceSteps, check_locations

FIELDS: Final[Fields] = {
    probatio.Required(CONF_CALL_SIGN, default=DEFAULT_CALL_SIGN): TextSelector(),
    probatio.Required(CONF_FIRST_ALERT, default=DEFAULT_FIRST_ALERT): number(
        1, 3600, "s"
    ),
    probatio.Required(CONF_INTERVAL, default=DEFAULT_INTERVAL): number(1, 1440, "min"),
}


class SimulatorSteps[Result: FlowResult[Any, Any]](SourceSteps[Result]):
    """Asks what the simulator sends."""

    async def async_step_simulator(
        self, user_input: dict[str, Any] | None = None
    ) -> Result:
        """Set up the simulated weather radio."""
        errors: dict[str, str] = {}
        if user_input is not None:
            draft = Draft.of(SOURCE_SIMULATOR, user_input)
            errors = _check(draft.data)
            if not errors:
                return await self._finish(draft)
        fields = await self._common_fields(SOURCE_SIMULATOR, needs_places=True) | FIELDS
        return self._form(SOURCE_SIMULATOR, fields, user_input, errors)


def _check(data: dict[str, Any]) -> dict[str, str]:
    """Return what the simulator cannot send, at its field."""
    if errors := check_locations(data, required=True):
        return errors
    try:
        build_source(data, {}, None)
    except HeaderError:
        # The places are in form.
        return {CONF_CALL_SIGN: "invalid_call_sign"}
    return {}
