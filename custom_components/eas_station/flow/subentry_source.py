"""Adding another source to a station, by the same steps as the first."""

from contextlib import AbstractAsyncContextManager, nullcontext
from typing import override

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntryState,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_NAME
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers.selector import TextSelector
import probatio

from ..source_settings import SourceSetting, heard_by, source_settings
from ..sources import MODELS, unique_id
from .agents import AgentsSteps
from .fields import Fields
from .file import FileSteps
from .form import Draft
from .pcm import PcmSteps
from .rtl_sdr import RtlSdrSteps
from .rtl_tcp import RtlTcpSteps
from .simulator import SimulatorSteps
from .sound_card import SoundCardSteps
from .stream import StreamSteps


class SourceFlow(
    RtlSdrSteps[SubentryFlowResult],
    RtlTcpSteps[SubentryFlowResult],
    SoundCardSteps[SubentryFlowResult],
    StreamSteps[SubentryFlowResult],
    PcmSteps[SubentryFlowResult],
    FileSteps[SubentryFlowResult],
    SimulatorSteps[SubentryFlowResult],
    AgentsSteps[SubentryFlowResult],
    ConfigSubentryFlow,
):
    """Asks for another source of a station, and tries it."""

    @property
    @override
    def _changed(self) -> SourceSetting | None:
        if self.source != SOURCE_RECONFIGURE:
            return None
        changed = self._get_reconfigure_subentry().subentry_id
        settings = source_settings(self._get_entry())
        return next(one for one in settings if one.subentry_id == changed)

    @override
    async def _common_fields(self, kind: str, *, needs_places: bool = False) -> Fields:
        """Return the name, and places where the source itself needs some."""
        name: Fields = {
            probatio.Required(CONF_NAME, default=MODELS[kind]): TextSelector()
        }
        return name | await self._places_field(required=True) if needs_places else name

    @override
    def _receiver_is_free(self) -> AbstractAsyncContextManager[None]:
        entry, changed = self._get_entry(), self._changed
        if changed is not None and entry.state is ConfigEntryState.LOADED:
            for source in entry.runtime_data.sources:
                if source.setting.subentry_id == changed.subentry_id:
                    paused: AbstractAsyncContextManager[None] = source.async_paused()
                    return paused
        return nullcontext()

    @override
    async def _abort_if_taken(self, draft: Draft) -> str:
        identity, changed = unique_id(draft.data), self._changed
        by = heard_by(self.hass, identity)
        own = None if changed is None else (self._entry_id, changed.subentry_id)
        if by is not None and by != own:
            raise AbortFlow("already_configured")
        return identity

    @override
    async def _finish(self, draft: Draft) -> SubentryFlowResult:
        identity, data = await self._abort_if_taken(draft), draft.data | draft.options
        if self.source != SOURCE_RECONFIGURE:
            return self.async_create_entry(
                title=draft.title, data=data, unique_id=identity
            )
        return self.async_update_and_abort(
            self._get_entry(),
            self._get_reconfigure_subentry(),
            title=draft.title,
            data=data,
            unique_id=identity,
        )
