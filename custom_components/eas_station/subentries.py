"""Following what an entry's channels and sources are, and how its receivers are set."""

from contextlib import suppress
from typing import Any

from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
    ConfigEntryState,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN, RECEIVER_OPTIONS
from .eas_core.errors import EasError
from .source_settings import source_settings

type Parts = dict[str, tuple[Any, ...]]

BUILT_OF: HassKey[dict[str, Parts]] = HassKey(f"{DOMAIN}_built_of")
"""What the station of each entry was last built of, whether it could be started or not."""


@callback
def async_note_parts(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Note that an entry's station is being built of the subentries of now."""
    hass.data[BUILT_OF][entry.entry_id] = _parts(entry)


@callback
def async_follow_subentries(hass: HomeAssistant) -> None:
    """Build a station anew when its entry's subentries are others than it was built of."""
    built_of = hass.data[BUILT_OF] = {}

    @callback
    def changed(change: ConfigEntryChange, entry: ConfigEntry) -> None:
        if entry.domain != DOMAIN:
            return
        if change is ConfigEntryChange.REMOVED:
            built_of.pop(entry.entry_id, None)
        elif change is ConfigEntryChange.UPDATED and entry.entry_id in built_of:
            hass.async_create_task(
                _async_look(hass, entry), "eas_station subentries", eager_start=False
            )

    async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, changed)


async def _async_look(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Reload an entry where no flow has done it."""
    async with entry.setup_lock:
        # What is being set up now was perhaps built before the change, or after.
        built = hass.data[BUILT_OF].get(entry.entry_id)
    if built == _parts(entry):
        if entry.state is ConfigEntryState.LOADED:
            await _async_tune(entry)
    elif (
        built is not None
        and entry.disabled_by is None
        and entry.state is not ConfigEntryState.NOT_LOADED
    ):
        hass.config_entries.async_schedule_reload(entry.entry_id)


async def _async_tune(entry: ConfigEntry) -> None:
    """Have each source hear by what is set about its receiver now."""
    sources = {one.setting.subentry_id: one for one in entry.runtime_data.sources}
    for setting in source_settings(entry):
        source = sources[setting.subentry_id]
        if source.setting.receiver != setting.receiver:
            # What cannot be made says so as it is.
            with suppress(EasError):
                await source.async_tune(setting)


def _parts(entry: ConfigEntry) -> Parts:
    """Return the subentries without what is set while they are heard."""
    return {
        one.subentry_id: (
            one.title,
            {key: one.data[key] for key in one.data if key not in RECEIVER_OPTIONS},
        )
        for one in entry.subentries.values()
    }
