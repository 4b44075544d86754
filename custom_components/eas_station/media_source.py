"""Recordings in Home Assistant's media browser: by station and day, whole or by part."""

from datetime import date
from typing import Final, override
from urllib.parse import unquote

from homeassistant.components.media_player.browse_media import (
    SearchMedia,
    SearchMediaQuery,
)
from homeassistant.components.media_player.const import MediaClass
from homeassistant.components.media_player.errors import BrowseError
from homeassistant.components.media_source import (
    BrowseMediaSource,
    MediaSource,
    MediaSourceItem,
    PlayMedia,
    Unresolvable,
)
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.translation import async_get_translations

from .const import DOMAIN
from .coordinator import EasStationConfigEntry
from .eas_core.errors import EasError
from .media_shelf import LIVE, MOST_FOUND, Shelf, folder
from .playing import (
    ASKED_FOR,
    LIVE_MIME_TYPE,
    find_playable,
    live_url,
    recording_index,
    recording_url,
    station_entry,
)

NAME: Final = "EAS Station"


async def async_get_media_source(hass: HomeAssistant) -> EasStationMediaSource:
    """Return what Home Assistant lists among its media."""
    return EasStationMediaSource(hass)


class EasStationMediaSource(MediaSource):
    """Lists what stations have recorded."""

    name = NAME

    def __init__(self, hass: HomeAssistant) -> None:
        """Take Home Assistant."""
        super().__init__(DOMAIN)
        self.hass = hass

    @override
    async def async_resolve_media(self, item: MediaSourceItem) -> PlayMedia:
        """Return where a recording's copy is played from, or a part of it."""
        entry, rest = self._entry(item.identifier, Unresolvable)
        if rest[:1] == [LIVE]:
            return self._resolve_live(entry, rest[1:])
        name, part = (*rest, None, None)[:2]
        if name is None or len(rest) > 2 or part not in (None, *ASKED_FOR):
            raise _unplayable(Unresolvable, "Choose a recording, or a part of one.")
        index = recording_index(self.hass, entry)
        try:
            found = await self.hass.async_add_executor_job(
                find_playable, index, name, part
            )
        except EasError as error:
            raise _unplayable(Unresolvable, str(error)) from error
        url = recording_url(entry.entry_id, name, part)
        return PlayMedia(url, found.mime_type, path=found.path)

    def _resolve_live(self, entry: EasStationConfigEntry, rest: list[str]) -> PlayMedia:
        channels = [unquote(each) for each in rest]
        if len(channels) != 1 or channels[0] not in _channels(entry):
            raise _unplayable(Unresolvable, "Choose a channel that is heard now.")
        return PlayMedia(live_url(entry.entry_id, channels[0]), LIVE_MIME_TYPE)

    @override
    async def async_browse_media(self, item: MediaSourceItem) -> BrowseMediaSource:
        """Return the stations, a station's days, a day's recordings or a recording's parts."""
        if not item.identifier:
            return self._stations()
        entry, rest = self._entry(item.identifier, BrowseError)
        shelf = await self._shelf(entry)
        try:
            match rest:
                case []:
                    return await self._station(entry, shelf)
                case [text] if (day := _day_of(text)) is not None:
                    found = folder(item.identifier, text)
                    found.children = await self.hass.async_add_executor_job(
                        shelf.of_day, day
                    )
                    found.children_media_class = MediaClass.MUSIC
                    return found
                case [name]:
                    return await self.hass.async_add_executor_job(shelf.opened, name)
        except EasError as error:
            raise _unplayable(BrowseError, str(error)) from error
        raise _unplayable(BrowseError, "Choose a station, a day or a recording.")

    @override
    async def async_search_media(
        self, item: MediaSourceItem, query: SearchMediaQuery
    ) -> SearchMedia:
        """Return the recordings of all stations, or of one, that fit."""
        entries = self.hass.config_entries.async_entries(DOMAIN)
        if item.identifier:
            entries = [self._entry(item.identifier, BrowseError)[0]]
        wanted = query.media_filter_classes
        if wanted and MediaClass.MUSIC not in wanted:
            return SearchMedia(result=[])
        found: list[BrowseMediaSource] = []
        for entry in entries:
            shelf = await self._shelf(entry)
            found += await self.hass.async_add_executor_job(
                shelf.search, query.search_query
            )
        return SearchMedia(result=found[:MOST_FOUND])

    def _entry(
        self, identifier: str, kind: type[HomeAssistantError]
    ) -> tuple[EasStationConfigEntry, list[str]]:
        """Return the entry that an identifier begins with, and what comes after it."""
        entry_id, *rest = identifier.split("/")
        entry = station_entry(self.hass, entry_id)
        if entry is None:
            raise _unplayable(kind, "Choose a station that is set up.")
        return entry, rest

    async def _shelf(self, entry: EasStationConfigEntry) -> Shelf:
        texts = await async_get_translations(
            self.hass, self.hass.config.language, "common", [DOMAIN]
        )
        prefix = f"component.{DOMAIN}.common."
        words = {key.removeprefix(prefix): text for key, text in texts.items()}
        index = recording_index(self.hass, entry)
        return Shelf(entry.entry_id, index, words)

    def _stations(self) -> BrowseMediaSource:
        root = folder(None, NAME)
        root.media_class = MediaClass.APP
        root.children = [
            folder(entry.entry_id, entry.title)
            for entry in self.hass.config_entries.async_entries(DOMAIN)
        ]
        return root

    async def _station(
        self, entry: EasStationConfigEntry, shelf: Shelf
    ) -> BrowseMediaSource:
        station = folder(entry.entry_id, entry.title)
        days = await self.hass.async_add_executor_job(shelf.days)
        live = [shelf.live(*each) for each in _channels(entry).items()]
        station.children = [*live, *days]
        return station


def _channels(entry: EasStationConfigEntry) -> dict[str, str]:
    """Return the channels that can be listened to, and what people call them."""
    if entry.state is not ConfigEntryState.LOADED:
        return {}
    return {
        channel: channel if source.is_radio else source.full_name
        for channel, source in entry.runtime_data.listenable.items()
    }


def _unplayable[E: HomeAssistantError](kind: type[E], hint: str) -> E:
    return kind(
        translation_domain=DOMAIN,
        translation_key="unplayable",
        translation_placeholders={"hint": hint},
    )


def _day_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
