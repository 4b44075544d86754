"""Audio into a file, piece by piece: WAV or FLAC, as its name says."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
import wave

import numpy as np
from numpy.typing import NDArray

from ..errors import EasError
from .encoding import FLAC, Encoder, to_int16
from .files import to_pcm

type Audio = NDArray[np.float32]
type Write = Callable[[Audio], None]


class AudioWriteError(EasError):
    """A file that audio cannot be written to."""


@contextmanager
def audio_file(path: str | Path, sample_rate: int) -> Iterator[Write]:
    """Open a file, give a function that adds float32[any] to it, and close it.

    16 bit, mono, clipped at full scale. Raises AudioWriteError for a name that
    ends neither in .wav nor .flac, and where the file cannot be written.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in (".wav", ".flac"):
        raise AudioWriteError(f"Name a file that ends in .wav or .flac, not {path}.")
    opened = _wav if suffix == ".wav" else _flac
    try:
        with opened(path, sample_rate) as write:
            yield write
    except OSError as error:
        raise AudioWriteError(
            f"Choose another place: {path} cannot be written ({error.strerror})."
        ) from error


@contextmanager
def _wav(path: str | Path, sample_rate: int) -> Iterator[Write]:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sample_rate)
        yield lambda audio: file.writeframes(to_pcm(audio))


@contextmanager
def _flac(path: str | Path, sample_rate: int) -> Iterator[Write]:
    with Path(path).open("wb") as file:
        encoder = Encoder(file, FLAC, sample_rate)
        yield lambda audio: encoder.write(to_int16(audio))
        encoder.close()
