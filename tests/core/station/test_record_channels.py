"""Several channels at once: one message is recorded once, several at the same time."""

from collections.abc import Iterator
from pathlib import Path
import threading
from typing import Any

import numpy as np
import pytest

from eas_core.audio.block import AudioBlock
from eas_core.modem.encoder import silence
from eas_core.station import (
    Alert,
    AlertUpdated,
    EndOfMessage,
    RecordingEnd,
    RecordingFinished,
    RecordingIndex,
    RecordingOptions,
    StationOptions,
    StationRecord,
)
from eas_core.station.alerts import AlertList
from eas_core.station.hearing import Hearing
from eas_core.station.recorder import Recorder
from tests.core.station.hearing import RATE, of
from tests.core.station.recording import broadcast, in_place, noise, pcm, whole

FLOOD = "ZCZC-WXR-FFW-039173+0030-1591830-KCLE/NWS-"
SIZE = RATE // 10


class Channels:
    """Channels heard in step, as those of a radio are, under a clock that goes with them."""

    def __init__(self, folder: Path, clock: Any, **options: Any) -> None:
        recording = RecordingOptions(folder=str(folder), floor_mb=0.0, **options)
        self._options = StationOptions(name="test", recording=recording)
        self._clock = clock
        self.recorder = Recorder(self._options, clock)
        self._alerts = AlertList(64)
        self._hearings: dict[str, Hearing] = {}
        self.records: list[StationRecord] = []

    def hear(self, **audio: np.ndarray) -> None:
        """Hear each channel's audio from here on."""
        longest = max(len(each) for each in audio.values())
        for start in range(0, longest, SIZE):
            for name, samples in audio.items():
                part = np.pad(samples, (0, longest - len(samples)))[start:][:SIZE]
                self.records += self._block(name, part)
            self._clock.passed += SIZE / RATE
            self.records += self.recorder.attend()

    def _block(self, name: str, part: np.ndarray) -> Iterator[StationRecord]:
        hearing = self._hearings.get(name)
        if hearing is None:
            hearing = self._hearings[name] = Hearing(
                name, self._options, self._alerts, self.recorder, self._clock
            )
        block = AudioBlock(
            samples=part.astype(np.float32),
            sample_rate=RATE,
            first_sample=hearing.samples,
        )
        return hearing.hear(block)

    def lose(self, seconds: float) -> None:
        """The source is down so long."""
        for hearing in self._hearings.values():
            self.records += hearing.finish()
            hearing.samples = 0
        for _ in range(round(seconds)):
            self._clock.passed += 1.0
            self.records += self.recorder.attend()

    def finish(self) -> list[RecordingFinished]:
        hurry = threading.Event()
        self.records += self.recorder.finish(RecordingEnd.SOURCE_ENDED, hurry)
        return of(self.records, RecordingFinished)


@pytest.fixture
def channels(tmp_path: Path, clock: Any) -> Iterator[Channels]:
    channels = Channels(tmp_path, clock)
    channels.recorder.start()
    yield channels
    channels.finish()


def test_a_message_on_several_channels_is_recorded_on_the_one_that_told_it_first(
    channels: Channels, tmp_path: Path
) -> None:
    audio = broadcast(attention=None)
    late = np.concatenate((silence(0.7, RATE), audio))
    channels.hear(third=late, first=audio, second=late)
    (finished,) = channels.finish()
    (alert,) = of(channels.records, Alert)
    assert alert.channels == ("first",)
    assert finished.channel == "first"
    assert finished.complete
    updates = [each.alert for each in of(channels.records, AlertUpdated)]
    ends = of(channels.records, EndOfMessage)
    named = [each.recording for each in updates] + [each.recording for each in ends]
    assert {alert.recording, *named} == {finished.name}
    assert len(RecordingIndex(tmp_path).entries()) == 1
    told = RecordingIndex(tmp_path).read(finished.name).alert
    assert told is not None
    assert sorted(told["channels"]) == ["first", "second", "third"]


def test_two_messages_at_once_are_two_recordings(
    channels: Channels, tmp_path: Path
) -> None:
    one, other = broadcast(attention=None), broadcast(FLOOD, attention="broadcast")
    channels.hear(one=one, other=other)
    found = {each.channel: each for each in channels.finish()}
    assert sorted(found) == ["one", "other"]
    for channel, audio in (("one", one), ("other", other)):
        assert found[channel].complete
        kept = whole(tmp_path, found[channel].name)
        assert np.array_equal(kept, in_place(pcm(audio), kept)[: len(kept)])


def test_an_end_that_only_another_channel_heard_ends_the_recording(
    channels: Channels,
) -> None:
    full = broadcast(attention=None, after=20.0)
    faded = full.copy()
    # 12 s of programme, 6 s of header, 6 s of voice and a pause.
    faded[25 * RATE :] = noise(len(full) / RATE - 25)
    channels.hear(one=faded, other=full)
    (finished,) = channels.finish()
    assert finished.channel == "one"
    assert finished.complete
    assert finished.duration_s == pytest.approx(10 + 13.3 + 5, abs=1.0)


def test_a_source_that_was_away_leaves_silence_as_long_as_it_was(
    channels: Channels, tmp_path: Path
) -> None:
    audio = broadcast(voice=10.0)
    cut = 30 * RATE
    channels.hear(one=audio[:cut])
    channels.lose(7.0)
    channels.hear(one=audio[cut:])
    (finished,) = channels.finish()
    assert finished.complete
    assert finished.lost_s == pytest.approx(7.0, abs=0.11)
    kept = whole(tmp_path, finished.name)
    before = in_place(pcm(audio[:cut]), kept)
    after = kept[len(before) + round(finished.lost_s * RATE) :]
    assert np.array_equal(after, pcm(audio)[cut:][: len(after)])


def test_a_source_that_is_away_for_long_ends_the_recording(
    channels: Channels,
) -> None:
    audio = broadcast(voice=10.0)
    channels.hear(one=audio[: 30 * RATE])
    channels.lose(20.0)
    channels.hear(one=audio[30 * RATE :])
    (finished,) = channels.finish()
    assert finished.ended_by is RecordingEnd.SOURCE_DOWN
    assert finished.duration_s == pytest.approx(28.0, abs=0.01)
    # The end that came later still tells what was recorded.
    assert of(channels.records, EndOfMessage)[0].recording == finished.name
