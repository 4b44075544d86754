"""How a station's recordings look in the media browser."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import quote

from homeassistant.components.media_player.const import MediaClass
from homeassistant.components.media_source import BrowseMediaSource
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .eas_core.station import Recording, RecordingError, RecordingIndex
from .eas_core.station.recording_cut import PARTS, part_spans
from .eas_core.station.recordings import RecordingEntry
from .playing import LIVE_MIME_TYPE, MIME_TYPES, WHOLE

LIVE: Final = "live"
THUMBNAIL: Final = f"/api/brands/integration/{DOMAIN}/icon.png"
MOST_FOUND: Final = 100
MOST_PLACES: Final = 3
AUDIO: Final = "audio/mpeg"


@dataclass(frozen=True, slots=True)
class Shelf:
    """A station's recordings, and the words that name them; its methods are not for the event loop."""

    entry_id: str
    index: RecordingIndex
    words: dict[str, str]

    def days(self) -> list[BrowseMediaSource]:
        """Return the days on which something was recorded, the newest first."""
        counts: dict[date, int] = {}
        for each in reversed(self.index.entries()):
            day = _day(each)
            counts[day] = counts.get(day, 0) + 1
        return [
            folder(f"{self.entry_id}/{day}", f"{day} ({count})")
            for day, count in counts.items()
        ]

    def of_day(self, day: date) -> list[BrowseMediaSource]:
        """Return what was recorded on a day, the newest first."""
        found = reversed(self.index.entries())
        return [self.item(each) for each in found if _day(each) == day]

    def live(self, channel: str, name: str) -> BrowseMediaSource:
        """Return what a channel hears now."""
        return BrowseMediaSource(
            domain=DOMAIN,
            identifier=f"{self.entry_id}/{LIVE}/{quote(channel, safe='')}",
            media_class=MediaClass.CHANNEL,
            media_content_type=LIVE_MIME_TYPE,
            title=self.words["live"].format(channel=name),
            can_play=True,
            can_expand=False,
            thumbnail=THUMBNAIL,
        )

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


def folder(identifier: str | None, title: str) -> BrowseMediaSource:
    """Return what opens into others, and can be searched."""
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


def _day(entry: RecordingEntry) -> date:
    """Return the day of a recording where the user lives."""
    return dt_util.as_local(entry.started).date()


def _length(seconds: float) -> str:
    """Return a length as minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
