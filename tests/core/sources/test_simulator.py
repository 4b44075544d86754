"""The station that is not on the air."""

import threading

import numpy as np
import pytest

from eas_core.audio.block import AudioBlock
from eas_core.audio.files import write_wav
from eas_core.audio.level import measure
from eas_core.clock import SystemClock
from eas_core.modem.encoder import encode_message
from eas_core.same.header import HeaderError
from eas_core.sources.file import FileSource
from eas_core.sources.simulator import SAMPLE_RATE, SimulatorSource
from eas_core.sources.source import SourceError, SourceErrorReason

TORNADO = "ZCZC-WXR-TOR-039173-039051+0030-1591829-KCLE/NWS-"


class Hurried(SystemClock):
    """A clock that stands still and never waits."""

    def monotonic(self) -> float:
        return 0.0

    def wait(self, event: threading.Event, seconds: float) -> bool:
        return event.is_set()


def hear(source: SimulatorSource | FileSource, seconds: float) -> np.ndarray:
    parts: list[np.ndarray] = []
    position = 0
    for block in source.blocks(Hurried(), threading.Event()):
        assert isinstance(block, AudioBlock)
        assert block.first_sample == position
        position += len(block.samples)
        parts.append(block.samples)
        if position >= seconds * block.sample_rate:
            break
    return np.concatenate(parts)


def test_the_same_seed_gives_the_same_audio() -> None:
    one = hear(SimulatorSource(["039035"], first_alert_seconds=100), 5)
    two = hear(SimulatorSource(["039035"], first_alert_seconds=100), 5)
    assert np.array_equal(one, two)
    other = hear(SimulatorSource(["039035"], first_alert_seconds=100, seed=1), 5)
    assert not np.array_equal(one, other)


def test_its_voice_is_as_loud_as_a_radios() -> None:
    audio = hear(SimulatorSource(["039035"], first_alert_seconds=100), 30)
    assert -30 < measure(audio).rms_dbfs < -12
    assert measure(audio).peak_dbfs < 0
    assert audio.dtype == np.float32


@pytest.mark.parametrize("places", [[], ["39035"], ["039035"] * 32])
def test_what_cannot_be_sent_is_refused_at_once(places: list[str]) -> None:
    with pytest.raises(HeaderError, match="locations"):
        SimulatorSource(places)


def test_a_recording_is_replayed(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("audio") / "message.wav"
    audio = encode_message(TORNADO, 8000, attention=None)
    write_wav(path, audio, 8000)
    heard = hear(
        SimulatorSource(["039035"], recording=path), 2 * (5 + len(audio) / 8000)
    )
    tenth = SAMPLE_RATE // 10
    heard = heard[: len(heard) // tenth * tenth]
    loud = np.abs(heard).reshape(-1, tenth).max(axis=1) > 0.1
    starts = np.flatnonzero(loud[1:] & ~loud[:-1])
    # Three bursts and three ends, twice.
    assert len(starts) == 12


def test_a_recording_that_is_gone_is_told() -> None:
    with pytest.raises(SourceError) as caught:
        hear(SimulatorSource(["039035"], recording="nowhere.wav"), 10)
    assert caught.value.reason is SourceErrorReason.NOT_FOUND


def test_a_file_that_is_looped_has_no_end(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = tmp_path_factory.mktemp("audio") / "tone.wav"
    write_wav(path, np.full(8000, 0.5, np.float32), 8000)
    assert len(hear(FileSource(path, loop=True), 3.5)) >= 3.5 * 8000
    assert len(hear(FileSource(path), 3.5)) == 8000
