"""A speaker that plays a station's audio to its end, and all else for half a second."""

import asyncio
import io
import math
from typing import Any, Final

import av
from homeassistant.components.media_player import MediaPlayerEntity
from homeassistant.components.media_player.browse_media import (
    async_process_play_media_url,
)
from homeassistant.components.media_player.const import (
    MediaPlayerEntityFeature,
    MediaPlayerState,
    MediaType,
)
from homeassistant.components.media_source import async_resolve_media
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
import numpy as np

from . import tell

STATION: Final = "media-source://eas_station/"
RATE: Final = 16_000


async def async_setup_entry(
    hass: HomeAssistant, entry: ConfigEntry, add: AddConfigEntryEntitiesCallback
) -> None:
    """Add the speaker."""
    add([Speaker(entry)])


def _decode(data: bytes) -> dict[str, float]:
    """Return how long it is in seconds, and its RMS in dB of full scale."""
    frames = []
    with av.open(io.BytesIO(data), "r") as container:
        resampler = av.AudioResampler("flt", "mono", RATE)
        for frame in container.decode(audio=0):
            frames += [each.to_ndarray() for each in resampler.resample(frame)]
    audio = np.concatenate(frames, axis=1)
    rms = float(np.sqrt(np.mean(np.square(audio))) + 1e-9)
    return {
        "seconds": audio.shape[1] / RATE,
        "dbfs": 20 * math.log10(rms),
    }


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
        """Play a station's audio, and pretend to play all else."""
        if media_id.startswith(STATION):
            await self._hear(media_id)
            return
        tell(self.hass, self.entity_id, "play", media=media_id)
        self._attr_state = MediaPlayerState.PLAYING
        self.async_write_ha_state()
        self._entry.async_create_background_task(self.hass, self._play(), "play")

    async def _hear(self, media_id: str) -> None:
        """Fetch what Home Assistant hands out for it, and tell what it sounds like."""
        media = await async_resolve_media(self.hass, media_id, self.entity_id)
        url = async_process_play_media_url(self.hass, media.url)
        session = async_get_clientsession(self.hass)
        async with session.get(url) as answer:
            answer.raise_for_status()
            data = await answer.read()
        heard = await self.hass.async_add_executor_job(_decode, data)
        tell(self.hass, self.entity_id, "heard", mime_type=answer.content_type, **heard)

    async def _play(self) -> None:
        await asyncio.sleep(0.5)
        self._attr_state = MediaPlayerState.IDLE
        self.async_write_ha_state()
        tell(self.hass, self.entity_id, "played")
