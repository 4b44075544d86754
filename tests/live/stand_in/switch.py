"""Two relays, one of them closed."""

from typing import Any

from homeassistant.components.switch import SwitchEntity
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from . import tell


async def async_setup_entry(
    hass: HomeAssistant, entry: ConfigEntry, add: AddConfigEntryEntitiesCallback
) -> None:
    """Add the relays."""
    add([Relay("Gate", on=False), Relay("Pump", on=True)])


class Relay(SwitchEntity):
    """Tells when it goes on or off."""

    _attr_should_poll = False

    def __init__(self, name: str, *, on: bool) -> None:
        """Begin on or off."""
        self._attr_name = name
        self._attr_unique_id = name
        self._attr_is_on = on

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
