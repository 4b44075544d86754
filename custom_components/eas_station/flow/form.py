"""What the flows of all sources share: name and places, forms that tell errors, the end."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
import re
from typing import Any, Final

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntryState,
    ConfigFlow,
    ConfigFlowResult,
)
from homeassistant.const import CONF_NAME
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers.selector import TextSelector
import probatio

from ..const import CONF_LOCATIONS, CONF_PLACES, CONF_SOURCE
from ..coordinator import EasStationConfigEntry
from ..eas_core.same import Location
from ..eas_core.sources.source import SourceError
from ..masking import mask_secrets
from ..sources import unique_id
from .fields import RECEIVER_OPTIONS, SECTION_RECEIVER, Fields, choice, receiver_options
from .places import home_places, label

NEAR_HOME: Final = 24
MOST_LOCATIONS: Final = 31
_CODE: Final = re.compile(r"[0-9]{6}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An entry as far as it was typed."""

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


class StationFlow(ConfigFlow):
    """Sets up a station, or changes one."""

    def __init__(self) -> None:
        """Know no place yet."""
        self._near: list[Location] = []

    @property
    def _entry(self) -> EasStationConfigEntry | None:
        """The entry that is changed, None where a new one is made."""
        if self.source != SOURCE_RECONFIGURE:
            return None
        return self._get_reconfigure_entry()

    async def _common_fields(self, *, needs_places: bool = False) -> Fields:
        """Return name and places, with the counties around home to choose from."""
        home = self.hass.config
        if not self._near:
            self._near = await self.hass.async_add_executor_job(
                home_places, home.latitude, home.longitude, NEAR_HOME
            )
        nearest = self._near[0]
        places = {place.code: label(place) for place in self._near}
        name = probatio.Required(CONF_NAME, default=f"{nearest.name} EAS")
        locations = (
            probatio.Required(CONF_LOCATIONS, default=[nearest.code])
            if needs_places
            else probatio.Optional(CONF_LOCATIONS, default=[nearest.code])
        )
        return {
            name: TextSelector(),
            locations: choice(places, multiple=True, custom_value=True),
        }

    def _form(
        self,
        step: str,
        fields: Fields,
        typed: Mapping[str, Any] | None,
        errors: dict[str, str] | None = None,
        hint: str = "",
    ) -> ConfigFlowResult:
        """Show a step's fields with what was typed, or what is set already."""
        entry = self._entry
        shown: Mapping[str, Any] = typed or {}
        if entry is not None and typed is None:
            receiver = {
                key: entry.options[key]
                for key in RECEIVER_OPTIONS
                if key in entry.options
            }
            shown = {CONF_NAME: entry.title, SECTION_RECEIVER: receiver, **entry.data}
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
    ) -> ConfigFlowResult:
        """Show the fields again, with what is wrong at one of them."""
        return self._form(step, fields, typed, {field: error.reason.value}, error.hint)

    def _receiver_is_free(self) -> AbstractAsyncContextManager[None]:
        """Have the entry that is changed leave its receiver to the flow meanwhile."""
        entry = self._entry
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            return nullcontext()
        return entry.runtime_data.async_paused()

    async def _abort_if_taken(self, draft: Draft) -> str:
        """Return what identifies the source; abort where another entry hears it."""
        identity, entry = unique_id(draft.data), self._entry
        if entry is None:
            await self.async_set_unique_id(identity, raise_on_progress=False)
            self._abort_if_unique_id_configured()
            return identity
        for other in self._async_current_entries(include_ignore=False):
            if other.unique_id == identity and other.entry_id != entry.entry_id:
                raise AbortFlow("already_configured")
        return identity

    async def _finish(self, draft: Draft) -> ConfigFlowResult:
        identity, entry = await self._abort_if_taken(draft), self._entry
        if entry is None:
            return self.async_create_entry(
                title=draft.title, data=draft.data, options=draft.options
            )
        moved = draft.data.get(CONF_LOCATIONS) != entry.data.get(CONF_LOCATIONS)
        left = (*RECEIVER_OPTIONS, CONF_PLACES) if moved else RECEIVER_OPTIONS
        kept = {key: value for key, value in entry.options.items() if key not in left}
        return self.async_update_reload_and_abort(
            entry,
            unique_id=identity,
            title=draft.title,
            data=draft.data,
            options=kept | draft.options,
        )


def check_locations(codes: list[str], *, required: bool = False) -> dict[str, str]:
    """Return the error at the places, if there is one."""
    if required and not codes:
        return {CONF_LOCATIONS: "no_locations"}
    if len(codes) > MOST_LOCATIONS or not are_codes(codes):
        return {CONF_LOCATIONS: "invalid_locations"}
    return {}


def are_codes(codes: list[str]) -> bool:
    """Whether all have the form of a place's code."""
    return all(_CODE.fullmatch(code) for code in codes)
