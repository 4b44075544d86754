"""A speaker that plays whatever it is for half a second."""

import asyncio
from typing import Any

from homeassistant.components.media_player import MediaPlayerEntity
from homeassistant.components.media_player.const import (
    MediaPlayerEntityFeature,
    MediaPlayerState,
    MediaType,
)
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from . import tell


async def async_setup_entry(
    hass: HomeAssistant, entry: ConfigEntry, add: AddConfigEntryEntitiesCallback
) -> None:
    """Add the speaker."""
    add([Speaker(entry)])


class Speaker(MediaPlayerEntity):
    """Tells its volume and what it plays."""

    _attr_name = "Bedroom"
    _attr_unique_id = "bedroom"
    _attr_should_poll = False
    _attr_state = MediaPlayerState.IDLE
    _attr_volume_level = 0.25
    _attr_supported_features = (
        MediaPlayerEntityFeature.PLAY_MEDIA
        | MediaPlayerEntityFeature.VOLUME_SET
        | MediaPlayerEntityFeature.MEDIA_ANNOUNCE
    )

    def __init__(self, entry: ConfigEntry) -> None:
        """Take the entry, whose end ends what plays."""
        self._entry = entry

    async def async_set_volume_level(self, volume: float) -> None:
        """Take a volume."""
        self._attr_volume_level = volume
        self.async_write_ha_state()
        tell(self.hass, self.entity_id, "volume", level=volume)

    async def async_play_media(
        self, media_type: MediaType | str, media_id: str, **kwargs: Any
    ) -> None:
        """Play for half a second."""
        tell(self.hass, self.entity_id, "play", media=media_id)
        self._attr_state = MediaPlayerState.PLAYING
        self.async_write_ha_state()
        self._entry.async_create_background_task(self.hass, self._play(), "play")

    async def _play(self) -> None:
        await asyncio.sleep(0.5)
        self._attr_state = MediaPlayerState.IDLE
        self.async_write_ha_state()
        tell(self.hass, self.entity_id, "played")
