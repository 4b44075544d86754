"""Recordings: what of which message of which channel is kept."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eas_core.modem.encoder import encode_message, silence
from eas_core.sources.source import SourceError, SourceErrorReason
from eas_core.station import (
    Alert,
    EndOfMessage,
    RecordingEnd,
    RecordingFinished,
    RecordingIndex,
    RecordingOptions,
    SourceState,
    SourceStatus,
    Station,
    StationOptions,
    StationRecord,
)
from tests.core.station.hearing import (
    RATE,
    TORNADO,
    Until,
    heard,
    message,
    of,
    station_threads,
)
from tests.core.station.recording import (
    broadcast,
    in_place,
    noise,
    pcm,
    record,
    samples,
    set_off,
    whole,
)

LATER = TORNADO.replace("1591829", "1591831")
BROKEN = SourceError(SourceErrorReason.BROKEN, "Wait.")


def parts(folder: Path, name: str) -> dict[str, tuple[float, float]]:
    found = RecordingIndex(folder).read(name).parts
    return {each.part: (each.start_s, each.end_s) for each in found}


def test_a_message_is_recorded_from_before_its_first_burst_to_its_end(
    scripted: Any, clock: Any, until: Until, tmp_path: Path
) -> None:
    audio = broadcast()
    records = record(scripted([audio]), clock, until, tmp_path)
    (alert,), (end,) = of(records, Alert), of(records, EndOfMessage)
    (finished,) = of(records, RecordingFinished)
    assert alert.recording == end.recording == finished.name
    assert finished.alert_id == alert.id
    assert finished.complete
    assert finished.ended_by is RecordingEnd.END_OF_MESSAGE
    assert finished.lost_s == 0.0
    kept = whole(tmp_path, finished.name)
    # Twelve seconds of programme before the first burst, of which ten are kept.
    assert np.array_equal(kept, in_place(pcm(audio), kept)[: len(kept)])
    assert len(kept) / RATE == pytest.approx(finished.duration_s, abs=0.001)
    assert end.duration_s is not None
    assert finished.duration_s == pytest.approx(10 + end.duration_s, abs=1.0)


def test_the_sidecar_tells_all_of_it(
    scripted: Any, clock: Any, until: Until, tmp_path: Path
) -> None:
    records = record(scripted([broadcast()]), clock, until, tmp_path)
    (alert,), (finished,) = of(records, Alert), of(records, RecordingFinished)
    told = RecordingIndex(tmp_path).read(finished.name)
    assert told.alert is not None
    assert told.alert["header"] == TORNADO
    assert told.alert["locations"][0]["name"] == "Wood County"
    assert told.alert["issued"] == alert.issued.isoformat()
    assert told.alert["recording"] == told.name
    assert (told.station, told.channel, told.sample_rate) == ("test", "main", RATE)
    assert told.ended is not None
    assert told.ended - told.started == timedelta(seconds=told.duration_s)
    # It was settled at the second burst, three seconds after the first began.
    assert (alert.received - told.started).total_seconds() == pytest.approx(13, abs=1.2)
    for file in (told.whole, told.copy):
        assert file is not None
        assert (tmp_path / file.name).stat().st_size == file.bytes
    assert told.whole is not None
    assert told.copy is not None
    assert (told.whole.codec, told.copy.codec) == ("flac", "mp3")
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(
        [told.whole.name, told.copy.name, f"{told.name}.json"]
    )


def test_header_tone_voice_and_end_are_where_they_were_sent(
    scripted: Any, clock: Any, until: Until, tmp_path: Path
) -> None:
    (finished,) = of(
        record(scripted([broadcast()]), clock, until, tmp_path), RecordingFinished
    )
    found = parts(tmp_path, finished.name)
    assert list(found) == ["header", "tone", "voice", "end"]
    # Three bursts of one second with pauses of one, from the tenth on.
    assert found["header"] == pytest.approx((10.0, 15.0), abs=0.2)
    assert found["tone"] == pytest.approx((16.0, 24.0), abs=0.2)
    assert found["voice"] == pytest.approx((24.0, 32.0), abs=0.2)
    assert found["end"][0] == pytest.approx(32.0, abs=0.05)


@pytest.mark.parametrize(
    ("attention", "copy"),
    [(None, "mp3"), ("nwr", "mp3"), ("broadcast", "mp3"), ("nwr", "opus")],
)
def test_the_copy_for_people_is_the_voice_and_sets_off_no_decoder(
    attention: Any, copy: str, scripted: Any, clock: Any, until: Until, tmp_path: Path
) -> None:
    source = scripted([broadcast(attention=attention)])
    records = record(source, clock, until, tmp_path, copy=copy)
    (finished,) = of(records, RecordingFinished)
    assert set_off(finished.path)
    assert not set_off(finished.copy_path)
    audio, rate = samples(finished.copy_path)
    assert 6.0 < len(audio) / rate < 9.0
    (span,) = RecordingIndex(tmp_path).read(finished.name).copy_spans
    assert span[1] - span[0] == pytest.approx(len(audio) / rate, abs=0.1)


def test_a_tone_that_is_drowned_in_noise_is_cut_as_well(
    scripted: Any, clock: Any, until: Until, tmp_path: Path
) -> None:
    audio = broadcast(voice=12.0)
    # 1050 Hz through the middle of the voice, 3 dB under it.
    start = round((12 + 6 + 9 + 4) * RATE)
    time = np.arange(6 * RATE) / RATE
    tone = 0.05 * np.sin(2 * np.pi * 1050 * time)
    audio[start : start + len(tone)] += tone.astype(np.float32)
    (finished,) = of(
        record(scripted([audio]), clock, until, tmp_path), RecordingFinished
    )
    told = RecordingIndex(tmp_path).read(finished.name)
    assert len(told.copy_spans) == 2
    (_, first), (second, _) = told.copy_spans
    assert second - first == pytest.approx(6.5, abs=0.3)


def test_the_copy_has_the_tones_where_the_user_asks_for_them(
    scripted: Any, clock: Any, until: Until, tmp_path: Path
) -> None:
    source = scripted([broadcast()])
    records = record(source, clock, until, tmp_path, tones_in_copy=True)
    (finished,) = of(records, RecordingFinished)
    assert set_off(finished.copy_path)
    audio, rate = samples(finished.copy_path)
    assert len(audio) / rate == pytest.approx(finished.duration_s, abs=0.1)


def test_a_test_without_a_voice_has_no_copy(
    scripted: Any, clock: Any, until: Until, tmp_path: Path
) -> None:
    weekly = TORNADO.replace("TOR", "RWT")
    source = scripted([broadcast(weekly, attention=None, voice=0.0)])
    (finished,) = of(record(source, clock, until, tmp_path), RecordingFinished)
    assert finished.complete
    assert finished.copy_path is None
    assert list(tmp_path.glob("*.mp3")) == []


def test_without_an_end_it_is_as_long_as_is_set(
    scripted: Any, clock: Any, until: Until, tmp_path: Path
) -> None:
    audio = broadcast(end_of_message=False, voice=60.0)
    records = record(scripted([audio]), clock, until, tmp_path, longest_seconds=30.0)
    (finished,) = of(records, RecordingFinished)
    assert finished.ended_by is RecordingEnd.TIME_LIMIT
    assert not finished.complete
    assert finished.duration_s == 40.0
    assert not set_off(finished.copy_path)


def test_the_next_message_ends_one_whose_end_was_not_heard(
    scripted: Any, clock: Any, until: Until, tmp_path: Path
) -> None:
    audio = np.concatenate(
        (broadcast(end_of_message=False), broadcast(LATER, before=1.0, attention=None))
    )
    records = record(scripted([audio]), clock, until, tmp_path)
    first, second = of(records, RecordingFinished)
    assert [each.recording for each in of(records, Alert)] == [first.name, second.name]
    assert first.ended_by is RecordingEnd.NEXT_MESSAGE
    assert second.complete
    # What was heard of the second header is in the first recording, and in no copy.
    assert set_off(first.path)
    assert not set_off(first.copy_path)
    assert not set_off(second.copy_path)


def test_a_repeat_is_recorded_only_where_the_first_had_no_end(
    scripted: Any, clock: Any, until: Until, tmp_path: Path
) -> None:
    cut, full = message()[: 6 * RATE], broadcast(before=1.0, attention=None)
    gap = silence(25, RATE)
    source = scripted([cut, gap, full, gap, full])
    records = record(source, clock, until, tmp_path, longest_seconds=20.0)
    (alert,) = of(records, Alert)
    first, second = of(records, RecordingFinished)
    assert (first.complete, second.complete) == (False, True)
    assert first.alert_id == second.alert_id == alert.id
    assert alert.recording == first.name
    ends = [each.recording for each in of(records, EndOfMessage)]
    assert ends == [second.name, second.name]


def test_a_source_that_is_soon_back_goes_on_with_the_recording(
    scripted: Any, clock: Any, until: Until, tmp_path: Path
) -> None:
    audio = broadcast(voice=10.0)
    cut = 28 * RATE
    source = scripted([audio[:cut], BROKEN], [audio[cut:]])
    records = record(source, clock, until, tmp_path)
    (finished,) = of(records, RecordingFinished)
    assert finished.complete
    assert finished.lost_s < 15.0
    kept = whole(tmp_path, finished.name)
    before = in_place(pcm(audio[:cut]), kept)
    assert np.array_equal(kept[: len(before)], before)
    lost = round(finished.lost_s * RATE)
    assert not kept[len(before) :][:lost].any()
    rest = kept[len(before) + lost :]
    assert np.array_equal(rest, pcm(audio)[cut:][: len(rest)])


def test_what_was_heard_before_a_source_died_is_kept(
    scripted: Any, clock: Any, until: Until, tmp_path: Path
) -> None:
    audio = broadcast()[: 28 * RATE]
    source = scripted([audio, BROKEN], [BROKEN])
    options = RecordingOptions(folder=str(tmp_path), floor_mb=0.0)
    station = Station(source, StationOptions(name="test", recording=options), clock)
    records: list[StationRecord] = []
    station.listen(records.append)
    station.start()
    until(lambda: bool(of(records, RecordingFinished)))
    station.stop()
    (finished,) = of(records, RecordingFinished)
    assert finished.ended_by is RecordingEnd.SOURCE_DOWN
    kept = whole(tmp_path, finished.name)
    assert np.array_equal(kept, in_place(pcm(audio), kept))


def test_a_stop_keeps_what_was_heard_and_leaves_no_thread(
    scripted: Any, clock: Any, until: Until, tmp_path: Path
) -> None:
    source = scripted([broadcast(voice=600.0)])
    options = RecordingOptions(
        folder=str(tmp_path), floor_mb=0.0, longest_seconds=600.0
    )
    station = Station(source, StationOptions(name="test", recording=options), clock)
    records: list[StationRecord] = []
    station.listen(records.append)
    station.start()
    until(lambda: bool(of(records, Alert)))
    station.stop()
    (finished,) = of(records, RecordingFinished)
    assert finished.ended_by is RecordingEnd.STOPPED
    assert finished.duration_s > 12.0
    assert of(records, SourceStatus)[-1].state is SourceState.STOPPED
    assert records.index(finished) < records.index(of(records, SourceStatus)[-1])
    assert station_threads() == []


def test_a_source_that_ends_in_the_message_keeps_what_was_heard(
    scripted: Any, clock: Any, until: Until, tmp_path: Path
) -> None:
    audio = broadcast()[: 30 * RATE]
    (finished,) = of(
        record(scripted([audio]), clock, until, tmp_path), RecordingFinished
    )
    assert finished.ended_by is RecordingEnd.SOURCE_ENDED
    kept = whole(tmp_path, finished.name)
    assert np.array_equal(kept, in_place(pcm(audio), kept))


@pytest.mark.parametrize("gap", [0.5, 3.0])
def test_samples_that_were_lost_are_silence_and_counted(
    gap: float, scripted: Any, clock: Any, until: Until, tmp_path: Path
) -> None:
    audio = broadcast()
    cut = 30 * RATE
    source = scripted([audio[:cut], gap, audio[cut + round(gap * RATE) :]])
    (finished,) = of(record(source, clock, until, tmp_path), RecordingFinished)
    assert finished.complete
    assert finished.lost_s == gap
    expected = pcm(audio)
    expected[cut : cut + round(gap * RATE)] = 0.0
    kept = whole(tmp_path, finished.name)
    assert np.array_equal(kept, in_place(expected, kept)[: len(kept)])


def test_a_header_of_31_places_has_its_whole_beginning(
    scripted: Any, clock: Any, until: Until, tmp_path: Path
) -> None:
    places = "-".join(f"0390{number:02}" for number in range(1, 63, 2))
    long = f"ZCZC-WXR-TOR-{places}+0030-1591829-KCLE/NWS-"
    audio = np.concatenate(
        (noise(12.0), encode_message(long, RATE, attention=None), noise(2.0))
    )
    records = record(scripted([audio]), clock, until, tmp_path, ring_seconds=0.0)
    (finished,) = of(records, RecordingFinished)
    assert parts(tmp_path, finished.name)["header"][0] == pytest.approx(10.0, abs=0.1)


def test_where_nothing_is_to_be_recorded_nothing_is(
    scripted: Any, clock: Any, until: Until, tmp_path: Path
) -> None:
    records = heard(scripted([message()]), clock, until)
    (alert,), (end,) = of(records, Alert), of(records, EndOfMessage)
    assert alert.recording is None
    assert end.recording is None
    assert of(records, RecordingFinished) == []
