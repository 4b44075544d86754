"""The engine: records out of audio, and an end in time from any state."""

from collections.abc import Callable, Iterator
import threading
import time
from typing import Any

import numpy as np
import pytest

from eas_core.audio.block import AudioBlock, Block
from eas_core.clock import Clock, SystemClock
from eas_core.modem.encoder import encode_bursts, encode_message, silence
from eas_core.sources.simulator import SimulatorSource
from eas_core.sources.source import SourceError, SourceErrorReason
from eas_core.station import (
    Alert,
    AlertUpdated,
    AttentionHeard,
    EndOfMessage,
    LevelReading,
    SourceState,
    SourceStatus,
    Station,
    StationOptions,
    StationRecord,
)

RATE = 16_000
TORNADO = "ZCZC-WXR-TOR-039173-039051+0030-1591829-KCLE/NWS-"
type Until = Callable[[Callable[[], bool]], None]


def message(header: str = TORNADO) -> np.ndarray:
    audio = encode_message(header, RATE, attention=None, gap_seconds=0.6)
    return np.concatenate((silence(0.4, RATE), audio, silence(0.5, RATE)))


def heard(
    source: Any, clock: Clock, until: Until, **options: Any
) -> list[StationRecord]:
    """Hear a source to its end."""
    records: list[StationRecord] = []
    station = Station(source, StationOptions(name="test", **options), clock)
    station.listen(records.append)
    station.start()
    until(lambda: not station.running)
    station.stop()
    return records


def of[R](records: list[StationRecord], kind: type[R]) -> list[R]:
    return [record for record in records if isinstance(record, kind)]


def states(records: list[StationRecord]) -> list[SourceState]:
    return [status.state for status in of(records, SourceStatus)]


def test_a_message_is_an_alert_and_an_end(
    scripted: Any, clock: Any, until: Until
) -> None:
    records = heard(scripted([message()]), clock, until)
    (alert,) = of(records, Alert)
    (end,) = of(records, EndOfMessage)
    assert alert.header == TORNADO
    assert alert.event == "Tornado Warning"
    assert [place.name for place in alert.locations] == ["Wood County", "Fulton County"]
    assert alert.time_valid
    assert alert.issued.isoformat() == "2026-06-08T18:29:00+00:00"
    assert end.alert_id == alert.id
    assert end.duration_s == pytest.approx(7.0, abs=2.0)
    assert states(records) == [
        SourceState.STARTING,
        SourceState.HEARING,
        SourceState.STOPPED,
    ]
    assert of(records, SourceStatus)[-1].reason is SourceErrorReason.ENDED


def test_tones_are_told_and_the_voice_is_delimited(
    scripted: Any, clock: Any, until: Until
) -> None:
    voice = 0.2 * np.random.default_rng(1).standard_normal(4 * RATE, np.float32)
    audio = encode_message(
        TORNADO, RATE, attention="broadcast", attention_seconds=8.0, voice=voice
    )
    records = heard(scripted([audio]), clock, until)
    (tones,) = of(records, AttentionHeard)
    assert tones.kind == "broadcast"
    assert tones.seconds == pytest.approx(8.0, abs=0.2)
    # Each of the two at a quarter of full scale.
    assert tones.level_dbfs == pytest.approx(-12.0, abs=0.5)
    (end,) = of(records, EndOfMessage)
    assert end.voice_s is not None
    start, stop = end.voice_s
    # Three bursts of a second with their pauses, then the tones.
    assert start == pytest.approx(14.0, abs=0.2)
    assert stop - start == pytest.approx(6.0, abs=0.3)


def test_levels_come_ten_a_second(scripted: Any, clock: Any, until: Until) -> None:
    tone = 0.5 * np.sin(np.arange(3 * RATE) * 0.3).astype(np.float32)
    levels = of(heard(scripted([tone]), clock, until), LevelReading)
    assert len(levels) == 30
    assert levels[5].rms_dbfs == pytest.approx(-9.0, abs=0.1)
    assert levels[5].peak_dbfs == pytest.approx(-6.0, abs=0.1)


def test_the_same_header_again_is_the_same_alert(
    scripted: Any, clock: Any, until: Until
) -> None:
    source = scripted([message(), silence(20, RATE), message()])
    station = Station(source, StationOptions(name="test"), clock)
    records: list[StationRecord] = []
    station.listen(records.append)
    station.start()
    until(lambda: not station.running)
    assert len(of(records, Alert)) == 1
    assert len(of(records, EndOfMessage)) == 2
    assert station.counters.messages == 2
    assert station.counters.duplicates == 1
    assert len(station.active_alerts) == 1


def test_a_relay_under_another_sender_corroborates(
    scripted: Any, clock: Any, until: Until
) -> None:
    relayed = message(TORNADO.replace("KCLE/NWS", "WJON/TV "))
    records = heard(scripted([message(), silence(5, RATE), relayed]), clock, until)
    (alert,) = of(records, Alert)
    (update,) = of(records, AlertUpdated)
    assert not alert.corroborated
    assert update.alert.corroborated
    assert update.alert.id == alert.id


