"""Setting up a station: which source, and for which places."""

from collections.abc import Mapping
import re
from typing import Any, override

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigFlow,
    ConfigFlowResult,
)
from homeassistant.const import CONF_NAME
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)
import probatio

from .const import (
    CONF_CALL_SIGN,
    CONF_FIRST_ALERT,
    CONF_INTERVAL,
    CONF_LOCATIONS,
    CONF_LOOP,
    CONF_PATH,
    CONF_SOURCE,
    DEFAULT_CALL_SIGN,
    DEFAULT_FIRST_ALERT,
    DEFAULT_INTERVAL,
    DOMAIN,
    SOURCE_FILE,
    SOURCE_SIMULATOR,
)
from .eas_core.same import HeaderError, Location, counties_near
from .eas_core.sources.file import FileSource
from .eas_core.sources.source import SourceError
from .sources import build_source

NEAR_HOME = 24
_CODE = re.compile(r"[0-9]{6}")


def _seconds(low: int, high: int, unit: str) -> NumberSelector:
    return NumberSelector(
        NumberSelectorConfig(
            min=low, max=high, mode=NumberSelectorMode.BOX, unit_of_measurement=unit
        )
    )


class EasStationConfigFlow(ConfigFlow, domain=DOMAIN):
    """Asks for a source and its settings, and tries the source."""

    VERSION = 1

    def __init__(self) -> None:
        """Know no place yet."""
        self._near: list[Location] = []

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Choose the kind of source."""
        return self.async_show_menu(
            step_id="user", menu_options=[SOURCE_SIMULATOR, SOURCE_FILE]
        )

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change the settings of the source that there is."""
        if self._get_reconfigure_entry().data[CONF_SOURCE] == SOURCE_FILE:
            return await self.async_step_file()
        return await self.async_step_simulator()

    async def async_step_simulator(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Set up the simulated weather radio."""
        errors: dict[str, str] = {}
        if user_input is not None:
            data = {CONF_SOURCE: SOURCE_SIMULATOR, **user_input}
            errors = _check_locations(data[CONF_LOCATIONS], required=True)
            if not errors:
                try:
                    build_source(data)
                except HeaderError as error:
                    at_sign = error.field == "sender"
                    errors[CONF_CALL_SIGN if at_sign else CONF_LOCATIONS] = (
                        "invalid_call_sign" if at_sign else "invalid_locations"
                    )
            if not errors:
                return await self._finish(SOURCE_SIMULATOR, data)
        fields = {
            **await self._common_fields(),
            probatio.Required(
                CONF_CALL_SIGN, default=DEFAULT_CALL_SIGN
            ): TextSelector(),
            probatio.Required(CONF_FIRST_ALERT, default=DEFAULT_FIRST_ALERT): _seconds(
                1, 3600, "s"
            ),
            probatio.Required(CONF_INTERVAL, default=DEFAULT_INTERVAL): _seconds(
                1, 1440, "min"
            ),
        }
        return self._form(SOURCE_SIMULATOR, fields, user_input, errors)

    async def async_step_file(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Set up a recording that is heard."""
        errors: dict[str, str] = {}
        if user_input is not None:
            data = {CONF_SOURCE: SOURCE_FILE, **user_input}
            errors = _check_locations(data[CONF_LOCATIONS], required=False)
            try:
                await self.hass.async_add_executor_job(
                    FileSource(data[CONF_PATH]).check
                )
            except SourceError as error:
                errors[CONF_PATH] = error.reason.value
            if not errors:
                return await self._finish(f"file:{data[CONF_PATH]}", data)
        fields = {
            **await self._common_fields(),
            probatio.Required(CONF_PATH): TextSelector(),
            probatio.Required(CONF_LOOP, default=False): BooleanSelector(),
        }
        return self._form(SOURCE_FILE, fields, user_input, errors)

    async def _common_fields(self) -> dict[probatio.Marker, Any]:
        """Return name and places, with the counties around home to choose from."""
        home = self.hass.config
        if not self._near:
            self._near = await self.hass.async_add_executor_job(
                counties_near, home.latitude, home.longitude, NEAR_HOME
            )
        options = [
            SelectOptionDict(
                value=place.code, label=f"{place.name}, {place.state} ({place.code})"
            )
            for place in self._near
        ]
        return {
            probatio.Required(CONF_NAME, default=self._station_name()): TextSelector(),
            probatio.Required(
                CONF_LOCATIONS, default=[self._near[0].code]
            ): SelectSelector(
                SelectSelectorConfig(
                    options=options,
                    multiple=True,
                    custom_value=True,
                    mode=SelectSelectorMode.DROPDOWN,
                )
            ),
        }

    def _station_name(self) -> str:
        """Name the station after the place it is heard at."""
        return f"{self._near[0].name} EAS"

    def _form(
        self,
        step: str,
        fields: Mapping[probatio.Marker, Any],
        user_input: dict[str, Any] | None,
        errors: dict[str, str],
    ) -> ConfigFlowResult:
        """Show a step's fields with what was typed, or what is set already."""
        shown: Mapping[str, Any] = user_input or {}
        if self.source == SOURCE_RECONFIGURE and user_input is None:
            entry = self._get_reconfigure_entry()
            shown = {CONF_NAME: entry.title, **entry.data}
        return self.async_show_form(
            step_id=step,
            data_schema=self.add_suggested_values_to_schema(
                probatio.Schema(dict(fields)), shown
            ),
            errors=errors,
        )

    async def _finish(self, unique_id: str, data: dict[str, Any]) -> ConfigFlowResult:
        name = data.pop(CONF_NAME)
        if self.source == SOURCE_RECONFIGURE:
            entry = self._get_reconfigure_entry()
            others = self._async_current_entries(include_ignore=False)
            if any(
                other.unique_id == unique_id and other is not entry for other in others
            ):
                return self.async_abort(reason="already_configured")
            return self.async_update_reload_and_abort(
                entry, unique_id=unique_id, title=name, data=data
            )
        await self.async_set_unique_id(unique_id)
        self._abort_if_unique_id_configured()
        return self.async_create_entry(title=name, data=data)


def _check_locations(codes: list[str], *, required: bool) -> dict[str, str]:
    if required and not codes:
        return {CONF_LOCATIONS: "no_locations"}
    if len(codes) > 31 or not all(_CODE.fullmatch(code) for code in codes):
        return {CONF_LOCATIONS: "invalid_locations"}
    return {}
