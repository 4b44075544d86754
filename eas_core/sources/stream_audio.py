"""The audio in a stream: its bytes decoded for as long as they come."""

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Final

from ..audio.files import Audio, decoded_frames, resampled
from .source import SourceError, SourceErrorReason
from .stream_connection import Stopped, Watch, disconnected
from .stream_feed import Feed
from .stream_http import shown

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.container import InputContainer

MOST_BREAKS: Final = 100
"""After so many errors without audio a container is given up, and one opened where the stream stands."""

FLOWING_SECONDS: Final = 2.0
"""Bytes that came within this are still coming."""


class StreamAudio:
    """Decodes a feed. What the attributes say is so once audio has come."""

    def __init__(self, feed: Feed, watch: Watch) -> None:
        """Take a feed that nobody has read."""
        self.codec = ""
        self.sample_rate = 0
        self.channels = 0
        self._feed = feed
        self._watch = watch
        self._tags: dict[str, str] = {}

    @property
    def name(self) -> str | None:
        """What the station calls itself."""
        return self._feed.name

    @property
    def title(self) -> str | None:
        """What is on the air."""
        return self._feed.title or shown(self._tags.get("title", ""))

    def parts(self) -> Generator[tuple[int, Audio]]:
        """Yield (rate in Hz, float32[n]) without end; raises Stopped and SourceError."""
        while True:
            try:
                yield from self._container_parts()
                self._watch.check()
            except SourceError as error:
                raise self._judged(error) from error
            if self._feed.failure is not None:
                raise self._judged(self._feed.failure)
            if self._feed.ended:
                raise self._end()
            if not self.sample_rate:
                raise _not_audio()

    def _container_parts(self) -> Iterator[tuple[int, Audio]]:
        """Yield what one container holds, until it ends or breaks."""
        import av

        try:
            with self._feed.open() as container:
                yield from resampled(self._frames(container))
        except SourceError:
            raise
        except av.FFmpegError, OSError, ValueError, RuntimeError:
            return

    def _frames(self, container: InputContainer) -> Iterator[AudioFrame]:
        stream = next(iter(container.streams.audio), None)
        if stream is None or stream.codec_context is None:
            raise _not_audio()
        self.codec = stream.codec_context.codec.canonical_name
        self._tags = {
            key.lower(): value
            for key, value in {**container.metadata, **stream.metadata}.items()
        }
        breaks = 0
        while breaks < MOST_BREAKS:
            breaks += 1
            for frame in decoded_frames(container):
                breaks = 0
                self._feed.heard = True
                self.sample_rate = frame.sample_rate
                self.channels = frame.layout.nb_channels
                yield frame
            # What is dry from the beginning was read to its end to see what it is.
            if self._feed.dry:
                return
            self._watch.check()

    def _judged(self, error: SourceError | Stopped) -> SourceError | Stopped:
        """Return what it is when bytes come all the time and no audio is in them."""
        if (
            isinstance(error, SourceError)
            and error.reason is SourceErrorReason.STALLED
            and not self.sample_rate
            and self._feed.received
            and self._watch.now() - self._feed.received_at < FLOWING_SECONDS
        ):
            return _not_audio()
        return error

    def _end(self) -> SourceError:
        if self.sample_rate:
            return disconnected()
        if self._feed.received:
            return _not_audio()
        return SourceError(
            SourceErrorReason.EMPTY,
            "Wait, or check the address: the stream ended before it began.",
        )


def _not_audio() -> SourceError:
    return SourceError(
        SourceErrorReason.NOT_AUDIO,
        "Choose another stream: this one holds no audio that can be decoded.",
    )
