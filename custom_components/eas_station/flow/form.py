"""What the steps of all sources share: what they ask for, and forms that tell errors."""

from abc import abstractmethod
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
import re
from typing import Any, Final

from homeassistant.const import CONF_NAME
from homeassistant.data_entry_flow import FlowHandler, FlowResult
import probatio

from ..const import CONF_LOCATIONS, CONF_SOURCE, SOURCES
from ..eas_core.masking import mask_secrets
from ..eas_core.same import Location
from ..eas_core.sources.source import SourceError
from ..source_settings import SourceSetting
from .fields import SECTION_RECEIVER, Fields, choice, receiver_options
from .places import home_places, label

NEAR_HOME: Final = 24
MOST_LOCATIONS: Final = 31
_CODE: Final = re.compile(r"[0-9]{6}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A source as far as it was typed."""

    title: str
    data: dict[str, Any]
    options: dict[str, Any]

    @classmethod
    def of(cls, kind: str, typed: Mapping[str, Any]) -> Draft:
        """Take a form's fields apart."""
        data = dict(typed)
        title = data.pop(CONF_NAME)
        options = receiver_options(data.pop(SECTION_RECEIVER, {}))
        return cls(title=title, data={CONF_SOURCE: kind, **data}, options=options)


class SourceSteps[Result: FlowResult[Any, Any]](FlowHandler[Any, Result, Any]):
    """Asks for a source and its settings: of a station, or of another source of one."""

    _near: tuple[Location, ...] = ()

    @property
    @abstractmethod
    def _changed(self) -> SourceSetting | None:
        """The source that is changed, None where a new one is made."""

    @abstractmethod
    async def _common_fields(self, kind: str, *, needs_places: bool = False) -> Fields:
        """Return the name, and whatever else is asked for with every kind of source."""

    @abstractmethod
    async def _abort_if_taken(self, draft: Draft) -> str:
        """Return what identifies the source; abort where it is heard already."""

    @abstractmethod
    def _receiver_is_free(self) -> AbstractAsyncContextManager[None]:
        """Have the source that is changed leave its receiver to the flow meanwhile."""

    @abstractmethod
    async def _finish(self, draft: Draft) -> Result:
        """Make what was asked for, or change it."""

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> Result:
        """Choose the kind of source."""
        return self.async_show_menu(step_id="user", menu_options=list(SOURCES))

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> Result:
        """Change the settings of the source that there is."""
        assert self._changed is not None
        step: Result = await getattr(self, f"async_step_{self._changed.kind}")()
        return step

    async def _places_near(self) -> tuple[Location, ...]:
        """Return the counties around home, the nearest first."""
        if not self._near:
            home = self.hass.config
            self._near = tuple(
                await self.hass.async_add_executor_job(
                    home_places, home.latitude, home.longitude, NEAR_HOME
                )
            )
        return self._near

    async def _places_field(self, *, required: bool) -> Fields:
        """Return a field for places, with those around home to choose from."""
        near = await self._places_near()
        labels = {place.code: label(place) for place in near}
        marker = probatio.Required if required else probatio.Optional
        field = marker(CONF_LOCATIONS, default=[near[0].code])
        return {field: choice(labels, multiple=True, custom_value=True)}

    def _form(
        self,
        step: str,
        fields: Fields,
        typed: Mapping[str, Any] | None,
        errors: dict[str, str] | None = None,
        hint: str = "",
    ) -> Result:
        """Show a step's fields with what was typed, or what is set already."""
        changed = self._changed
        shown: Mapping[str, Any] = typed or {}
        if changed is not None and typed is None:
            shown = {
                CONF_NAME: changed.name,
                SECTION_RECEIVER: changed.receiver,
                **changed.data,
            }
        return self.async_show_form(
            step_id=step,
            data_schema=self.add_suggested_values_to_schema(
                probatio.Schema(dict(fields)), shown
            ),
            errors=errors or {},
            description_placeholders={"hint": mask_secrets(hint)},
        )

    def _refuse(
        self,
        step: str,
        fields: Fields,
        typed: Mapping[str, Any],
        error: SourceError,
        field: str = "base",
    ) -> Result:
        """Show the fields again, with what is wrong at one of them."""
        return self._form(step, fields, typed, {field: error.reason.value}, error.hint)


def check_locations(
    typed: Mapping[str, Any], *, required: bool = False
) -> dict[str, str]:
    """Return the error at the places, if there is one; they are not always asked for."""
    codes = typed.get(CONF_LOCATIONS, [])
    if required and not codes:
        return {CONF_LOCATIONS: "no_locations"}
    if len(codes) > MOST_LOCATIONS or not are_codes(codes):
        return {CONF_LOCATIONS: "invalid_locations"}
    return {}


def are_codes(codes: list[str]) -> bool:
    """Whether all have the form of a place's code."""
    return all(_CODE.fullmatch(code) for code in codes)
