"""Files of audio in many formats."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from fractions import Fraction
from itertools import islice
from pathlib import Path
from random import Random
import shutil
from typing import Any, ClassVar, Final, override

import av

from bench.fuzzing.mutate import mutate_bytes
from bench.fuzzing.target import Target, WrongAnswerError
from eas_core.audio.files import AudioFileError, duration_seconds, read_blocks
from eas_core.audio.flac_repair import repair_flac
from eas_core.modem.encoder import encode_burst

RATE: Final = 16_000
FORMATS: Final = {
    "wav": ("pcm_s16le", "s16"),
    "flac": ("flac", "s16"),
    "mp3": ("libmp3lame", "fltp"),
    "ogg": ("libopus", "flt"),
    "m4a": ("aac", "fltp"),
    "ts": ("aac", "fltp"),
    "aiff": ("pcm_s16be", "s16"),
    "au": ("pcm_mulaw", "s16"),
    "mka": ("pcm_f32le", "flt"),
}
MOST_BLOCKS: Final = 400


def media(folder: Path) -> Mapping[str, bytes]:
    """Return a burst as a file in each format that ffmpeg can write here."""
    audio = encode_burst(b"ZCZC-WXR-TOR-039035+0030-1591829-KCLE/NWS-", RATE)
    made: dict[str, bytes] = {}
    for suffix, (codec, sample_format) in FORMATS.items():
        path = folder / f"whole.{suffix}"
        with av.open(str(path), "w") as out:
            stream: Any = out.add_stream(codec, rate=RATE, layout="mono")
            resampler = av.AudioResampler(
                sample_format, "mono", stream.rate, frame_size=stream.frame_size or 1024
            )
            frame = av.AudioFrame.from_ndarray(audio[None, :], "flt", "mono")
            frame.sample_rate, frame.time_base = RATE, Fraction(1, RATE)
            for part in (*resampler.resample(frame), *resampler.resample(None)):
                out.mux(stream.encode(part))
            out.mux(stream.encode(None))
        made[suffix] = path.read_bytes()
        path.unlink()
    return made


class ContainerTarget(Target[tuple[str, bytes]]):
    """Any file is audio of finite numbers, or no audio for a reason."""

    name: ClassVar = "container"
    cases: ClassVar = 20_000
    documented: ClassVar = frozenset({"AudioFileError", "not repaired"})

    @override
    @asynccontextmanager
    async def _opened(self, folder: Path) -> AsyncIterator[None]:
        self._folder = folder / "files"
        self._folder.mkdir()
        self._media = media(folder)
        yield
        shutil.rmtree(self._folder)

    @override
    def case(self, rng: Random) -> tuple[str, bytes]:
        suffix = rng.choice([*self._media])
        data = mutate_bytes(rng, self._media[suffix], [*self._media.values()])
        if not rng.randrange(3):
            # The head is where a format says how much there is of what.
            data = mutate_bytes(rng, data[:100]) + data[100:]
        return suffix, data

    @override
    async def run(self, case: tuple[str, bytes]) -> str:
        suffix, data = case
        path = self._folder / f"file.{suffix}"
        path.write_bytes(data)
        try:
            duration_seconds(path)
            for block in islice(read_blocks(path), MOST_BLOCKS):
                if block.samples.ndim != 1 or not 8_000 <= block.sample_rate <= 96_000:
                    raise WrongAnswerError(f"{block}")
        except AudioFileError as error:
            if "\n" in str(error):
                raise WrongAnswerError(str(error)) from error
            return "AudioFileError"
        if suffix == "flac" and not repair_flac(path):
            return "not repaired"
        return "accepted"
