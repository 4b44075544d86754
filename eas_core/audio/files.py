"""Any file that ffmpeg reads, as mono audio; and audio written to a file."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import Enum, auto
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, Final
import wave

import numpy as np
from numpy.typing import NDArray

from ..errors import EasError
from .block import AudioBlock
from .circles import let_go
from .container import open_container

if TYPE_CHECKING:
    import av
    from av.audio.frame import AudioFrame
    from av.container import InputContainer

type Audio = NDArray[np.float32]

LOWEST_RATE: Final = 8_000
HIGHEST_RATE: Final = 96_000
FALLBACK_RATE: Final = 48_000
"""Hz, for a file at a rate outside those."""

FASTEST_RATE: Final = 768_000
"""Hz; no sound card gives more, and a damaged head says gigahertz, which take half a minute."""

SLOWEST_RATE: Final = 4_000
"""Hz; the tones of a message are higher than half of what is slower. A head that says one
Hz makes two hours of each kilobyte."""

FLAC_BEGINS: Final = b"fLaC"

BLOCK_SECONDS: Final = 0.25

CANCELLED: Final = 0.01
"""The mean's share of the loudest channel's power below which channels cancel.

Eight channels of which one speaks leave 1/64; a pair of opposite polarity, as a
balanced line makes it, leaves what the two differ by.
"""


class FileProblem(Enum):
    """Why a file cannot be read as audio."""

    MISSING = auto()
    FORBIDDEN = auto()
    NOT_AUDIO = auto()


class AudioFileError(EasError):
    """A file that cannot be read as audio, and why."""

    def __init__(
        self, message: str, problem: FileProblem = FileProblem.NOT_AUDIO
    ) -> None:
        """Keep the sentence that tells the user what to do."""
        super().__init__(message)
        self.problem = problem


def read_blocks(
    path: str | Path, sample_rate: int | None = None
) -> Iterator[AudioBlock]:
    """Yield a file's audio as blocks of about a quarter of a second.

    At `sample_rate` in Hz, or by default at the file's own where that is
    8–96 kHz, else at 48 kHz; channels mixed down by `mix_down`. Raises
    AudioFileError where there is no audio to be had; damaged packets are
    passed over, and where the container itself breaks the audio ends.
    """
    import av

    with _open(path) as container:
        stream = container.streams.audio[0]
        rate = suitable_rate(sample_rate or stream.rate)
        block = None
        try:
            for block in block_up(resampled(decoded_frames(container), rate)):
                yield block
        except av.FFmpegError, ValueError:
            # What a damaged head says of the audio can be no input of a resampler,
            # or have more channels than PyAV has planes.
            pass
        finally:
            container.close()
            let_go(container, stream)
        if block is None:
            raise AudioFileError(f"Choose another file: {path} holds no audio.")


def suitable_rate(rate: int | None) -> int:
    """Return the rate to hear something at, in Hz: its own, or 48 kHz for one beyond 8–96 kHz."""
    return rate if rate and LOWEST_RATE <= rate <= HIGHEST_RATE else FALLBACK_RATE


def block_up(parts: Iterable[tuple[int, Audio]]) -> Iterator[AudioBlock]:
    """Yield pieces of audio, each (rate in Hz, float32[n]), as blocks of about BLOCK_SECONDS.

    Where the rate changes a new block begins, and `first_sample` is the same
    moment counted at the new rate, rounded up: time never runs back.
    """
    pending: list[Audio] = []
    rate = held = position = 0
    for new_rate, part in parts:
        if not len(part):
            continue
        if new_rate != rate:
            if held:
                yield _block(pending, rate, position)
            if rate:
                position = -(-(position + held) * new_rate // rate)
            pending, held, rate = [], 0, new_rate
        pending.append(part)
        held += len(part)
        if held >= rate * BLOCK_SECONDS:
            yield _block(pending, rate, position)
            position += held
            pending, held = [], 0
    if held:
        yield _block(pending, rate, position)


def mix_down(channels: Audio) -> Audio:
    """Return the mean of float32[channels, n], as float32[n].

    Where the mean all but vanishes since channels are of opposite polarity,
    the loudest of them.
    """
    first: Audio = channels[0]
    if len(channels) == 1:
        return first
    mean: Audio = channels.mean(axis=0, dtype=np.float32)
    powers = np.square(channels, dtype=np.float64).mean(axis=1)
    loudest: Audio = channels[int(powers.argmax())]
    if np.square(mean, dtype=np.float64).mean() < CANCELLED * powers.max():
        return loudest
    return mean


def _block(parts: list[Audio], rate: int, first: int) -> AudioBlock:
    return AudioBlock(
        samples=np.concatenate(parts), sample_rate=rate, first_sample=first
    )


@contextmanager
def _open(path: str | Path) -> Iterator[InputContainer]:
    """Give a file's container, of which an audio stream is one; raises AudioFileError."""
    with _opened(path) as file, _container(file, path) as container:
        stream = next(iter(container.streams.audio), None)
        if stream is None or stream.codec_context is None:
            raise AudioFileError(f"Choose an audio file: {path} holds no audio.")
        yield container


