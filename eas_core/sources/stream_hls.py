"""HTTP Live Streaming (RFC 8216): a playlist that is asked for anew, and its segments."""

from contextlib import closing
from typing import Final

from .source import SourceError, SourceErrorReason
from .stream_connection import Watch
from .stream_http import HttpBody, get
from .stream_playlist import LONGEST_PLAYLIST, Segment, choose_variant, parse_playlist
from .stream_url import StreamUrl

SEGMENTS_FROM_END: Final = 3
"""Where a live playlist is taken up (RFC 8216, 6.3.3)."""

SHORTEST_PAUSE_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 5.0
"""Between two looks at a playlist that has nothing new: half a segment, within these."""


class HlsBody:
    """The segments of a stream, one after the other.

    `read` gives b"" where a segment begins in a new format, and at the end;
    then `ended` is set.
    """

    def __init__(self, url: StreamUrl, text: str, watch: Watch) -> None:
        """Take the playlist that an address gave; raises Stopped and SourceError."""
        if (variant := choose_variant(text)) is not None:
            url, text = _get_text(url.follow(variant), watch)
        self._url = url
        self._watch = watch
        self._playlist = parse_playlist(text)
        self._loaded_at = self.received_at = watch.now()
        # -0 is the beginning of a playlist that is whole.
        from_end = 0 if self._playlist.ended else SEGMENTS_FROM_END
        first = self._playlist.segments[-from_end:][:1]
        self._next_number = first[0].number if first else 0
        self._initialization: str | None = None
        self._begun = self.ended = False
        self.name: str | None = None
        self.title: str | None = None
        self._waiting: list[str] = []
        self._body: HttpBody | None = None

    def read(self, size: int) -> bytes:
        """Return up to so many bytes; raises Stopped and SourceError."""
        while True:
            if self._body is not None:
                data = self._body.read(size)
                self.received_at = self._body.received_at
                if data:
                    return data
                self.close()
            self._watch.check()
            if self._waiting:
                address = self._url.follow(self._waiting.pop(0))
                self._body = get(address, self._watch)
            elif (segment := self._next_segment()) is None:
                self.ended = True
                return b""
            elif self._take(segment):
                return b""

    def close(self) -> None:
        """Let the server go."""
        if self._body is not None:
            self._body.close()
            self._body = None

    def _take(self, segment: Segment) -> bool:
        """Queue what is to be got for a segment; return whether it begins in a new format."""
        anew = segment.begins_anew or segment.initialization != self._initialization
        self._waiting = [segment.uri]
        if segment.initialization is not None and (anew or not self._begun):
            self._waiting.insert(0, segment.initialization)
        anew = anew and self._begun
        self._next_number = segment.number + 1
        self._initialization = segment.initialization
        self._begun = True
        return anew

    def _next_segment(self) -> Segment | None:
        """Return the segment whose turn it is, waiting for it; None at the end."""
        while True:
            for segment in self._playlist.segments:
                if segment.number > self._next_number and self._begun:
                    raise SourceError(
                        SourceErrorReason.DISCONNECTED,
                        "Wait for the next try: this machine fell behind the stream.",
                    )
                if segment.number >= self._next_number:
                    return segment
            if self._playlist.ended:
                return None
            self._reload()

    def _reload(self) -> None:
        pause = min(self._playlist.target_seconds / 2, LONGEST_PAUSE_SECONDS)
        self._watch.wait(
            self._loaded_at + max(pause, SHORTEST_PAUSE_SECONDS) - self._watch.now()
        )
        self._loaded_at = self._watch.now()
        self._playlist = parse_playlist(_get_text(self._url, self._watch)[1])


def _get_text(url: StreamUrl, watch: Watch) -> tuple[StreamUrl, str]:
    with closing(get(url, watch)) as body:
        return body.url, body.read_all(LONGEST_PLAYLIST).decode(errors="replace")
