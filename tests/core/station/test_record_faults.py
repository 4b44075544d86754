"""Recordings through what goes wrong: kill -9, a full disk, no folder, a disk that hangs."""

from collections.abc import Iterator
from contextlib import contextmanager
import os
from pathlib import Path
import subprocess
import sys
import threading
import time
from typing import Any, NamedTuple

import numpy as np
import pytest

from eas_core.audio.encoding import Pcm
from eas_core.station import (
    Alert,
    EndOfMessage,
    RecordingEnd,
    RecordingError,
    RecordingFinished,
    RecordingIndex,
    RecordingOptions,
    RecordingProblem,
    RecordingTrouble,
    Station,
    StationOptions,
    StationRecord,
    recording_writer,
)
from eas_core.station.recording_finish import leftovers
from eas_core.station.recording_writer import RecordingWriter
from tests.core.station.hearing import RATE, Until, message, of, station_threads
from tests.core.station.recording import (
    broadcast,
    in_place,
    noise,
    pcm,
    record,
    set_off,
    whole,
)

CHILD = Path(__file__).with_name("recording_child.py")


class Child(NamedTuple):
    process: subprocess.Popen[str]
    lines: list[str]

    def said(self, word: str, count: int = 1) -> list[str]:
        """Wait until the child has said a word so often; return the lines with it."""
        deadline = time.monotonic() + 40
        while len(found := [each for each in self.lines if word in each]) < count:
            assert time.monotonic() < deadline, (word, self.lines)
            time.sleep(0.02)
        return found