def _opened(path: str | Path) -> BufferedReader:
    try:
        return Path(path).open("rb")
    except FileNotFoundError as error:
        raise AudioFileError(
            f"Check the path: there is no file {path}.", FileProblem.MISSING
        ) from error
    except IsADirectoryError as error:
        raise AudioFileError(f"Name a file: {path} is a folder.") from error
    except PermissionError as error:
        raise AudioFileError(
            f"Allow reading {path}, or choose another file.", FileProblem.FORBIDDEN
        ) from error
    except (OSError, ValueError) as error:
        raise _unreadable(path) from error


def _container(file: BufferedReader, path: str | Path) -> InputContainer:
    import av

    try:
        # ffmpeg looks on, and might take it for something else that fewer have looked through.
        flac = file.peek(len(FLAC_BEGINS)).startswith(FLAC_BEGINS)
        return open_container(file, form="flac" if flac else None)
    except (av.FFmpegError, OSError, ValueError) as error:
        raise _unreadable(path) from error


def _unreadable(path: str | Path) -> AudioFileError:
    return AudioFileError(
        f"Choose an audio file: {path} is in no format that can be read."
    )


def decoded_frames(container: InputContainer) -> Iterator[AudioFrame]:
    """Yield what can be decoded of the first audio stream, until the container ends or breaks."""
    import av

    packets = container.demux(container.streams.audio[0])
    while True:
        try:
            packet = next(packets, None)
        except av.FFmpegError, OSError:
            return
        if packet is None:
            return
        try:
            frames = packet.decode()
        except av.FFmpegError, ValueError:
            continue
        yield from frames


def resampled(
    frames: Iterable[AudioFrame], rate: int | None = None
) -> Iterator[tuple[int, Audio]]:
    """Yield mono audio as (rate in Hz, float32[n]), also where the format changes on the way.

    At one rate, or with None at each frame's own, made suitable by `suitable_rate`;
    what claims to be slower than SLOWEST_RATE or faster than FASTEST_RATE is passed over.
    """
    import av

    resampler: av.AudioResampler | None = None
    form: tuple[int, str, str] | None = None
    out = 0
    try:
        for frame in frames:
            if not SLOWEST_RATE <= frame.sample_rate <= FASTEST_RATE:
                continue
            now = (frame.sample_rate, frame.layout.name, frame.format.name)
            if resampler is None or now != form:
                if resampler is not None:
                    yield from _mono(resampler, None, out)
                    let_go(resampler)
                out = rate or suitable_rate(frame.sample_rate)
                resampler, form = av.AudioResampler("fltp", None, out), now
            yield from _mono(resampler, frame, out)
        if resampler is not None:
            yield from _mono(resampler, None, out)
    finally:
        let_go(resampler)


def _mono(
    resampler: av.AudioResampler, frame: AudioFrame | None, rate: int
) -> Iterator[tuple[int, Audio]]:
    for part in resampler.resample(frame):
        yield rate, mix_down(part.to_ndarray().astype(np.float32, copy=False))


def duration_seconds(path: str | Path) -> float | None:
    """Return how long a file says it is, or None. Raises AudioFileError."""
    with _open(path) as container:
        return container.duration / 1e6 if container.duration else None


def write_wav(path: str | Path, audio: Audio, sample_rate: int) -> None:
    """Write float32[n] as 16 bit PCM; what is beyond full scale is clipped."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sample_rate)
        file.writeframes(to_pcm(audio))


def to_pcm(audio: Audio) -> bytes:
    """Return float32[n] as signed 16 bit little-endian samples."""
    return (np.clip(audio, -1.0, 1.0) * 32767).round().astype("<i2").tobytes()
