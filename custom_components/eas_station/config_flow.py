"""Setting up a station: which source, what is heard of it, and for which places."""

from typing import Any, override

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import callback

from .const import CONF_SOURCE, DOMAIN, SOURCES
from .coordinator import EasStationConfigEntry
from .flow.file import FileFlow
from .flow.options import StationOptionsFlow
from .flow.pcm import PcmFlow
from .flow.rtl_sdr import RtlSdrFlow
from .flow.rtl_tcp import RtlTcpFlow
from .flow.simulator import SimulatorFlow
from .flow.sound_card import SoundCardFlow
from .flow.stream import StreamFlow


class EasStationConfigFlow(
    RtlSdrFlow,
    RtlTcpFlow,
    SoundCardFlow,
    StreamFlow,
    PcmFlow,
    FileFlow,
    SimulatorFlow,
    domain=DOMAIN,
):
    """Asks for a source and its settings, and tries the source."""

    VERSION = 1

    @staticmethod
    @callback
    @override
    def async_get_options_flow(
        config_entry: EasStationConfigEntry,
    ) -> StationOptionsFlow:
        """Return the flow that changes the options."""
        return StationOptionsFlow()

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Choose the kind of source."""
        return self.async_show_menu(step_id="user", menu_options=list(SOURCES))

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change the settings of the source that there is."""
        kind = self._get_reconfigure_entry().data[CONF_SOURCE]
        step: ConfigFlowResult = await getattr(self, f"async_step_{kind}")()
        return step
