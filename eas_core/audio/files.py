"""Any file that ffmpeg reads, as mono audio; and audio written to a file."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final
import wave

import numpy as np
from numpy.typing import NDArray

from ..errors import EasError
from .block import AudioBlock

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.container import InputContainer

LOWEST_RATE: Final = 8_000
HIGHEST_RATE: Final = 96_000
FALLBACK_RATE: Final = 48_000
"""Hz, for a file at a rate outside those."""

BLOCK_SECONDS: Final = 0.25


class AudioFileError(EasError):
    """A file that cannot be read as audio; `missing` where it is not there."""

    def __init__(self, message: str, *, missing: bool = False) -> None:
        """Keep the sentence that tells the user what to do."""
        super().__init__(message)
        self.missing = missing


def read_blocks(
    path: str | Path, sample_rate: int | None = None
) -> Iterator[AudioBlock]:
    """Yield a file's audio as blocks of a quarter of a second.

    At `sample_rate` in Hz, or by default at the file's own where that is
    8–96 kHz, else at 48 kHz; the mean of the channels. Raises AudioFileError where there is no audio to be had; a
    file that is damaged further on ends there.
    """
    import av

    with _open(path) as container:
        stream = container.streams.audio[0]
        rate = sample_rate or stream.rate
        if not LOWEST_RATE <= rate <= HIGHEST_RATE:
            rate = FALLBACK_RATE
        resampler = av.AudioResampler("flt", "mono", rate)
        pending: list[NDArray[np.float32]] = []
        held = position = 0
        size = round(rate * BLOCK_SECONDS)
        for frame in _frames(container, path):
            for part in resampler.resample(frame):
                pending.append(part.to_ndarray()[0].astype(np.float32, copy=False))
                held += len(pending[-1])
            if held >= size:
                yield _block(pending, rate, position)
                position += held
                pending, held = [], 0
        pending += [part.to_ndarray()[0] for part in resampler.resample(None)]
        if sum(map(len, pending)):
            yield _block(pending, rate, position)
        elif not position:
            raise AudioFileError(f"Choose another file: {path} holds no audio.")


def _block(parts: list[NDArray[np.float32]], rate: int, first: int) -> AudioBlock:
    return AudioBlock(
        samples=np.concatenate(parts), sample_rate=rate, first_sample=first
    )


def _open(path: str | Path) -> InputContainer:
    import av

    try:
        container = av.open(str(path), mode="r")
    except FileNotFoundError as error:
        raise AudioFileError(
            f"Check the path: there is no file {path}.", missing=True
        ) from error
    except IsADirectoryError as error:
        raise AudioFileError(f"Name a file: {path} is a folder.") from error
    except PermissionError as error:
        raise AudioFileError(
            f"Allow reading {path}, or choose another file."
        ) from error
    except (av.FFmpegError, OSError, ValueError) as error:
        raise AudioFileError(
            f"Choose an audio file: {path} is in no format that can be read."
        ) from error
    if not container.streams.audio:
        container.close()
        raise AudioFileError(f"Choose an audio file: {path} holds no audio.")
    return container


def _frames(container: InputContainer, path: str | Path) -> Iterator[AudioFrame]:
    import av

    heard = False
    try:
        for frame in container.decode(container.streams.audio[0]):
            heard = True
            yield frame
    except (av.FFmpegError, OSError, ValueError) as error:
        if not heard:
            raise AudioFileError(
                f"Choose another file: the audio of {path} is damaged."
            ) from error


def duration_seconds(path: str | Path) -> float | None:
    """Return how long a file says it is, or None. Raises AudioFileError."""
    with _open(path) as container:
        return container.duration / 1e6 if container.duration else None


def write_wav(path: str | Path, audio: NDArray[np.float32], sample_rate: int) -> None:
    """Write float32[n] as 16 bit PCM; what is beyond full scale is clipped."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sample_rate)
        file.writeframes(to_pcm(audio))


def to_pcm(audio: NDArray[np.float32]) -> bytes:
    """Return float32[n] as signed 16 bit little-endian samples."""
    return (np.clip(audio, -1.0, 1.0) * 32767).round().astype("<i2").tobytes()
