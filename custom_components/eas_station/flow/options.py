"""What is changed while a station hears."""

from typing import Any

from homeassistant.config_entries import ConfigFlowResult, OptionsFlowWithReload
import probatio

from ..const import CONF_QUIET_DBFS, CONF_QUIET_SECONDS, CONF_SOURCE, RADIOS
from ..eas_core.station import StationOptions
from .fields import Fields, number, receiver_fields, receiver_options

DEFAULTS = StationOptions(name="")


class StationOptionsFlow(OptionsFlowWithReload):
    """Sets the receiver, and what counts as silence."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Set what the kind of source has."""
        if user_input is not None:
            quiet = {
                key: user_input[key] for key in (CONF_QUIET_DBFS, CONF_QUIET_SECONDS)
            }
            return self.async_create_entry(data=receiver_options(user_input) | quiet)
        is_radio = self.config_entry.data[CONF_SOURCE] in RADIOS
        step, fields = "init", _quiet_fields()
        if is_radio:
            step, fields = "radio", receiver_fields() | fields
        return self.async_show_form(
            step_id=step,
            data_schema=self.add_suggested_values_to_schema(
                probatio.Schema(dict(fields)), self.config_entry.options
            ),
        )

    async def async_step_radio(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Set a radio."""
        return await self.async_step_init(user_input)


def _quiet_fields() -> Fields:
    return {
        probatio.Required(CONF_QUIET_DBFS, default=DEFAULTS.quiet_dbfs): number(
            -100, -20, "dBFS"
        ),
        probatio.Required(CONF_QUIET_SECONDS, default=DEFAULTS.quiet_seconds): number(
            5, 3600, "s"
        ),
    }
