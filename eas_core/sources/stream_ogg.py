"""Ogg (RFC 3533): one stream after the other on one connection, as Icecast sends at each new title."""

from typing import Final

from .stream_http import HttpBody

CAPTURE_PATTERN: Final = b"OggS"
HEADER_BYTES: Final = 27
BEGINS_STREAM: Final = 2
"""In the page's sixth byte."""

CHUNK_BYTES: Final = 8192


class OggBody:
    """Gives whole pages, and b"" before a stream that follows another: ffmpeg takes no change of format."""

    def __init__(self, body: HttpBody) -> None:
        """Take an answer that begins with a page."""
        self._body = body
        self._held = b""
        self._page = b""
        self._in_data = False
        self.ended = False

    @property
    def name(self) -> str | None:
        """What the station calls itself."""
        return self._body.name

    @property
    def title(self) -> str | None:
        """What the server says is on the air."""
        return self._body.title

    @property
    def received_at(self) -> float:
        """The time of the last byte."""
        return self._body.received_at

    def read(self, size: int) -> bytes:
        """Return up to so many bytes; raises Stopped and SourceError."""
        if not self._page:
            self._page = self._next_page()
            begins = len(self._page) > 5 and bool(self._page[5] & BEGINS_STREAM)
            if begins and self._in_data:
                self._in_data = False
                return b""
            self._in_data = not begins
        data, self._page = self._page[:size], self._page[size:]
        self.ended = not data
        return data

    def close(self) -> None:
        """Let the server go."""
        self._body.close()

    def _next_page(self) -> bytes:
        """Return the next whole page, passing over what is none; at the end the rest, then b""."""
        while True:
            start = self._held.find(CAPTURE_PATTERN)
            # The end may be the beginning of the pattern.
            self._held = self._held[start:] if start >= 0 else self._held[-3:]
            length = _page_length(self._held) if start >= 0 else None
            if length is not None and len(self._held) >= length:
                page, self._held = self._held[:length], self._held[length:]
                return page
            data = self._body.read(CHUNK_BYTES)
            if not data:
                page, self._held = self._held, b""
                return page
            self._held += data


def _page_length(page: bytes) -> int | None:
    """Return how long a page is, of which at least the head is there: its table of segments says it."""
    if len(page) < HEADER_BYTES:
        return None
    table = page[HEADER_BYTES : HEADER_BYTES + page[26]]
    return HEADER_BYTES + len(table) + sum(table) if len(table) == page[26] else None
