"""Setting up a station: which source, what is heard of it, and for which places."""

from contextlib import AbstractAsyncContextManager, nullcontext
from typing import override

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigEntryState,
    ConfigFlowResult,
    ConfigSubentryData,
    ConfigSubentryFlow,
)
from homeassistant.const import CONF_NAME
from homeassistant.core import callback
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers.selector import TextSelector
from homeassistant.helpers.service_info.mqtt import MqttServiceInfo
import probatio

from .channels import (
    async_nearby,
    async_set_channels,
    channel_subentry,
    hears_weather_radio,
)
from .const import (
    BAND_NWR,
    CONF_BAND,
    CONF_BASE,
    CONF_FREQUENCIES,
    CONF_LOCATIONS,
    CONF_PLACES,
    CONF_RECEPTION,
    CONF_SOURCE,
    DOMAIN,
    RECEIVER_OPTIONS,
    SOURCE_AGENTS,
    SUBENTRY_CHANNEL,
    SUBENTRY_SOURCE,
)
from .coordinator import EasStationConfigEntry
from .eas_core.agent.reading import agent_of
from .flow.agents import AgentsSteps
from .flow.fields import Fields
from .flow.file import FileSteps
from .flow.form import Draft
from .flow.options import StationOptionsFlow
from .flow.pcm import PcmSteps
from .flow.reauth import ReauthFlow
from .flow.rtl_sdr import RtlSdrSteps
from .flow.rtl_tcp import RtlTcpSteps
from .flow.simulator import SimulatorSteps
from .flow.sound_card import SoundCardSteps
from .flow.subentry_channel import ChannelFlow
from .flow.subentry_source import SourceFlow
from .migration import MINOR_VERSION, VERSION
from .source_settings import SourceSetting, heard_by, source_settings
from .sources import unique_id


class EasStationConfigFlow(
    RtlSdrSteps[ConfigFlowResult],
    RtlTcpSteps[ConfigFlowResult],
    SoundCardSteps[ConfigFlowResult],
    PcmSteps[ConfigFlowResult],
    FileSteps[ConfigFlowResult],
    SimulatorSteps[ConfigFlowResult],
    AgentsSteps[ConfigFlowResult],
    ReauthFlow,
    domain=DOMAIN,
):
    """Asks for a source and its settings, and tries the source."""

    VERSION = VERSION
    MINOR_VERSION = MINOR_VERSION

    @staticmethod
    @callback
    @override
    def async_get_options_flow(
        config_entry: EasStationConfigEntry,
    ) -> StationOptionsFlow:
        """Return the flow that changes the options."""
        return StationOptionsFlow()

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Return the flows that add something to a station."""
        flows: dict[str, type[ConfigSubentryFlow]] = {SUBENTRY_SOURCE: SourceFlow}
        if hears_weather_radio(config_entry):
            flows[SUBENTRY_CHANNEL] = ChannelFlow
        return flows

    async def async_step_mqtt(
        self, discovery_info: MqttServiceInfo
    ) -> ConfigFlowResult:
        """Take it that an agent tells under a base topic."""
        base, _, rest = discovery_info.topic.rpartition("/status")[0].rpartition("/")
        if not rest or agent_of(discovery_info.topic, base) is None:
            return self.async_abort(reason="no_agent")
        identity = unique_id({CONF_SOURCE: SOURCE_AGENTS, CONF_BASE: base})
        await self.async_set_unique_id(identity)
        if heard_by(self.hass, identity) is not None:
            return self.async_abort(reason="already_configured")
        self.context["title_placeholders"] = {"name": rest}
        return await self.async_step_agents()

    @property
    def _entry(self) -> EasStationConfigEntry | None:
        """The entry that is changed, None where a new one is made."""
        if self.source != SOURCE_RECONFIGURE:
            return None
        return self._get_reconfigure_entry()

    @property
    @override
    def _changed(self) -> SourceSetting | None:
        return None if self._entry is None else source_settings(self._entry)[0]

    @override
    async def _common_fields(self, kind: str, *, needs_places: bool = False) -> Fields:
        nearest = (await self._places_near())[0]
        name = probatio.Required(CONF_NAME, default=f"{nearest.name} EAS")
        places = await self._places_field(required=needs_places)
        return {name: TextSelector(), **places}

    @override
    def _receiver_is_free(self) -> AbstractAsyncContextManager[None]:
        entry = self._entry
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            return nullcontext()
        return entry.runtime_data.async_paused()

    @override
    async def _abort_if_taken(self, draft: Draft) -> str:
        identity, entry = unique_id(draft.data), self._entry
        if entry is None:
            await self.async_set_unique_id(identity, raise_on_progress=False)
            self._abort_if_unique_id_configured()
        by = heard_by(self.hass, identity)
        if by is not None and (entry is None or by != (entry.entry_id, None)):
            raise AbortFlow("already_configured")
        return identity

    @override
    async def _finish(self, draft: Draft) -> ConfigFlowResult:
        channels = await self._take_channels(draft)
        identity, entry = await self._abort_if_taken(draft), self._entry
        if entry is None:
            return self.async_create_entry(
                title=draft.title,
                data=draft.data,
                options=draft.options,
                subentries=channels,
            )
        moved = draft.data.get(CONF_LOCATIONS) != entry.data.get(CONF_LOCATIONS)
        left = (*RECEIVER_OPTIONS, CONF_PLACES) if moved else RECEIVER_OPTIONS
        kept = {key: value for key, value in entry.options.items() if key not in left}
        async_set_channels(self.hass, entry, channels)
        return self.async_update_reload_and_abort(
            entry,
            unique_id=identity,
            title=draft.title,
            data=draft.data,
            options=kept | draft.options,
        )

    async def _take_channels(self, draft: Draft) -> list[ConfigSubentryData]:
        """Return the channels of weather radio as subentries, which the data then do not name."""
        reception = draft.data.get(CONF_RECEPTION)
        if reception is None or reception[CONF_BAND] != BAND_NWR:
            return []
        near = await async_nearby(self.hass)
        frequencies = reception.pop(CONF_FREQUENCIES)
        return [channel_subentry(each, near) for each in frequencies]
