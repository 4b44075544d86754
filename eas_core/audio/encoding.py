"""Audio into FLAC, MP3 or Opus, piece by piece, through PyAV."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from ..errors import EasError

if TYPE_CHECKING:
    from av.audio.stream import AudioStream

type Pcm = NDArray[np.int16]

FULL_SCALE: Final = 32767


class EncodingError(EasError):
    """No encoder of this machine's ffmpeg makes what is wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioFormat:
    """A way to write audio: file suffix, ffmpeg's encoder and container.

    `sample_rate` in Hz and `bit_rate` in bit/s are the format's own; None is
    the audio's rate, and as much as it takes.
    """

    name: str
    suffix: str
    encoder: str
    container: str
    sample_rate: int | None = None
    bit_rate: int | None = None


FLAC: Final = AudioFormat(name="flac", suffix=".flac", encoder="flac", container="flac")
MP3: Final = AudioFormat(
    name="mp3",
    suffix=".mp3",
    encoder="libmp3lame",
    container="mp3",
    sample_rate=16_000,
    bit_rate=32_000,
)
"""Every browser, phone and media player that Home Assistant drives plays it."""

OPUS: Final = AudioFormat(
    name="opus",
    suffix=".ogg",
    encoder="libopus",
    container="ogg",
    sample_rate=16_000,
    bit_rate=20_000,
)
"""Smaller and better than MP3; older Apple browsers and many speakers do not play it."""

FORMATS: Final = {each.name: each for each in (FLAC, MP3, OPUS)}


class Sink(Protocol):
    """Where encoded audio goes: a file that is open for writing and can be sought in."""

    def write(self, data: bytes, /) -> int:
        """Take bytes and return how many."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Move to a place and return it."""

    def tell(self) -> int:
        """Return the place."""


def to_int16(audio: NDArray[np.float32]) -> Pcm:
    """Return float32[n] as int16[n], clipped at full scale; what is no number is silence."""
    scaled = np.clip(audio, -1.0, 1.0) * np.float32(FULL_SCALE)
    pcm: Pcm = np.nan_to_num(scaled.round(), copy=False).astype(np.int16)
    return pcm


def to_float(pcm: Pcm) -> NDArray[np.float32]:
    """Return int16[n] as float32[n], full scale ±1.0."""
    return pcm.astype(np.float32) / np.float32(FULL_SCALE)


def can_encode(form: AudioFormat) -> bool:
    """Whether the ffmpeg of this machine's PyAV has the encoder."""
    import av

    try:
        av.codec.Codec(form.encoder, "w")
    except ValueError:
        return False
    return True


def first_encodable(forms: Iterable[AudioFormat]) -> AudioFormat:
    """Return the first that can be encoded here; raises EncodingError where none can."""
    for form in forms:
        if can_encode(form):
            return form
    raise EncodingError("Install PyAV from its wheel: this one's ffmpeg cannot encode.")


class Encoder:
    """Encodes mono audio into an open file; each frame is there as soon as it is full.

    Raises OSError where the file does. Not safe to be used from two threads.
    """

    def __init__(self, sink: Sink, form: AudioFormat, sample_rate: int) -> None:
        """Take the rate of what will be written, in Hz; raises EncodingError."""
        import av

        self._sample_rate = sample_rate
        self._out = _Unclosable(sink)
        self._container = av.open(self._out, "w", format=form.container)
        try:
            stream = self._container.add_stream(
                form.encoder, rate=form.sample_rate or sample_rate, layout="mono"
            )
            self._stream = cast("AudioStream", stream)
            if form.bit_rate is not None:
                self._stream.bit_rate = form.bit_rate
            self._container.start_encoding()
        except (av.FFmpegError, ValueError) as error:
            raise EncodingError(
                f"Choose another format: {form.name} at {sample_rate} Hz cannot be encoded here."
            ) from error
        self.samples = 0

    def write(self, pcm: Pcm) -> None:
        """Add int16[any]."""
        import av

        if not len(pcm):
            return
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(pcm)[None, :], "s16", "mono"
        )
        frame.sample_rate = self._sample_rate
        self._container.mux(self._stream.encode(frame))
        self.samples += len(pcm)

    def close(self) -> None:
        """Write what is left and the file's header anew; the file itself stays open."""
        self._container.mux(self._stream.encode(None))
        self._container.close()

    def abandon(self) -> None:
        """Let go of a file that can be written no more, as it stands."""
        import av

        self._out.dead = True
        try:
            self._container.close()
        except av.FFmpegError, OSError:
            pass


class _Unclosable:
    """What PyAV may write to and not close: its owner has yet to sync it."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self.dead = False
        self.seek = sink.seek
        self.tell = sink.tell

    def write(self, data: bytes) -> int:
        return len(data) if self.dead else self._sink.write(data)
