"""A stream by its address: HTTP, Icecast, HLS, RTSP, in any codec."""

from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
import threading
from typing import ClassVar, Final

from ..audio.block import AudioBlock
from ..audio.files import block_up
from ..clock import Clock, SystemClock
from .source import SourceError, SourceErrorReason
from .stream_audio import StreamAudio
from .stream_connection import Stopped, Watch
from .stream_feed import Feed, open_feed

OPEN_SECONDS: Final = 30.0
"""For the way to a stream: names, connections, redirections and playlists."""

FIRST_AUDIO_SECONDS: Final = 10.0
STALL_SECONDS: Final = 8.0
"""Without audio from a stream that has begun; less than what the station allows a source."""

AHEAD_SECONDS: Final = 2.0
"""How much may come at once: half of what the child's queue holds, whose other half
is for a parent that is slow just then.

Servers send old audio first: Icecast 64 KiB by default, HLS three segments; and a
network that was away for some seconds gives all of them at once.
"""

CATCH_UP: Final = 2.0
"""How much faster than it was made the rest of that is given on: what is sent now is
to be heard soon, and whoever reads, decodes and records has half of their time left."""

TITLE_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamFormat:
    """What a stream is: `sample_rate` in Hz as it is sent, `name` of the station, `title` of what is on the air."""

    codec: str
    sample_rate: int
    channels: int
    name: str | None
    title: str | None


@dataclass(frozen=True, kw_only=True)
class StreamSource:
    """What an address sends; user and password may stand in it."""

    kind: ClassVar = "stream"
    live: ClassVar = True

    url: str = field(repr=False)

    def blocks(self, clock: Clock, stop: threading.Event) -> Iterator[AudioBlock]:
        """Yield blocks of a quarter of a second at the stream's own rate. Native code: run it by IsolatedSource.

        Where the stream changes its rate the blocks do, and `first_sample` is
        the same moment counted at the new rate. No end is a regular one: a
        stream that ends raises SourceError(DISCONNECTED).
        """
        watch = Watch(clock, stop)
        try:
            with closing(_open(self.url, watch)) as feed:
                pace = _Pace(clock, stop, 1.0 if feed.paced else CATCH_UP)
                with closing(StreamAudio(feed, watch).parts()) as parts:
                    for block in block_up(parts):
                        watch.pause()
                        if not pace.wait(block):
                            return
                        yield block
                        watch.expect(STALL_SECONDS, _stalled(STALL_SECONDS))
        except Stopped:
            return


def probe(url: str) -> StreamFormat:
    """Return what an address sends; raises SourceError. Native code, and it takes up to a minute."""
    stop = threading.Event()
    watch = Watch(SystemClock(), stop)
    with closing(_open(url, watch)) as feed:
        audio = StreamAudio(feed, watch)
        with closing(audio.parts()) as parts:
            next(parts)
            # Icecast tells its title after the first so many bytes.
            until = watch.now() + TITLE_SECONDS
            with suppress(SourceError):
                while audio.title is None and watch.now() < until:
                    next(parts)
            return StreamFormat(
                codec=audio.codec,
                sample_rate=audio.sample_rate,
                channels=audio.channels,
                name=audio.name,
                title=audio.title,
            )


def _open(url: str, watch: Watch) -> Feed:
    watch.expect(OPEN_SECONDS, _stalled(OPEN_SECONDS))
    feed = open_feed(url, watch)
    watch.expect(FIRST_AUDIO_SECONDS, _stalled(FIRST_AUDIO_SECONDS))
    return feed


def _stalled(seconds: float) -> SourceError:
    return SourceError(
        SourceErrorReason.STALLED,
        f"Wait for the next try: no audio came for {seconds:.0f} seconds.",
    )


class _Pace:
    """Lets AHEAD_SECONDS through at once, and the rest at a multiple of its own speed."""

    def __init__(self, clock: Clock, stop: threading.Event, speed: float) -> None:
        self._clock = clock
        self._stop = stop
        self._speed = speed
        self._credit = AHEAD_SECONDS / speed
        self._due = clock.monotonic() - self._credit

    def wait(self, block: AudioBlock) -> bool:
        """Wait for a block's turn; return False when stopped."""
        now = self._clock.monotonic()
        self._due = max(self._due, now - self._credit)
        self._due += len(block.samples) / block.sample_rate / self._speed
        if self._due <= now:
            return not self._stop.is_set()
        return not self._clock.wait(self._stop, self._due - now)
