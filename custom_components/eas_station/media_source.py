"""Recordings in Home Assistant's media browser: by station and day, whole or by part."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, override

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
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .coordinator import EasStationConfigEntry
from .eas_core.errors import EasError
from .eas_core.station import Recording, RecordingError, RecordingIndex
from .eas_core.station.recording_cut import PARTS, part_spans
from .eas_core.station.recordings import RecordingEntry
from .playing import (
    ASKED_FOR,
    MIME_TYPES,
    WHOLE,
    find_playable,
    recording_index,
    recording_url,
    station_entry,
)

NAME: Final = "EAS Station"
THUMBNAIL: Final = f"/api/brands/integration/{DOMAIN}/icon.png"
MOST_FOUND: Final = 100
MOST_PLACES: Final = 3
AUDIO: Final = "audio/mpeg"


async def async_get_media_source(hass: HomeAssistant) -> EasStationMediaSource:
    """Return what Home Assistant lists among its media."""
    return EasStationMediaSource(hass)


@dataclass(frozen=True, slots=True)
class _Shelf:
    """A station's recordings, and the words that name them; its methods are not for the event loop."""

    entry_id: str
    station: str
    index: RecordingIndex
    words: dict[str, str]

    def days(self) -> list[BrowseMediaSource]:
        """Return the days on which something was recorded, the newest first."""
        counts: dict[date, int] = {}
        for each in reversed(self.index.entries()):
            day = _day(each)
            counts[day] = counts.get(day, 0) + 1
        return [
            _folder(f"{self.entry_id}/{day}", f"{day} ({count})")
            for day, count in counts.items()
        ]

    def of_day(self, day: date) -> list[BrowseMediaSource]:
        """Return what was recorded on a day, the newest first."""
        found = reversed(self.index.entries())
        return [self.item(each) for each in found if _day(each) == day]

    def search(self, query: str) -> list[BrowseMediaSource]:
        """Return the newest whose title has all the words that are asked for."""
        wanted = query.casefold().split()
        found: list[BrowseMediaSource] = []
        for each in reversed(self.index.entries()):
            text = f"{_day(each)} {self._title(each)} {' '.join(each.places)}"
            text = f"{text} {each.event_code} {each.channel}".casefold()
            if all(word in text for word in wanted):
                found.append(self.item(each, with_day=True))
            if len(found) == MOST_FOUND:
                break
        return found

    def item(
        self, entry: RecordingEntry, *, with_day: bool = False
    ) -> BrowseMediaSource:
        """Return a recording, which plays its copy and opens into its parts."""
        title = self._title(entry)
        return BrowseMediaSource(
            domain=DOMAIN,
            identifier=f"{self.entry_id}/{entry.name}",
            media_class=MediaClass.MUSIC,
            media_content_type=AUDIO,
            title=f"{_day(entry)} {title}" if with_day else title,
            can_play=entry.copy is not None,
            can_expand=True,
            thumbnail=THUMBNAIL,
        )

    def opened(self, name: str) -> BrowseMediaSource:
        """Return a recording with its parts; raises RecordingError."""
        recording = self.index.read(name)
        listed = [each for each in self.index.entries() if each.name == name]
        if not listed:
            raise RecordingError(f"Choose another recording: {name} is damaged.")
        item = self.item(listed[0])
        item.children = [*self._parts(recording)]
        item.children_media_class = MediaClass.MUSIC
        return item

    def _parts(self, recording: Recording) -> Iterable[BrowseMediaSource]:
        copy, whole = recording.copy, recording.whole
        mime_type = MIME_TYPES.get(copy.codec, AUDIO) if copy else AUDIO
        for part in reversed(PARTS):
            seconds = sum(end - start for start, end in part_spans(recording, part))
            if seconds:
                yield self._part(recording.name, part, mime_type, seconds)
        if whole is not None:
            flac = MIME_TYPES["flac"]
            yield self._part(recording.name, WHOLE, flac, recording.duration_s)

    def _part(
        self, name: str, part: str, mime_type: str, seconds: float
    ) -> BrowseMediaSource:
        return BrowseMediaSource(
            domain=DOMAIN,
            identifier=f"{self.entry_id}/{name}/{part}",
            media_class=MediaClass.MUSIC,
            media_content_type=mime_type,
            title=f"{self.words[f'part_{part}']} ({_length(seconds)})",
            can_play=True,
            can_expand=False,
            thumbnail=THUMBNAIL,
        )

    def _title(self, entry: RecordingEntry) -> str:
        """Return what was said, when, for where, and how long it is."""
        what = entry.event or self.words["saved"]
        at = f"{dt_util.as_local(entry.started):%H:%M}"
        places = list(entry.places[:MOST_PLACES]) or [entry.channel]
        if len(entry.places) > MOST_PLACES:
            places.append(f"+{len(entry.places) - MOST_PLACES}")
        return f"{', '.join((what, at, *places))} ({_length(entry.duration_s)})"


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
                    return await self._station(shelf)
                case [text] if (day := _day_of(text)) is not None:
                    found = _folder(item.identifier, text)
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

    async def _shelf(self, entry: EasStationConfigEntry) -> _Shelf:
        texts = await async_get_translations(
            self.hass, self.hass.config.language, "common", [DOMAIN]
        )
        prefix = f"component.{DOMAIN}.common."
        words = {key.removeprefix(prefix): text for key, text in texts.items()}
        index = recording_index(self.hass, entry)
        return _Shelf(entry.entry_id, entry.title, index, words)

    def _stations(self) -> BrowseMediaSource:
        root = _folder(None, NAME)
        root.media_class = MediaClass.APP
        root.children = [
            _folder(entry.entry_id, entry.title)
            for entry in self.hass.config_entries.async_entries(DOMAIN)
        ]
        return root

    async def _station(self, shelf: _Shelf) -> BrowseMediaSource:
        station = _folder(shelf.entry_id, shelf.station)
        station.children = await self.hass.async_add_executor_job(shelf.days)
        return station


def _folder(identifier: str | None, title: str) -> BrowseMediaSource:
    return BrowseMediaSource(
        domain=DOMAIN,
        identifier=identifier,
        media_class=MediaClass.DIRECTORY,
        media_content_type="",
        title=title,
        can_play=False,
        can_expand=True,
        can_search=True,
        thumbnail=THUMBNAIL,
    )


def _unplayable[E: HomeAssistantError](kind: type[E], hint: str) -> E:
    return kind(
        translation_domain=DOMAIN,
        translation_key="unplayable",
        translation_placeholders={"hint": hint},
    )


def _day(entry: RecordingEntry) -> date:
    """Return the day of a recording where the user lives."""
    return dt_util.as_local(entry.started).date()


def _day_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _length(seconds: float) -> str:
    """Return a length as minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
