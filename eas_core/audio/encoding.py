"""Audio into FLAC, MP3 or Opus, piece by piece, through PyAV."""

from collections.abc import Iterable
from dataclasses import dataclass
import hashlib
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from ..errors import EasError
from .circles import let_go

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream

type Pcm = NDArray[np.int16]

FULL_SCALE: Final = 32767

NOTHING: Final = np.zeros(0, np.int16)
MD5_BYTES: Final = 16
"""The last of STREAMINFO."""

FLAC_MARK: Final = b"fLaC\x80"
"""The file's mark, and the type of the block after it: STREAMINFO, the last before audio."""


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
        try:
            self._file = (
                _FlacFile(sink, sample_rate)
                if form is FLAC
                else _ContainerFile(sink, form, sample_rate)
            )
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
        pcm = np.ascontiguousarray(pcm)
        frame = av.AudioFrame.from_ndarray(pcm[None, :], "s16", "mono")
        frame.sample_rate = self._sample_rate
        self._file.encode(frame, pcm)
        self.samples += len(pcm)

    def close(self) -> None:
        """Write what is left and the file's header anew; the file itself stays open."""
        self._file.close()

    def abandon(self) -> None:
        """Let go of a file that can be written no more, as it stands."""
        self._file.abandon()


def _open_codec(form: AudioFormat, sample_rate: int) -> Any:
    """Return an encoder of its own: a stream's would be kept by the stream, which knows itself."""
    import av

    codec: Any = av.CodecContext.create(form.encoder, "w")
    codec.sample_rate = form.sample_rate or sample_rate
    codec.layout = "mono"
    codec.format = codec.codec.audio_formats[0].name
    if form.bit_rate is not None:
        codec.bit_rate = form.bit_rate
    codec.open()
    return codec


class _FlacFile:
    """Native FLAC (RFC 9639): what it is of, then the frames as the encoder gives them."""

    def __init__(self, sink: Sink, sample_rate: int) -> None:
        self._codec, self._sink = _open_codec(FLAC, sample_rate), sink
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._write_head(bytes(MD5_BYTES))

    def _write_head(self, md5: bytes) -> None:
        info = self._codec.extradata[:-MD5_BYTES] + md5
        self._sink.write(FLAC_MARK + len(info).to_bytes(3, "big") + info)

    def encode(self, frame: AudioFrame | None, pcm: Pcm) -> None:
        self._md5.update(pcm.astype("<i2", copy=False).tobytes())
        for packet in self._codec.encode(frame):
            self._sink.write(bytes(packet))

    def close(self) -> None:
        self.encode(None, NOTHING)
        end = self._sink.tell()
        self._sink.seek(0)
        # By now the encoder knows how long it is.
        self._write_head(self._md5.digest())
        self._sink.seek(end)
        let_go(self._codec)

    def abandon(self) -> None:
        let_go(self._codec)


class _ContainerFile:
    """A file of ffmpeg's."""

    def __init__(self, sink: Sink, form: AudioFormat, sample_rate: int) -> None:
        import av

        self._codec = _open_codec(form, sample_rate)
        self._out = _Unclosable(sink)
        self._container = av.open(self._out, "w", format=form.container)
        stream = self._container.add_stream(
            form.encoder, rate=form.sample_rate or sample_rate, layout="mono"
        )
        self._stream = cast("AudioStream", stream)
        if form.bit_rate is not None:
            self._stream.bit_rate = form.bit_rate
        self._container.start_encoding()

    def encode(self, frame: AudioFrame | None, pcm: Pcm) -> None:
        for packet in self._codec.encode(frame):
            packet.stream = self._stream
            self._container.mux(packet)

    def close(self) -> None:
        self.encode(None, NOTHING)
        self._container.close()
        let_go(self._codec, self._container)

    def abandon(self) -> None:
        import av

        self._out.dead = True
        try:
            self._container.close()
        except av.FFmpegError, OSError:
            pass
        let_go(self._codec, self._container)


class _Unclosable:
    """What PyAV may write to and not close: its owner has yet to sync it."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self.dead = False
        self.seek = sink.seek
        self.tell = sink.tell

    def write(self, data: bytes) -> int:
        return len(data) if self.dead else self._sink.write(data)
