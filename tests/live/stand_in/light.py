"""A light that is on, dim and blue."""

from typing import Any

from homeassistant.components.light import LightEntity
from homeassistant.components.light.const import ColorMode
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from . import tell


async def async_setup_entry(
    hass: HomeAssistant, entry: ConfigEntry, add: AddConfigEntryEntitiesCallback
) -> None:
    """Add the light."""
    add([Light()])


class Light(LightEntity):
    """Tells each colour."""

    _attr_name = "Hall"
    _attr_unique_id = "hall"
    _attr_should_poll = False
    _attr_is_on = True
    _attr_brightness = 40
    _attr_rgb_color = (0, 0, 255)
    _attr_color_mode = ColorMode.RGB
    _attr_supported_color_modes = {ColorMode.RGB}  # noqa: RUF012

    async def async_turn_on(self, **kwargs: Any) -> None:
        """Take a colour and a brightness."""
        self._attr_is_on = True
        self._attr_rgb_color = kwargs.get("rgb_color", self._attr_rgb_color)
        self._attr_brightness = kwargs.get("brightness", self._attr_brightness)
        self.async_write_ha_state()
        color = list(self._attr_rgb_color)
        tell(self.hass, self.entity_id, "on", color=color, level=self._attr_brightness)

    async def async_turn_off(self, **kwargs: Any) -> None:
        """Go off."""
        self._attr_is_on = False
        self.async_write_ha_state()
        tell(self.hass, self.entity_id, "off")
