"""Bringing an entry of an earlier version to this one's."""

from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from .channels import (
    async_nearby,
    async_set_channels,
    channel_subentry,
    hears_weather_radio,
)
from .const import CONF_FREQUENCIES, CONF_RECEPTION

VERSION: Final = 1
MINOR_VERSION: Final = 2


async def async_migrate(hass: HomeAssistant, entry: ConfigEntry) -> bool:
    """Bring an entry up to this version; Home Assistant refuses those of a later integration."""
    if entry.minor_version < MINOR_VERSION:
        if hears_weather_radio(entry):
            await _async_channels_to_subentries(hass, entry)
        hass.config_entries.async_update_entry(entry, minor_version=MINOR_VERSION)
    return True


async def _async_channels_to_subentries(
    hass: HomeAssistant, entry: ConfigEntry
) -> None:
    """Make a subentry of each channel, which were a list in the data before."""
    reception = dict(entry.data[CONF_RECEPTION])
    near = await async_nearby(hass)
    frequencies = reception.pop(CONF_FREQUENCIES, [])
    async_set_channels(
        hass, entry, [channel_subentry(each, near) for each in frequencies]
    )
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, CONF_RECEPTION: reception}
    )
