"""A siren that is off."""

from typing import Any

from homeassistant.components.siren import SirenEntity
from homeassistant.components.siren.const import SirenEntityFeature
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from . import tell


async def async_setup_entry(
    hass: HomeAssistant, entry: ConfigEntry, add: AddConfigEntryEntitiesCallback
) -> None:
    """Add the siren."""
    add([Siren()])


class Siren(SirenEntity):
    """Tells when it goes on or off."""

    _attr_name = "Roof"
    _attr_unique_id = "roof"
    _attr_should_poll = False
    _attr_is_on = False
    _attr_supported_features = SirenEntityFeature.TURN_ON | SirenEntityFeature.TURN_OFF

    async def async_turn_on(self, **kwargs: Any) -> None:
        """Go on."""
        self._attr_is_on = True
        self.async_write_ha_state()
        tell(self.hass, self.entity_id, "on")

    async def async_turn_off(self, **kwargs: Any) -> None:
        """Go off."""
        self._attr_is_on = False
        self.async_write_ha_state()
        tell(self.hass, self.entity_id, "off")
