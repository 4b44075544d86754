"""Asking for the user and password of a stream that does not take those that it was given."""

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from .const import CONF_SUBENTRY, SOURCE_STREAM
from .coordinator import EasStationConfigEntry
from .eas_core.sources.source import SourceErrorReason
from .eas_core.station import SourceState
from .source_coordinator import SourceCoordinator


@callback
def async_watch_credentials(
    hass: HomeAssistant, entry: EasStationConfigEntry
) -> CALLBACK_TYPE:
    """Ask once each time that a stream begins to refuse; return what ends the watch."""
    ends = [
        _async_watch(hass, one)
        for one in entry.runtime_data.sources
        if one.setting.kind == SOURCE_STREAM
    ]

    @callback
    def end() -> None:
        for each in ends:
            each()

    return end


def _async_watch(hass: HomeAssistant, source: SourceCoordinator) -> CALLBACK_TYPE:
    asked = False

    @callback
    def look() -> None:
        nonlocal asked
        status = source.data.status
        if status.state is SourceState.HEARING:
            asked = False
        elif status.reason is SourceErrorReason.UNAUTHORIZED and not asked:
            asked = True
            which = {CONF_SUBENTRY: source.setting.subentry_id}
            source.config_entry.async_start_reauth(hass, data=which)

    return source.async_add_listener(look)
