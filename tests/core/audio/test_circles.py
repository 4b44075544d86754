"""What ffmpeg has behind a file is gone with the file, not when Python next looks for circles."""

import gc
from pathlib import Path

import numpy as np
import pytest

from eas_core.audio.encoding import FLAC, MP3, OPUS, AudioFormat, Encoder
from eas_core.audio.files import read_blocks
from eas_core.audio.mp3_stream import Mp3Stream

pytestmark = pytest.mark.usefixtures("python_does_not_look")

TIMES = 5
PCM = np.random.default_rng(1).integers(-9000, 9000, 24_000, np.int16)


def threads() -> set[str]:
    return {path.name for path in Path("/proc/self/task").iterdir()}


def encoders() -> int:
    """Return how many codecs are in memory: one of FLAC takes 7 MB."""
    return sum(type(one).__name__ == "AudioCodecContext" for one in gc.get_objects())


def write(path: Path, form: AudioFormat) -> None:
    with path.open("wb") as file:
        encoder = Encoder(file, form, 24_000)
        encoder.write(PCM)
        encoder.close()


@pytest.mark.parametrize("form", [FLAC, MP3, OPUS], ids=lambda form: form.name)
def test_no_thread_is_left_by_a_file_that_is_written_or_read(
    tmp_path: Path, form: AudioFormat
) -> None:
    before = threads()
    for number in range(TIMES):
        path = tmp_path / f"{number}{form.suffix}"
        write(path, form)
        assert sum(len(block.samples) for block in read_blocks(path)) >= 16_000
    assert threads() - before == set()


def test_no_thread_is_left_by_a_file_that_is_let_go_or_read_in_part(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.flac"
    write(path, FLAC)
    before = threads()
    for _ in range(TIMES):
        with path.open("r+b") as file:
            encoder = Encoder(file, MP3, 24_000)
            encoder.write(PCM)
            encoder.abandon()
            del encoder
        write(path, FLAC)
        blocks = read_blocks(path, 8_000)
        next(blocks)
        del blocks
    assert threads() - before == set()


def test_no_thread_is_left_by_live_audio() -> None:
    before = threads()
    for _ in range(TIMES):
        assert Mp3Stream(24_000).encode(PCM)
    assert threads() - before == set()


def test_no_encoder_of_flac_is_left(tmp_path: Path) -> None:
    before = encoders()
    for number in range(TIMES):
        write(tmp_path / f"{number}.flac", FLAC)
    assert encoders() == before
