"""Audio into a file, piece by piece: WAV or FLAC, as its name says."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
import wave

import numpy as np
from numpy.typing import NDArray

from ..errors import EasError
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
    import av

    with av.open(f"file:{path}", "w", format="flac") as container:
        stream = container.add_stream("flac", rate=sample_rate, layout="mono")

        def write(audio: Audio) -> None:
            samples = np.frombuffer(to_pcm(audio), "<i2")[None, :]
            frame = av.AudioFrame.from_ndarray(samples, "s16", "mono")
            frame.sample_rate = sample_rate
            container.mux(stream.encode(frame))

        yield write
        container.mux(stream.encode(None))
