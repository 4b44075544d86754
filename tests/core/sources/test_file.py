"""A file as a source."""

from pathlib import Path
import threading

import numpy as np
import pytest

from eas_core.audio.block import AudioBlock
from eas_core.audio.files import write_wav
from eas_core.clock import SystemClock
from eas_core.sources.file import FileSource
from eas_core.sources.source import SourceError, SourceErrorReason


class WaitedFor(SystemClock):
    """A clock that only moves when it is waited for."""

    def __init__(self) -> None:
        self.passed = 0.0

    def monotonic(self) -> float:
        return self.passed

    def wait(self, event: threading.Event, seconds: float) -> bool:
        self.passed += seconds
        return event.is_set()


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    """Three seconds and a bit."""
    path = tmp_path / "tone.wav"
    write_wav(path, np.full(24_800, 0.5, np.float32), 8000)
    return path


def test_a_file_that_can_be_heard_passes_the_check(tone: Path) -> None:
    FileSource(tone).check()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("nowhere.wav", SourceErrorReason.NOT_FOUND),
        ("text.txt", SourceErrorReason.NOT_AUDIO),
        (".", SourceErrorReason.NOT_AUDIO),
    ],
)
def test_the_check_says_why_a_file_cannot_be_heard(
    tmp_path: Path, name: str, reason: SourceErrorReason
) -> None:
    (tmp_path / "text.txt").write_text("no audio")
    source = FileSource(tmp_path / name)
    with pytest.raises(SourceError) as caught:
        source.check()
    assert caught.value.reason is reason
    assert caught.value.hint.endswith(".")


def test_a_live_file_takes_as_long_as_it_plays(tone: Path) -> None:
    clock = WaitedFor()
    heard = 0
    for block in FileSource(tone, live=True).blocks(clock, threading.Event()):
        heard += len(block.samples)
        # A block is there when its last sample has been.
        assert clock.passed == pytest.approx(heard / 8000)
    assert heard == 24_800


def test_a_file_that_is_not_live_waits_for_nothing(tone: Path) -> None:
    clock = WaitedFor()
    assert len(list(FileSource(tone).blocks(clock, threading.Event()))) > 10
    assert clock.passed == 0


def test_a_loop_has_no_seam(tone: Path) -> None:
    position = 0
    for block in FileSource(tone, loop=True).blocks(WaitedFor(), threading.Event()):
        assert isinstance(block, AudioBlock)
        assert block.first_sample == position
        position += len(block.samples)
        if position > 3 * 24_800:
            break


def test_a_file_stops_at_the_next_block(tone: Path) -> None:
    stop = threading.Event()
    blocks = FileSource(tone, loop=True).blocks(WaitedFor(), stop)
    next(blocks)
    stop.set()
    assert list(blocks) == []
