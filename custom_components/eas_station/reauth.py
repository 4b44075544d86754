"""Asking for the user and password of a stream that does not take those that it was given."""

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from .const import CONF_SOURCE, SOURCE_STREAM
from .coordinator import EasStationConfigEntry
from .eas_core.sources.source import SourceErrorReason
from .eas_core.station import SourceState


@callback
def async_watch_credentials(
    hass: HomeAssistant, entry: EasStationConfigEntry
) -> CALLBACK_TYPE:
    """Ask once each time that a stream begins to refuse; return what ends the watch."""
    coordinator = entry.runtime_data
    asked = False

    @callback
    def look() -> None:
        nonlocal asked
        status = coordinator.data.status
        if status.state is SourceState.HEARING:
            asked = False
        elif status.reason is SourceErrorReason.UNAUTHORIZED and not asked:
            asked = True
            entry.async_start_reauth(hass)

    if entry.data[CONF_SOURCE] != SOURCE_STREAM:
        return lambda: None
    return coordinator.async_add_listener(look)
