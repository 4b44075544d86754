"""Looks whether the threads of each source work: what hangs there tells nobody, and shows what it showed."""

from datetime import datetime, timedelta
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN
from .coordinator import EasStationConfigEntry
from .eas_core.station import Station
from .eas_core.station.pulse import Pulse

EVERY: Final = timedelta(seconds=30)
RELOADED_AT: HassKey[dict[str, float]] = HassKey(f"{DOMAIN}_reloaded_at")
AGAIN_SECONDS: Final = 600.0
"""A thread that hangs is left behind, and each new one may do the same."""


@callback
def async_watch_pulses(
    hass: HomeAssistant, entry: EasStationConfigEntry
) -> CALLBACK_TYPE:
    """Tell of a source whose thread hangs, and load its station again; return what ends that."""
    pulses = [
        (source, Pulse(source.station))
        for source in entry.runtime_data.sources
        if isinstance(source.station, Station)
    ]
    reloaded = hass.data.setdefault(RELOADED_AT, {})

    @callback
    def look(now: datetime) -> None:
        hung, seconds = False, hass.loop.time()
        for source, pulse in pulses:
            beats = pulse.beats(seconds)
            source.async_take_pulse(beats)
            hung |= not beats
        last = reloaded.get(entry.entry_id)
        if hung and (last is None or seconds - last > AGAIN_SECONDS):
            reloaded[entry.entry_id] = seconds
            hass.config_entries.async_schedule_reload(entry.entry_id)

    return async_track_time_interval(
        hass, look, EVERY, name="EAS Station pulses", cancel_on_shutdown=True
    )