def test_another_time_or_place_is_another_alert(
    scripted: Any, clock: Any, until: Until
) -> None:
    later = message(TORNADO.replace("1591829", "1591835"))
    elsewhere = message(TORNADO.replace("039051", "039095"))
    gap = silence(5, RATE)
    records = heard(scripted([message(), gap, later, gap, elsewhere]), clock, until)
    assert len({alert.id for alert in of(records, Alert)}) == 3


def test_an_alert_is_active_until_it_expires(
    scripted: Any, clock: Any, until: Until
) -> None:
    station = Station(scripted([message()]), StationOptions(name="test"), clock)
    station.start()
    until(lambda: not station.running)
    assert [alert.header for alert in station.active_alerts] == [TORNADO]
    clock.passed += 31 * 60
    assert station.active_alerts == ()


def test_an_impossible_date_is_an_alert_received_now(
    scripted: Any, clock: Any, until: Until
) -> None:
    odd = message(TORNADO.replace("1591829", "9999999"))
    (alert,) = of(heard(scripted([odd]), clock, until), Alert)
    assert not alert.time_valid
    assert alert.issued == alert.received


def test_what_has_no_form_is_counted_and_no_alert(
    scripted: Any, clock: Any, until: Until
) -> None:
    bad = encode_bursts(b"ZCZC-" + b"lorem ipsum " * 5, RATE)
    station = Station(scripted([bad]), StationOptions(name="test"), clock)
    records: list[StationRecord] = []
    station.listen(records.append)
    station.start()
    until(lambda: not station.running)
    assert of(records, Alert) == []
    assert station.counters.malformed == 3


def test_a_short_gap_is_counted_and_the_message_lives(
    scripted: Any, clock: Any, until: Until
) -> None:
    audio = message()
    source = scripted([audio[: RATE + 800], 0.01, audio[RATE + 960 :]])
    station = Station(source, StationOptions(name="test"), clock)
    records: list[StationRecord] = []
    station.listen(records.append)
    station.start()
    until(lambda: not station.running)
    assert [alert.header for alert in of(records, Alert)] == [TORNADO]
    assert station.counters.samples_lost == 160


def test_a_source_that_fails_is_opened_again_for_ever(
    scripted: Any, clock: Any, until: Until
) -> None:
    broken = SourceError(SourceErrorReason.BROKEN, "Plug the receiver in.")
    source = scripted([broken], [broken], [broken], [silence(1, RATE), broken])
    station = Station(source, StationOptions(name="test"), clock)
    records: list[StationRecord] = []
    station.listen(records.append)
    station.start()
    until(lambda: source.opened > 6)
    station.stop()
    seen = states(records)
    assert seen[:4] == [
        SourceState.STARTING,
        SourceState.DOWN,
        SourceState.HEARING,
        SourceState.DOWN,
    ]
    assert seen[-1] is SourceState.STOPPED
    assert of(records, SourceStatus)[1].hint == "Plug the receiver in."
    assert station.counters.source_failures >= 6


def test_a_source_with_a_bug_is_down_and_does_not_end_the_station(
    clock: Any, until: Until
) -> None:
    class Buggy:
        kind = "buggy"
        live = True

        def blocks(self, clock: Clock, stop: threading.Event) -> Iterator[Block]:
            yield from self.fail()

        def fail(self) -> Iterator[Block]:
            raise ZeroDivisionError

    station = Station(Buggy(), StationOptions(name="test"), clock)
    station.start()
    until(lambda: station.counters.source_failures > 2)
    assert station.status.state is SourceState.DOWN
    assert "ZeroDivisionError" in str(station.status.hint)
    station.stop()


def test_silence_for_long_is_quiet_and_sound_is_hearing_again(
    scripted: Any, clock: Any, until: Until
) -> None:
    sound = np.full(RATE, 0.1, np.float32)
    records = heard(scripted([sound, silence(60, RATE), sound]), clock, until)
    assert states(records) == [
        SourceState.STARTING,
        SourceState.HEARING,
        SourceState.QUIET,
        SourceState.HEARING,
        SourceState.STOPPED,
    ]


def test_a_listener_that_fails_does_not_end_the_hearing(
    scripted: Any, clock: Any, until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    station = Station(scripted([message()]), StationOptions(name="test"), clock)
    records: list[StationRecord] = []

    def fail(record: StationRecord) -> None:
        raise RuntimeError

    station.listen(fail)
    station.listen(records.append)
    station.start()
    until(lambda: not station.running)
    assert len(of(records, Alert)) == 1
    assert "A listener failed on Alert" in caplog.text


def test_who_has_unsubscribed_hears_no_more(
    scripted: Any, clock: Any, until: Until
) -> None:
    station = Station(scripted([message()]), StationOptions(name="test"), clock)
    records: list[StationRecord] = []
    station.listen(records.append)()
    station.start()
    until(lambda: not station.running)
    assert records == []


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
    assert not [
        thread
        for thread in threading.enumerate()
        if thread.name.startswith("eas-station")
    ]


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
