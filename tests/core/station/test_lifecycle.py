"""Start and stop from any state, sources that hang, weeks that pass."""

from collections.abc import Iterator
import threading
import time
from typing import Any

import numpy as np
import pytest

from eas_core.audio.block import AudioBlock, Block
from eas_core.clock import Clock, SystemClock
from eas_core.sources.simulator import SimulatorSource
from eas_core.sources.source import SourceError, SourceErrorReason
from eas_core.station import (
    Alert,
    LevelReading,
    SourceState,
    Station,
    StationOptions,
    StationRecord,
)
from eas_core.station.pulse import Pulse
from eas_core.station.reader import STALL_SECONDS
from eas_core.station.recorder import Recorder
from tests.core.station.hearing import RATE, Until, message, of, station_threads


class Firehose:
    """A live source far faster than a decoder."""

    kind = "firehose"
    live = True

    def blocks(self, clock: Clock, stop: threading.Event) -> Iterator[Block]:
        samples = np.zeros(RATE, np.float32)
        position = 0
        while not stop.is_set():
            yield AudioBlock(samples=samples, sample_rate=RATE, first_sample=position)
            position += RATE


class Stuck:
    """A source that gives nothing until it is stopped."""

    kind = "stuck"
    live = True

    def blocks(self, clock: Clock, stop: threading.Event) -> Iterator[Block]:
        stop.wait()
        yield from ()


def test_a_live_source_too_fast_loses_its_oldest_and_no_memory(until: Until) -> None:
    station = Station(Firehose(), StationOptions(name="test", queue_seconds=2.0))
    station.start()
    until(lambda: station.counters.blocks_dropped > 50)
    until(lambda: station.counters.samples_lost > 0)
    station.stop()
    assert station.counters.samples > 0


@pytest.mark.parametrize("source", [Firehose(), Stuck(), SimulatorSource(["039035"])])
@pytest.mark.parametrize("after", [0.0, 0.3])
def test_stop_takes_less_than_two_seconds_from_any_state(
    source: Any, after: float
) -> None:
    station = Station(source, StationOptions(name="test"), SystemClock())
    station.start()
    time.sleep(after)
    start = time.monotonic()
    station.stop()
    assert time.monotonic() - start < 2.0
    assert not station.running
    assert station.status.state is SourceState.STOPPED
    assert not station_threads()


