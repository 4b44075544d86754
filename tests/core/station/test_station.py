"""The engine: records out of audio, and an end in time from any state."""

from collections.abc import Iterator
import threading
from typing import Any

import numpy as np
import pytest

from eas_core.audio.block import AudioBlock, Block
from eas_core.clock import Clock
from eas_core.modem.encoder import encode_bursts, encode_message, silence
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
from tests.core.station.hearing import RATE, TORNADO, Until, heard, message, of, states


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


def test_a_relay_under_another_sender_on_the_same_channel_corroborates_nothing(
    scripted: Any, clock: Any, until: Until
) -> None:
    relayed = message(TORNADO.replace("KCLE/NWS", "WJON/TV "))
    records = heard(scripted([message(), silence(5, RATE), relayed]), clock, until)
    (alert,) = of(records, Alert)
    assert not alert.corroborated
    # Whoever spoofs one sender on a channel can name another one.
    assert of(records, AlertUpdated) == []


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


def test_the_end_of_a_message_sent_again_is_linked_to_its_alert(
    scripted: Any, clock: Any, until: Until
) -> None:
    source = scripted([message(), silence(20, RATE), message()])
    records = heard(source, clock, until)
    (alert,) = of(records, Alert)
    assert [end.alert_id for end in of(records, EndOfMessage)] == [alert.id] * 2


def test_a_long_gap_in_the_voice_leaves_the_end_linked_and_measured(
    scripted: Any, clock: Any, until: Until
) -> None:
    whole = message(voice=4.0)
    (there,) = of(heard(scripted([whole]), clock, until), EndOfMessage)
    source = scripted([whole[: 7 * RATE], 1.5, whole[round(8.5 * RATE) :]])
    records = heard(source, clock, until)
    (alert,) = of(records, Alert)
    (end,) = of(records, EndOfMessage)
    assert end.alert_id == alert.id
    assert end.duration_s == pytest.approx(there.duration_s, abs=0.1)
    assert end.voice_s == pytest.approx(there.voice_s, abs=0.1)


def test_a_source_opened_anew_in_the_voice_leaves_the_end_linked(
    scripted: Any, clock: Any, until: Until
) -> None:
    whole, broken = message(voice=4.0), SourceError(SourceErrorReason.BROKEN, "Wait.")
    source = scripted([whole[: 7 * RATE], broken], [whole[7 * RATE :]])
    records = heard(source, clock, until)
    (alert,) = of(records, Alert)
    (end,) = of(records, EndOfMessage)
    assert (end.alert_id, end.duration_s, end.voice_s) == (alert.id, None, None)


def test_a_source_that_dies_in_a_message_keeps_what_was_heard_of_it(
    scripted: Any, clock: Any, until: Until
) -> None:
    broken = SourceError(SourceErrorReason.BROKEN, "Wait.")
    # The first burst, and nothing more.
    audio = message()[: round(1.9 * RATE)]
    station = Station(
        scripted([audio, broken], [broken]), StationOptions(name="test"), clock
    )
    records: list[StationRecord] = []
    station.listen(records.append)
    station.start()
    until(lambda: station.status.state is SourceState.DOWN)
    station.stop()
    (alert,) = of(records, Alert)
    assert alert.best_guess == TORNADO
    assert alert.bursts == 1


def test_the_newest_audio_is_kept_for_a_recordings_beginning(
    scripted: Any, clock: Any, until: Until
) -> None:
    audio = np.linspace(-0.5, 0.5, 5 * RATE, dtype=np.float32)
    station = Station(
        scripted([audio, silence(0.1, RATE)]),
        StationOptions(name="test", pre_roll_seconds=2.0),
        clock,
    )
    kept: list[AudioBlock | None] = []

    def keep(record: StationRecord) -> None:
        if isinstance(record, LevelReading) and len(kept) < 50:
            kept.append(station.pre_roll())

    station.listen(keep)
    assert station.pre_roll() is None
    station.start()
    until(lambda: not station.running)
    pre_roll = kept[-1]
    assert pre_roll is not None
    assert pre_roll.sample_rate == RATE
    assert pre_roll.first_sample == 3 * RATE
    assert np.allclose(pre_roll.samples, audio[3 * RATE :], atol=2**-15)


def test_a_source_at_a_rate_that_cannot_be_decoded_is_down_and_says_so(
    clock: Any, until: Until
) -> None:
    class Slow:
        kind = "slow"
        live = True

        def blocks(self, clock: Clock, stop: threading.Event) -> Iterator[Block]:
            yield AudioBlock(samples=silence(1, RATE), sample_rate=4000, first_sample=0)

    station = Station(Slow(), StationOptions(name="test"), clock)
    station.start()
    until(lambda: station.status.state is SourceState.DOWN)
    station.stop()
    assert station.counters.source_failures >= 1
    assert station.counters.samples == 0


def test_audio_that_breaks_the_decoder_is_counted_and_the_rest_is_heard(
    scripted: Any, clock: Any, until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    broken = np.array(["no", "audio"] * RATE)
    station = Station(scripted([broken, message()]), StationOptions(name="test"), clock)
    records: list[StationRecord] = []
    station.listen(records.append)
    station.start()
    until(lambda: not station.running)
    assert [alert.header for alert in of(records, Alert)] == [TORNADO]
    assert station.counters.decode_failures == 20
    assert (
        len([line for line in caplog.messages if "could not be decoded" in line]) == 1
    )


def test_records_come_in_order_on_one_thread(
    scripted: Any, clock: Any, until: Until
) -> None:
    broken = SourceError(SourceErrorReason.BROKEN, "Wait.")
    source = scripted([silence(1, RATE), broken], [silence(1, RATE)])
    station = Station(source, StationOptions(name="test"), clock)
    heard_by: set[int] = set()
    kinds: list[str] = []

    def note(record: StationRecord) -> None:
        heard_by.add(threading.get_ident())
        state = record.state if isinstance(record, SourceStatus) else "level"
        if kinds[-1:] != [state]:
            kinds.append(state)

    station.listen(note)
    station.start()
    until(lambda: not station.running)
    assert len(heard_by) == 1
    assert kinds == [
        "starting",
        "hearing",
        "level",
        "down",
        "hearing",
        "level",
        "stopped",
    ]


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
