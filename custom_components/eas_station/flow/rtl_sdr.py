"""Setting up a dongle at this machine's USB."""

from typing import Any

from homeassistant.data_entry_flow import FlowResult
from homeassistant.requirements import RequirementsNotFound
import probatio

from ..const import CONF_HARDWARE, CONF_SERIAL, SOURCE_RTL_SDR
from ..drivers import async_install_drivers
from ..eas_core.sources.isolated import find_in_child
from ..eas_core.sources.rtl_sdr import DongleFound, find_dongles
from ..eas_core.sources.source import SourceError
from .fields import choice, receiver_section
from .form import Draft, check_locations
from .reception import ReceptionSteps


class RtlSdrSteps[Result: FlowResult[Any, Any]](ReceptionSteps[Result]):
    """Looks for dongles, and asks which is to be heard."""

    def __init__(self) -> None:
        """Know no dongle yet."""
        super().__init__()
        self._dongles: list[DongleFound] = []

    async def async_step_rtl_sdr(
        self, user_input: dict[str, Any] | None = None
    ) -> Result:
        """Set up a dongle; a form without fields looks again when it is sent."""
        if user_input:
            errors = check_locations(user_input)
            if errors:
                return await self._show_dongles(user_input, errors)
            draft = Draft.of(SOURCE_RTL_SDR, user_input)
            names = {one.serial: one.name for one in self._dongles}
            draft.data[CONF_HARDWARE] = names.get(draft.data[CONF_SERIAL])
            return await self._choose_reception(draft)
        try:
            await async_install_drivers(self.hass, SOURCE_RTL_SDR, try_again=True)
            self._dongles = await self.hass.async_add_executor_job(
                find_in_child, find_dongles
            )
        except RequirementsNotFound as error:
            return self._no_dongles("no_driver", ", ".join(error.requirements))
        except SourceError as error:
            return self._no_dongles(error.reason.value, error.hint)
        if not self._dongles and self._changed is None:
            return self._no_dongles("no_dongles")
        if not any(one.unique for one in self._dongles) and self._changed is None:
            return self._no_dongles("same_serial")
        return await self._show_dongles()

    def _no_dongles(self, error: str, hint: str = "") -> Result:
        return self._form(SOURCE_RTL_SDR, {}, {}, {"base": error}, hint)

    async def _show_dongles(
        self,
        typed: dict[str, Any] | None = None,
        errors: dict[str, str] | None = None,
    ) -> Result:
        dongles = {
            one.serial: f"{one.name} ({one.serial})"
            for one in self._dongles
            if one.unique
        }
        if self._changed is not None:
            # It may be elsewhere for the moment.
            serial = self._changed.data[CONF_SERIAL]
            dongles.setdefault(serial, serial)
        fields = {
            **await self._common_fields(SOURCE_RTL_SDR),
            probatio.Required(CONF_SERIAL, default=next(iter(dongles))): choice(
                dongles
            ),
            **receiver_section(),
        }
        return self._form(SOURCE_RTL_SDR, fields, typed, errors)
