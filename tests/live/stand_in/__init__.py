"""A house for tests: entities that tell the bus what is asked of them."""

from typing import Any

from homeassistant.config_entries import SOURCE_IMPORT, ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.typing import ConfigType

DOMAIN = "stand_in"
PLATFORMS = [
    Platform.LIGHT,
    Platform.MEDIA_PLAYER,
    Platform.SIREN,
    Platform.SWITCH,
    Platform.TTS,
]


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Make the one entry."""
    hass.async_create_task(
        hass.config_entries.flow.async_init(
            DOMAIN, context={"source": SOURCE_IMPORT}, data={}
        )
    )
    return True


async def async_setup_entry(hass: HomeAssistant, entry: ConfigEntry) -> bool:
    """Add the entities."""
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    return True


def tell(hass: HomeAssistant, entity_id: str, call: str, **data: Any) -> None:
    """Tell the bus what was asked of an entity."""
    hass.bus.async_fire(DOMAIN, {"entity_id": entity_id, "call": call, **data})
