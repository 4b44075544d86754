"""Setting up agents over MQTT: which base topic they tell under."""

from typing import Any, Final

from homeassistant.data_entry_flow import FlowResult
from homeassistant.helpers.selector import TextSelector
import probatio

from ..const import CONF_BASE, SOURCE_AGENTS
from ..eas_core.agent.topics import BASE, Topics
from ..eas_core.errors import EasError
from .fields import Fields
from .form import Draft, SourceSteps, check_locations

FIELDS: Final[Fields] = {probatio.Required(CONF_BASE, default=BASE): TextSelector()}


class AgentsSteps[Result: FlowResult[Any, Any]](SourceSteps[Result]):
    """Asks where agents tell what they hear."""

    async def async_step_agents(
        self, user_input: dict[str, Any] | None = None
    ) -> Result:
        """Set up the agents under a base topic."""
        errors: dict[str, str] = {}
        if "mqtt" not in self.hass.config.components:
            errors = {"base": "no_mqtt"}
        elif user_input is not None:
            draft = Draft.of(SOURCE_AGENTS, user_input)
            draft.data[CONF_BASE] = draft.data[CONF_BASE].strip().strip("/")
            errors = check_locations(draft.data) | _check(draft.data[CONF_BASE])
            if not errors:
                return await self._finish(draft)
        fields = await self._common_fields(SOURCE_AGENTS) | FIELDS
        return self._form(SOURCE_AGENTS, fields, user_input, errors)


def _check(base: str) -> dict[str, str]:
    try:
        Topics(base, "any")
    except EasError:
        return {CONF_BASE: "invalid_base"}
    return {}