class Deaf:
    """A source that does not heed its stop: a driver that hangs."""

    kind = "deaf"
    live = True

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.opened = 0

    def blocks(self, clock: Clock, stop: threading.Event) -> Iterator[Block]:
        self.opened += 1
        samples = np.full(RATE // 10, 0.1, np.float32)
        yield AudioBlock(samples=samples, sample_rate=RATE, first_sample=0)
        self.let_go.wait()
        first = len(samples)
        yield AudioBlock(samples=samples, sample_rate=RATE, first_sample=first)


def test_a_source_that_hangs_is_left_behind_and_the_station_starts_again(
    until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    source = Deaf()
    station = Station(source, StationOptions(name="test"))
    station.start()
    until(lambda: station.status.state is SourceState.HEARING)
    start = time.monotonic()
    station.stop()
    assert time.monotonic() - start < 2.0
    assert not station.running
    assert station.status.state is SourceState.STOPPED
    assert "left behind" in caplog.text
    station.start()
    until(lambda: source.opened == 2 and station.status.state is SourceState.HEARING)
    source.let_go.set()
    until(lambda: not station.running)
    until(lambda: not station_threads())


def test_a_driver_that_hangs_while_it_hears_is_seen_and_another_reader_takes_over(
    clock: Any, until: Until
) -> None:
    source = Deaf()
    station = Station(source, StationOptions(name="test"), clock)
    station.start()
    until(lambda: station.status.state is SourceState.HEARING)
    clock.passed += STALL_SECONDS + 1
    until(lambda: source.opened == 2)
    assert SourceErrorReason.STALLED in dict(station.health.failures)
    until(lambda: station.status.state is SourceState.HEARING)
    assert station.health.restarts == 1
    until(lambda: station.counters.samples == 2 * RATE // 10)
    # Of what both give when they wake, only the second's is heard.
    source.let_go.set()
    until(lambda: not station.running)
    assert station.counters.samples == 3 * RATE // 10
    station.stop()
    until(lambda: not station_threads())


def test_health_tells_ages_and_failures(clock: Any, until: Until) -> None:
    class Failing:
        kind = "failing"
        live = True

        def blocks(self, clock: Clock, stop: threading.Event) -> Iterator[Block]:
            loud = np.full(RATE, 0.1, np.float32)
            clock.wait(stop, 1.0)
            yield AudioBlock(samples=loud, sample_rate=RATE, first_sample=0)
            raise SourceError(SourceErrorReason.UNPLUGGED, "Plug it in.")

    station = Station(Failing(), StationOptions(name="test"), clock)
    before = station.health
    assert before.uptime_s is None
    assert before.last_sample_age_s is None
    station.start()
    until(lambda: station.health.restarts > 2)
    until(lambda: station.health.last_signal_age_s is not None)
    station.stop()
    health = station.health
    assert dict(health.failures)[SourceErrorReason.UNPLUGGED] >= 3
    assert health.last_sample_age_s is not None
    assert health.last_signal_age_s is not None
    assert health.cpu_seconds > 0
    (channel,) = health.channels
    assert channel.level is not None
    assert channel.level.rms_dbfs == pytest.approx(-20, abs=0.1)
    assert channel.status.channel == "main"


def test_a_source_that_cannot_even_be_asked_says_so_and_is_asked_again(
    clock: Any, until: Until
) -> None:
    class Unmade:
        kind = "unmade"
        live = True

        def blocks(self, clock: Clock, stop: threading.Event) -> Iterator[Block]:
            raise SourceError(SourceErrorReason.NO_LIBRARY, "Install it.")

    station = Station(Unmade(), StationOptions(name="test"), clock)
    station.start()
    until(lambda: station.status.state is SourceState.DOWN)
    assert station.status.hint == "Install it."
    until(lambda: station.health.restarts > 2)
    station.stop()


@pytest.mark.parametrize("part", ["start", "attend", "finish"])
def test_a_recorder_that_breaks_ends_no_hearing(
    scripted: Any, clock: Any, until: Until, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    def breaks(*given: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(Recorder, part, breaks)
    records: list[StationRecord] = []
    station = Station(scripted([message()]), StationOptions(name="test"), clock)
    station.listen(records.append)
    station.start()
    until(lambda: not station.running)
    assert len(of(records, Alert)) == 1
    assert station.status.reason is SourceErrorReason.ENDED
    assert station.counters.decode_failures > 0


def test_a_thread_that_hangs_is_seen_from_another(clock: Any, until: Until) -> None:
    goes_on, hangs = threading.Event(), threading.Event()

    def hang(record: StationRecord) -> None:
        if isinstance(record, LevelReading) and not goes_on.is_set():
            hangs.set()
            goes_on.wait(60)

    station = Station(SimulatorSource(["039035"]), StationOptions(name="test"))

    def looks(pulse: Pulse, *seconds: float) -> list[bool]:
        return [pulse.beats(at) for at in seconds]

    pulse = Pulse(station)
    assert looks(pulse, 0, 100, 200, 300, 400) == [True] * 5
    station.listen(hang)
    station.start()
    assert hangs.wait(60)
    assert looks(pulse, 500, 510, 520, 530, 570) == [True] * 4 + [False]
    # One look that comes late is that of a machine that has slept.
    assert looks(Pulse(station), 500, 5000, 5001, 5002) == [True] * 3 + [False]
    goes_on.set()
    until(lambda: pulse.beats(1000))
    station.stop()
    assert looks(pulse, 2000, 2100, 2200, 2300, 2400) == [True] * 5


def test_a_listener_may_stop_the_station(until: Until) -> None:
    station = Station(SimulatorSource(["039035"]), StationOptions(name="test"))
    stopped = threading.Event()

    def stop(record: StationRecord) -> None:
        if isinstance(record, LevelReading) and not stopped.is_set():
            station.stop()
            stopped.set()

    station.listen(stop)
    station.start()
    assert stopped.wait(20)
    assert not station.running
    assert station.status.state is SourceState.STOPPED
    until(lambda: not station_threads())


def test_stop_in_the_wait_for_a_source_that_failed_is_at_once(until: Until) -> None:
    class Gone:
        kind = "gone"
        live = True

        def blocks(self, clock: Clock, stop: threading.Event) -> Iterator[Block]:
            yield from ()
            raise SourceError(SourceErrorReason.NOT_FOUND, "Plug it in.")

    station = Station(Gone(), StationOptions(name="test"))
    station.start()
    until(lambda: station.status.state is SourceState.DOWN)
    start = time.monotonic()
    station.stop()
    assert time.monotonic() - start < 2.0
    assert not station_threads()


def test_many_threads_may_start_and_stop_it(until: Until) -> None:
    station = Station(SimulatorSource(["039035"]), StationOptions(name="test"))

    def toggle() -> None:
        for _ in range(5):
            station.start()
            station.stop()

    threads = [threading.Thread(target=toggle) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    station.stop()
    assert not station.running
    until(lambda: not station_threads())


def test_start_and_stop_again_and_again() -> None:
    station = Station(SimulatorSource(["039035"]), StationOptions(name="test"))
    station.stop()
    for _ in range(3):
        station.start()
        station.start()
        assert station.running
        station.stop()
        station.stop()
        assert not station.running


def test_another_source_is_heard_from_the_next_start_on(until: Until) -> None:
    station = Station(Stuck(), StationOptions(name="test"))
    station.start()
    station.take_source(SimulatorSource(["039035"]))
    station.stop()
    assert station.level is None
    station.start()
    until(lambda: station.level is not None)
    station.stop()


def test_a_weekly_test_in_a_week_of_the_simulator(clock: Any, until: Until) -> None:
    from datetime import UTC, datetime

    # From a few minutes before Wednesday noon in the east, for twenty minutes.
    clock.start = datetime(2026, 6, 10, 16, 55, tzinfo=UTC)
    source = SimulatorSource(["039035"], first_alert_seconds=600.0, live=False)
    station = Station(source, StationOptions(name="test"), clock)
    records: list[StationRecord] = []
    station.listen(records.append)
    station.start()
    until(lambda: clock.passed > 1200)
    station.stop()
    assert [alert.event_code for alert in of(records, Alert)] == ["RWT", "TOR"]
    assert [alert.test for alert in of(records, Alert)] == [True, False]