@contextmanager
def child(folder: Path, audio: np.ndarray, *, limit: int = 0) -> Iterator[Child]:
    path = folder.with_suffix(".npy")
    np.save(path, audio)
    faster = 16 if limit else 8
    command = (sys.executable, CHILD, folder, path, faster, limit)
    process = subprocess.Popen(
        [str(each) for each in command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    lines: list[str] = []

    def read(stdout: Any) -> None:
        lines.extend(stdout)

    reader = threading.Thread(target=read, args=(process.stdout,))
    reader.start()
    try:
        yield Child(process, lines)
    finally:
        process.kill()
        process.wait()
        reader.join()
        process.stdout.close()
        assert process.stdin is not None
        process.stdin.close()


def heard_seconds(lines: list[str]) -> int:
    return max(int(line.split()[1]) for line in lines if line.startswith("heard"))


def start_anew(
    folder: Path, clock: Any, until: Until, count: int
) -> list[RecordingFinished]:
    """Begin in a folder, until so many recordings are there; return what was finished."""
    writer = RecordingWriter(RecordingOptions(folder=str(folder), floor_mb=0.0), clock)
    writer.start()
    until(lambda: len(RecordingIndex(folder).entries()) == count)
    writer.stop()
    assert writer.wait(10)
    return of(writer.told(), RecordingFinished)


def test_kill_9_in_mid_recording_costs_no_more_than_the_last_moment(
    clock: Any, until: Until, tmp_path: Path
) -> None:
    folder, audio = tmp_path / "kept", broadcast(voice=120.0)
    with child(folder, audio) as running:
        name = running.said("Alert")[0].split()[1]
        running.said("heard 40")
        running.process.kill()
        running.process.wait()
    heard = heard_seconds(running.lines)
    assert sorted(each.name for each in folder.iterdir()) == [
        f".{name}.draft",
        f".{name}.flac.part",
    ]
    assert RecordingIndex(folder).entries() == ()
    (finished,) = start_anew(folder, clock, until, 1)
    assert finished.name == name
    assert finished.ended_by is RecordingEnd.INTERRUPTED
    assert not finished.complete
    kept = whole(folder, name)
    assert np.array_equal(kept, in_place(pcm(audio), kept)[: len(kept)])
    # It begins at the second second, and half a second is four of audio here.
    assert len(kept) / RATE > heard - 2 - 4
    assert finished.duration_s == pytest.approx(len(kept) / RATE, abs=0.001)
    told = RecordingIndex(folder).read(name)
    assert told.alert is not None
    assert told.alert["event_code"] == "TOR"
    assert [each.part for each in told.parts] == ["header", "tone", "voice"]
    assert not set_off(finished.copy_path)
    assert sorted(each.suffix for each in folder.iterdir()) == [
        ".flac",
        ".json",
        ".mp3",
    ]


def test_a_disk_that_is_full_in_mid_write_harms_nothing_else(tmp_path: Path) -> None:
    # As a full disk does, the limit on a file's size refuses the next byte.
    folder, limit = tmp_path / "kept", 300_000
    later = broadcast("ZCZC-WXR-SVR-039173+0030-1591829-KCLE/NWS-", attention=None)
    audio = np.concatenate((broadcast(voice=20.0), later))
    with child(folder, audio, limit=limit) as running:
        first, second = (line.split()[1] for line in running.said("Alert", 2))
        ended = running.said("EndOfMessage", 2)
        finished = running.said("finished")
        assert running.process.poll() is None
    assert [line.split()[1] for line in ended] == [first, second]
    assert running.said("problem")[0].split()[1] == RecordingTrouble.CANNOT_WRITE
    assert finished[0].split()[1:] == [first, RecordingEnd.DISK]
    # While nothing can be written the alert names no recording.
    assert second == "None"
    kept = whole(folder, first)
    assert np.array_equal(kept, in_place(pcm(audio), kept)[: len(kept)])
    assert len(kept) / RATE > 9
    (file,) = folder.glob(f"{first}*.flac")
    assert limit * 0.9 < file.stat().st_size <= limit


def test_what_a_crash_left_is_finished_whatever_is_left_of_it(
    scripted: Any, clock: Any, until: Until, tmp_path: Path
) -> None:
    source = scripted([broadcast(voice=12.0)])
    (done,) = of(record(source, clock, until, tmp_path), RecordingFinished)
    data = (tmp_path / f"{done.name}.flac").read_bytes()
    names = [done.name.replace("T183", f"T18{digit}") for digit in (4, 5)]
    # Without a draft, and cut in the middle of a frame; and no audio at all.
    (tmp_path / f".{names[0]}.flac.part").write_bytes(data[: len(data) // 2])
    (tmp_path / f".{names[1]}.flac.part").write_bytes(b"no audio" * 10_000)
    (tmp_path / f".{names[1]}.draft").write_bytes(b"{not json")
    (tmp_path / f".{names[1][:-1]}0.mp3.part").write_bytes(b"copy of nothing")
    # What cannot be played is kept, and not told to be there to play.
    (finished,) = start_anew(tmp_path, clock, until, 3)
    assert finished.name == names[0]
    index = RecordingIndex(tmp_path)
    half, nothing = index.read(names[0]), index.read(names[1])
    assert 0.4 < half.duration_s / done.duration_s < 0.6
    assert not half.complete
    assert (half.sample_rate, half.alert) == (RATE, None)
    assert half.copy is not None
    assert not set_off(tmp_path / half.copy.name)
    assert nothing.whole is not None
    assert nothing.whole.name == f"{names[1]}.partial"
    assert nothing.duration_s == 0.0
    assert [each.name for each in tmp_path.iterdir() if each.name[0] == "."] == []


def test_what_another_station_is_writing_is_no_leftover(
    clock: Any, until: Until, tmp_path: Path
) -> None:
    folder, audio = tmp_path / "kept", broadcast(voice=60.0)
    with child(folder, audio) as running:
        name = running.said("Alert")[0].split()[1]
        until((folder / f".{name}.flac.part").exists)
        assert leftovers(folder) == []
        running.process.kill()
        running.process.wait()
        assert leftovers(folder) == [name]


def test_below_the_floor_nothing_is_written_and_it_is_told_once(
    scripted: Any, clock: Any, until: Until, tmp_path: Path
) -> None:
    options = RecordingOptions(folder=str(tmp_path), floor_mb=1e12)
    source = scripted([noise(5.0), message(), noise(130.0), message()])
    station = Station(source, StationOptions(name="test", recording=options), clock)
    records: list[StationRecord] = []
    station.listen(records.append)
    station.start()
    until(lambda: not station.running)
    station.stop()
    (problem,) = of(records, RecordingProblem)
    assert problem.reason is RecordingTrouble.LOW_SPACE
    assert station.health.recording_problem == problem
    assert len(of(records, EndOfMessage)) == 2
    assert of(records, RecordingFinished) == []
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_told_once_and_once_when_it_can(
    clock: Any, until: Until, tmp_path: Path
) -> None:
    folder = tmp_path / "kept"
    folder.write_text("a file where the folder ought to be")
    writer = RecordingWriter(RecordingOptions(folder=str(folder), floor_mb=0.0), clock)
    writer.start()
    until(lambda: writer.problem is not None)
    for _ in range(3):
        clock.passed += 61.0
        time.sleep(0.6)
    (problem,) = of(writer.told(), RecordingProblem)
    assert problem.reason is RecordingTrouble.CANNOT_WRITE
    assert problem.hint is not None
    folder.unlink()
    clock.passed += 61.0
    until(lambda: writer.problem is None)
    writer.stop()
    assert writer.wait(10)
    (over,) = of(writer.told(), RecordingProblem)
    assert (over.reason, over.hint) == (None, None)
    assert list(folder.iterdir()) == []


def test_the_first_message_after_a_full_disk_has_room_is_recorded(
    scripted: Any, clock: Any, until: Until, tmp_path: Path
) -> None:
    made = of(
        record(scripted([broadcast()]), clock, until, tmp_path), RecordingFinished
    )
    draft = RecordingIndex(tmp_path).read(made[0].name)
    folder = tmp_path / "kept"
    folder.write_text("a file where the folder ought to be")
    writer = RecordingWriter(RecordingOptions(folder=str(folder), floor_mb=0.0), clock)
    writer.start()
    until(lambda: writer.problem is not None)
    folder.unlink()
    # No time passes: nobody has looked at the disk since.
    writer.begin(draft, np.full(RATE, 1000, np.int16))
    writer.end(draft)
    writer.stop()
    assert writer.wait(10)
    assert len(whole(folder, draft.name)) == RATE


def test_a_station_records_the_first_message_after_a_full_disk_has_room(
    scripted: Any,
    clock: Any,
    until: Until,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(recording_writer, "LOOK_AGAIN_SECONDS", 1e9)
    folder = tmp_path / "kept"
    folder.write_text("a file where the folder ought to be")
    source = scripted([noise(5.0), broadcast(), noise(30.0), broadcast()])
    options = RecordingOptions(folder=str(folder), floor_mb=0.0)
    station = Station(source, StationOptions(name="test", recording=options), clock)
    records: list[StationRecord] = []
    hear, recorded = source.blocks, 20 * RATE + len(broadcast())

    def once_in_trouble(*given: Any) -> Iterator[Any]:
        until(lambda: station.health.recording_problem is not None)
        folder.unlink()
        for block in hear(*given):
            if block.first_sample > recorded:
                # The clock runs faster than the disk writes.
                until(lambda: of(records, RecordingFinished) != [])
            yield block

    source.blocks = once_in_trouble
    station.listen(records.append)
    station.start()
    until(lambda: not station.running)
    station.stop()
    (alert,) = of(records, Alert)
    (finished,) = of(records, RecordingFinished)
    # Nothing was promised that might not have come; the repeat is not recorded again.
    assert alert.recording is None
    assert (finished.alert_id, finished.complete) == (alert.id, True)
    assert [one.recording for one in of(records, EndOfMessage)] == [None, finished.name]


def test_a_disk_that_hangs_holds_neither_the_alert_nor_the_stop(
    scripted: Any,
    clock: Any,
    until: Until,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hung, sync = threading.Event(), os.fsync

    def hang(file: int) -> None:
        hung.wait(30)
        sync(file)

    monkeypatch.setattr(os, "fsync", hang)
    options = RecordingOptions(folder=str(tmp_path), floor_mb=0.0)
    source = scripted([broadcast(), noise(300.0)])
    station = Station(source, StationOptions(name="test", recording=options), clock)
    records: list[StationRecord] = []
    station.listen(records.append)
    station.start()
    until(lambda: bool(of(records, EndOfMessage)))
    assert len(of(records, Alert)) == 1
    began = time.monotonic()
    station.stop()
    assert time.monotonic() - began < 2.0
    assert of(records, RecordingFinished) == []
    hung.set()
    until(lambda: station_threads() == [])
    (entry,) = RecordingIndex(tmp_path).entries()
    assert entry.complete


def test_what_waits_for_the_disk_is_bounded_and_what_is_lost_is_said(
    scripted: Any, clock: Any, until: Until, tmp_path: Path
) -> None:
    seconds: Pcm = np.full(RATE, 1000, np.int16)
    made = of(
        record(scripted([broadcast()]), clock, until, tmp_path), RecordingFinished
    )
    draft = RecordingIndex(tmp_path).read(made[0].name)
    RecordingIndex(tmp_path).remove(draft.name)
    options = RecordingOptions(folder=str(tmp_path), floor_mb=0.0)
    writer = RecordingWriter(options, clock, queue_bytes=10 * 2 * RATE)
    # It has not begun: nothing is taken off the queue.
    writer.begin(draft, seconds)
    taken = [writer.add(draft.name, seconds, 0) for _ in range(15)]
    assert taken == [True] * 9 + [False] * 6
    writer.start()
    until(lambda: writer.add(draft.name, seconds, 6 * RATE))
    writer.end(draft)
    writer.stop()
    assert writer.wait(10)
    (finished,) = of(writer.told(), RecordingFinished)
    assert finished.lost_s == 6.0
    kept = whole(tmp_path, draft.name)
    assert len(kept) == 17 * RATE
    assert not kept[10 * RATE : 16 * RATE].any()
    assert (kept[16 * RATE :] == 1000).all()


def test_the_last_minutes_are_saved_on_demand(
    scripted: Any, clock: Any, until: Until, tmp_path: Path
) -> None:
    audio = broadcast(attention=None)
    options = RecordingOptions(folder=str(tmp_path), floor_mb=0.0, ring_seconds=20.0)
    source = scripted([audio, noise(600.0, seed=9)])
    station = Station(source, StationOptions(name="test", recording=options), clock)
    with pytest.raises(RecordingError):
        station.save_recording()
    station.start()
    until(lambda: station.counters.samples > len(audio) + 4 * RATE)
    with pytest.raises(RecordingError):
        station.save_recording("162.400")
    saved = [
        station.save_recording("main", seconds).result(20) for seconds in (None, 5.0)
    ]
    station.stop()
    assert [each.duration_s for each in saved] == [35.0, 5.0]
    assert all(each.complete and each.alert_id is None for each in saved)
    assert set_off(saved[0].path)
    assert not set_off(saved[0].copy_path)
    entries = RecordingIndex(tmp_path).entries()
    assert {each.name for each in saved} <= {each.name for each in entries}
    with pytest.raises(RecordingError):
        station.save_recording()
