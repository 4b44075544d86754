"""A weekly test made by the station, decoded by it, and never played."""

from concurrent.futures import Future
import threading
import time
from typing import Any

import numpy as np
import pytest

from eas_core.clock import SystemClock
from eas_core.same.header import HeaderError
from eas_core.station import (
    Alert,
    EndOfMessage,
    RecordingOptions,
    SelfTest,
    SelfTestError,
    SourceState,
    SourceStatus,
    Station,
    StationOptions,
    StationRecord,
)
from tests.core.station.hearing import RATE, TORNADO, Until, heard, message, of

PATIENCE = 60.0


class Held:
    """A source that gives a message up to a point, and the rest when it is let."""

    kind = "held"
    live = False

    def __init__(self, audio: np.ndarray, cut: int) -> None:
        self._parts = audio[:cut], audio[cut:]
        self.go_on = threading.Event()
        self.waits = threading.Event()

    def blocks(self, clock: Any, stop: threading.Event) -> Any:
        from eas_core.audio.block import AudioBlock

        first = 0
        for part in self._parts:
            for start in range(0, len(part), RATE // 10):
                piece = part[start : start + RATE // 10]
                yield AudioBlock(samples=piece, sample_rate=RATE, first_sample=first)
                first += len(piece)
            self.waits.set()
            while not self.go_on.wait(0.05):
                if stop.is_set():
                    return


def begun(
    source: Any, records: list[StationRecord], **options: Any
) -> tuple[Station, Held]:
    station = Station(source, StationOptions(name="test", **options), SystemClock())
    station.listen(records.append)
    station.start()
    assert source.waits.wait(PATIENCE)
    return station, source


def test_a_self_test_is_decoded_and_told_as_what_it_is() -> None:
    records: list[StationRecord] = []
    station, source = begun(Held(message()[:RATE], RATE), records)
    made = station.self_test("039035").result(PATIENCE)
    source.go_on.set()
    station.stop()
    assert made.decoded
    assert made.header.startswith("ZCZC-WXR-RWT-039035+0015-")
    assert made.header.endswith("-SELFTEST-")
    assert 0 < made.seconds < PATIENCE
    (alert,) = of(records, Alert)
    (end,) = of(records, EndOfMessage)
    assert alert == made.alert
    assert alert.test
    assert alert.self_test
    assert alert.time_valid
    assert alert.channels == ("self-test",)
    assert end.alert_id == alert.id


def test_a_self_test_in_the_middle_of_a_message_disturbs_nothing(until: Until) -> None:
    audio = message()
    records: list[StationRecord] = []
    # Within the second burst.
    station, source = begun(Held(audio, round(2.5 * RATE)), records)
    assert station.self_test("039035").result(PATIENCE).decoded
    source.go_on.set()
    until(lambda: len(of(records, EndOfMessage)) == 2)
    until(lambda: not station.running)
    own, live = of(records, Alert)
    assert own.self_test
    assert not live.self_test
    undisturbed = Held(audio, RATE)
    undisturbed.go_on.set()
    (alone,) = of(heard(undisturbed, SystemClock(), until), Alert)
    assert live.header == alone.header == TORNADO
    assert (live.bursts, live.confidence) == (alone.bursts, alone.confidence)
    assert station.counters.messages == 1
    assert station.counters.samples == len(audio)
    assert station.counters.samples_lost == 0
    assert station.recent_alerts == (live,)
    station.stop()


def test_each_self_test_is_an_alert_of_its_own() -> None:
    records: list[StationRecord] = []
    station, _ = begun(Held(message()[:RATE], RATE), records)
    tests = [station.self_test("039035") for _ in range(3)]
    ids = {test.result(PATIENCE).alert.id for test in tests}  # type: ignore[union-attr]
    station.stop()
    assert len(ids) == 3
    assert [len(each) for each in ids] == [16, 16, 16]
    assert len(of(records, Alert)) == 3
    assert station.recent_alerts == ()


def test_a_self_test_is_not_recorded(tmp_path: Any) -> None:
    records: list[StationRecord] = []
    recording = RecordingOptions(folder=str(tmp_path))
    station, _ = begun(Held(message()[:RATE], RATE), records, recording=recording)
    made = station.self_test("039035").result(PATIENCE)
    station.stop()
    assert made.alert is not None
    assert made.alert.recording is None
    assert not list(tmp_path.rglob("*.flac*"))


def test_a_station_that_does_not_run_makes_none() -> None:
    station = Station(Held(message(), 1), StationOptions(name="test"))
    with pytest.raises(SelfTestError, match="Start the station"):
        station.self_test("039035")


def test_what_is_no_place_is_refused() -> None:
    station, _ = begun(Held(message()[:RATE], RATE), [])
    with pytest.raises(HeaderError):
        station.self_test("Cleveland")
    station.stop()


def test_a_station_at_its_sources_end_tells_who_waits() -> None:
    waiting: list[Future[SelfTest]] = []
    source = Held(message()[:RATE], RATE)
    station = Station(source, StationOptions(name="test"))

    def ask_at_the_end(record: StationRecord) -> None:
        if isinstance(record, SourceStatus) and record.state is SourceState.STOPPED:
            waiting.append(station.self_test("039035"))

    station.listen(ask_at_the_end)
    source.go_on.set()
    station.start()
    deadline = time.monotonic() + PATIENCE
    while not waiting and time.monotonic() < deadline:
        time.sleep(0.01)
    with pytest.raises(SelfTestError, match="Start the station"):
        waiting[0].result(PATIENCE)
    station.stop()


def test_whoever_gave_up_does_not_get_one() -> None:
    records: list[StationRecord] = []
    station, source = begun(Held(message()[:RATE], RATE), records)
    first = station.self_test("039035")
    assert first.cancel() or first.done()
    second = station.self_test("039173")
    assert second.result(PATIENCE).decoded
    source.go_on.set()
    station.stop()
    assert [alert.locations[0].code for alert in of(records, Alert)][-1] == "039173"
