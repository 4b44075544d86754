"""What PyAV opens a stream on. ffmpeg itself opens no address and no file here.

The bytes come through our own connections, since ffmpeg's heed no stop, and
since what it is built on (TLS, whom it trusts) differs between platforms.
"""

from typing import TYPE_CHECKING, Final, Protocol

from ..audio.container import open_container
from .source import SourceError, SourceErrorReason
from .stream_connection import Stopped, Watch
from .stream_hls import HlsBody
from .stream_http import MOST_REDIRECTS, HttpBody, get
from .stream_ogg import CAPTURE_PATTERN, OggBody
from .stream_playlist import LONGEST_PLAYLIST, first_link, is_hls, is_playlist
from .stream_rtsp import RtspFeed
from .stream_url import StreamUrl

if TYPE_CHECKING:
    from av.container import InputContainer

CHUNK_BYTES: Final = 8192

MOST_UNHEARD_BYTES: Final = 64 << 20
"""Before the first audio: what ffmpeg keeps of pictures and tables, it keeps in memory."""

_PAGES: Final = ("text/html", "application/xhtml+xml", "application/json")


class Feed(Protocol):
    """A stream on its way into ffmpeg."""

    @property
    def name(self) -> str | None:
        """What the station calls itself."""

    @property
    def title(self) -> str | None:
        """What is on the air."""

    @property
    def failure(self) -> SourceError | Stopped | None:
        """Why it ended, where that was no regular end."""

    @property
    def received(self) -> int:
        """Bytes."""

    @property
    def received_at(self) -> float:
        """The time of the last byte."""

    @property
    def paced(self) -> bool:
        """Whether it comes in pieces of many seconds, which are to be heard evenly."""

    heard: bool
    """Whether audio has come of it; whoever decodes it says so."""

    @property
    def dry(self) -> bool:
        """Nothing more comes for the container that was opened last."""

    @property
    def ended(self) -> bool:
        """Nothing comes for another container either."""

    def open(self) -> InputContainer:
        """Return a container of what comes next; raises SourceError, and what PyAV raises."""

    def close(self) -> None:
        """Let the server go."""


def open_feed(address: str, watch: Watch) -> Feed:
    """Return what an address gives; raises Stopped and SourceError."""
    url = StreamUrl.parse(address)
    if not url.is_web:
        return RtspFeed(url, watch)
    for _ in range(MOST_REDIRECTS):
        body = get(url, watch)
        try:
            text = _playlist(body)
        except BaseException:
            body.close()
            raise
        if text is None:
            return ByteFeed(
                OggBody(body) if body.head.startswith(CAPTURE_PATTERN) else body
            )
        body.close()
        if is_hls(text):
            return ByteFeed(HlsBody(body.url, text, watch))
        url = body.url.follow(first_link(text))
    raise SourceError(
        SourceErrorReason.WRONG_PROTOCOL,
        "Choose another address: its playlists name one another for ever.",
    )


def _playlist(body: HttpBody) -> str | None:
    """Return the text of a playlist, or None; raises SourceError(NOT_AUDIO) for a page or a picture."""
    head, kind = body.head, body.content_type
    if head and is_playlist(head, kind):
        return body.read_all(LONGEST_PLAYLIST).decode(errors="replace")
    if head and (kind.startswith("image/") or kind in _PAGES):
        raise SourceError(
            SourceErrorReason.NOT_AUDIO,
            f"Copy the address of the stream itself: this one gives {kind}.",
        )
    return None


class ByteFeed:
    """Bytes over HTTP. ffmpeg takes no exception: it is told the end, and why is kept."""

    def __init__(self, body: HttpBody | OggBody | HlsBody) -> None:
        """Take an answer that has begun."""
        self.name = body.name
        self.failure: SourceError | Stopped | None = None
        self.dry = self.ended = self.heard = False
        self.received = 0
        self.paced = isinstance(body, HlsBody)
        self._body = body

    @property
    def title(self) -> str | None:
        """What is on the air, as Icecast says it."""
        return self._body.title

    @property
    def received_at(self) -> float:
        """The time of the last byte."""
        return self._body.received_at

    def open(self) -> InputContainer:
        """Return a container of what comes next; raises what PyAV raises."""
        self.dry = False
        return open_container(self, CHUNK_BYTES)

    def read(self, size: int) -> bytes:
        """Return bytes for ffmpeg."""
        if self.dry:
            return b""
        data = b""
        try:
            data = self._read(size)
        except (SourceError, Stopped) as error:
            self.failure = error
        self.received += len(data)
        self.dry = not data
        self.ended = self.dry and (self.failure is not None or self._body.ended)
        return data

    def _read(self, size: int) -> bytes:
        if not self.heard and self.received > MOST_UNHEARD_BYTES:
            raise SourceError(
                SourceErrorReason.NOT_AUDIO,
                "Choose another stream: this one sent"
                f" {self.received >> 20} MB of something before any audio.",
            )
        # ffmpeg may ask for all that a stream says it has.
        return self._body.read(min(size, CHUNK_BYTES))

    def close(self) -> None:
        """Let the server go."""
        self._body.close()
