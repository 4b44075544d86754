"""Recordings on the disk: their names, sidecars and list, and what must go."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
import json
import os
from pathlib import Path
import time
from typing import Any

from hypothesis import given, strategies as st
import pytest

from eas_core.station import (
    RecordingError,
    RecordingIndex,
    RecordingOptions,
    recordings,
)
from eas_core.station.recording_cut import cut_part
from eas_core.station.recording_files import (
    NAME,
    check_name,
    from_json,
    recording_name,
    time_of,
    to_json,
)
from eas_core.station.recording_limits import too_much, too_old
from eas_core.station.recording_writer import RecordingWriter
from tests.core.station.hearing import Until
from tests.core.station.recording import put

NOON = datetime(2026, 6, 8, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)), st.text(), st.text())
def test_a_name_is_safe_whatever_comes_off_the_air(
    at: datetime, event_code: str, identity: str
) -> None:
    at = at.replace(tzinfo=UTC)
    name = recording_name(at, event_code, identity)
    assert NAME.fullmatch(name)
    assert name.isascii()
    assert check_name(name) == name
    assert timedelta() <= at - time_of(name) < timedelta(milliseconds=1)


@given(st.lists(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1))))
def test_names_sort_by_time(moments: list[datetime]) -> None:
    names = [recording_name(each.replace(tzinfo=UTC), "TOR", "1") for each in moments]
    assert [time_of(each) for each in sorted(names)] == sorted(
        time_of(each) for each in names
    )


def test_names_tell_what_they_are_of() -> None:
    at = NOON.replace(microsecond=7_000)
    assert recording_name(at, "TOR", "0123456789abcdef") == (
        "20260608T120000007Z-TOR-0123456789abcdef"
    )
    assert recording_name(at, "SAVED", "162.550") == "20260608T120000007Z-SAVED-162550"
    assert recording_name(at, "T?", "../x") == "20260608T120000007Z-UNK-x"


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../20260608T120000000Z-TOR-1",
        "/etc/passwd",
        "20260608T120000000Z-TOR-1/../../x",
        "20260608T120000000Z-TOR-..",
        "20260608T120000000Z-TOR-1\n",
        "20260608T120000000Z-TOR-1\x00",
        "20260608T120000000Z-TOR-1.json",
        "20260608T120000000Z-TOR-É",
        "٢0260608T120000000Z-TOR-1",
        "C:\\20260608T120000000Z-TOR-1",
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(name: str, tmp_path: Path) -> None:
    index = RecordingIndex(tmp_path / "kept")
    put(tmp_path / "kept", NOON)
    outside = tmp_path / "20260608T120000000Z-TOR-1.json"
    outside.write_bytes(b"{}")
    calls: list[Callable[[str], object]] = [index.read, index.path, index.remove]
    for call in calls:
        with pytest.raises(RecordingError):
            call(name)
    with pytest.raises(RecordingError):
        index.newest(5, before=name)
    assert outside.exists()
    assert len(index.entries()) == 1


@pytest.mark.parametrize("end", [".x/../../../secret", ".json", ""])
def test_a_sidecar_that_names_what_is_no_audio_is_damaged(
    tmp_path: Path, end: str
) -> None:
    name = put(tmp_path, NOON)
    sidecar = tmp_path / f"{name}.json"
    text = sidecar.read_text(encoding="utf-8")
    sidecar.write_text(text.replace(f"{name}.flac", f"{name}{end}"))
    index = RecordingIndex(tmp_path)
    with pytest.raises(RecordingError):
        index.path(name)
    assert index.entries() == ()


def test_whoever_plays_what_is_damaged_is_not_told_where_it_lies(
    tmp_path: Path,
) -> None:
    name = put(tmp_path, NOON)
    sidecar = tmp_path / f"{name}.json"
    told = json.loads(sidecar.read_bytes())
    told |= {"parts": [{"part": "header", "start_s": 0, "end_s": 1}]}
    sidecar.write_text(json.dumps(told))
    (tmp_path / f"{name}.flac").write_bytes(b"no audio")
    with pytest.raises(RecordingError) as refused:
        cut_part(RecordingIndex(tmp_path), name, "header")
    assert str(tmp_path) not in str(refused.value)


def test_what_is_written_is_read_and_what_a_later_version_adds_is_passed_over(
    tmp_path: Path,
) -> None:
    name = put(tmp_path, NOON)
    told = RecordingIndex(tmp_path).read(name)
    assert from_json(to_json(told)) == told
    later = to_json(told).replace(b'"version": 1', b'"version": 2, "transcript": "x"')
    assert from_json(later) == told


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("alert", 7),
        ("alert", {"message": "\ud800"}),
        ("duration_s", "nan"),
        ("duration_s", 10**400),
        ("parts", [{"part": "header", "start_s": "0", "end_s": 1.0}]),
        ("copy_spans", [[None, None]]),
    ],
)
def test_a_field_that_is_none_damages_a_sidecar(
    tmp_path: Path, field: str, value: object
) -> None:
    index = RecordingIndex(tmp_path)
    told = json.loads(to_json(index.read(put(tmp_path, NOON))))
    with pytest.raises(RecordingError, match="damaged"):
        from_json(json.dumps(told | {field: value}).encode())


@given(st.binary() | st.text().map(str.encode))
def test_a_damaged_sidecar_is_an_error_with_a_sentence(text: bytes) -> None:
    with pytest.raises(RecordingError):
        from_json(text)


def test_the_list_follows_what_comes_changes_and_goes(tmp_path: Path) -> None:
    index = RecordingIndex(tmp_path / "kept")
    assert index.entries() == ()
    first = put(tmp_path / "kept", NOON)
    second = put(tmp_path / "kept", NOON + DAY, test=True)
    saved = put(tmp_path / "kept", NOON + 2 * DAY, saved=True)
    found = index.entries()
    assert [each.name for each in found] == [first, second, saved]
    assert [each.test for each in found] == [False, True, False]
    assert [each.event_code for each in found] == ["TOR", "RWT", ""]
    assert found[0].started == NOON
    assert [each.name for each in index.newest(2)] == [saved, second]
    assert [each.name for each in index.newest(2, before=second)] == [first]
    # One without its audio is none, nor is one whose sidecar is damaged.
    (tmp_path / "kept" / f"{first}.flac").unlink()
    (tmp_path / "kept" / f"{second}.json").write_bytes(b"{")
    assert [each.name for each in index.entries()] == [saved]
    index.remove(saved)
    assert index.entries() == ()
    with pytest.raises(RecordingError):
        index.remove(saved)
    assert not list((tmp_path / "kept").glob(f"{saved}*"))


def test_a_sidecar_is_read_once_until_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[bytes] = []

    def count(text: bytes) -> Any:
        read.append(text)
        return from_json(text)

    monkeypatch.setattr(recordings, "from_json", count)
    names = [put(tmp_path, NOON + number * DAY) for number in range(20)]
    index = RecordingIndex(tmp_path)
    for _ in range(5):
        assert len(index.entries()) == 20
    assert len(read) == 20
    put(tmp_path, NOON + 21 * DAY)
    sidecar = tmp_path / f"{names[3]}.json"
    changed = tmp_path / "changed"
    changed.write_bytes(sidecar.read_bytes().replace(b"Bench", b"Other"))
    changed.replace(sidecar)
    assert index.entries()[3].station == "Other"
    assert len(read) == 22


def test_the_list_is_bounded_and_the_oldest_are_surplus(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recordings, "MOST_ENTRIES", 5)
    names = [put(tmp_path, NOON + number * DAY) for number in range(8)]
    index = RecordingIndex(tmp_path)
    assert [each.name for each in index.entries()] == names[3:]
    assert list(index.surplus) == names[:3]


def test_what_is_too_much_goes_tests_first_and_the_oldest_first(
    tmp_path: Path,
) -> None:
    alert = put(tmp_path, NOON, megabytes=10)
    later = put(tmp_path, NOON + DAY, megabytes=10)
    saved = put(tmp_path, NOON + 2 * DAY, saved=True, megabytes=10)
    old = put(tmp_path, NOON + 3 * DAY, test=True, megabytes=10)
    new = put(tmp_path, NOON + 4 * DAY, test=True, megabytes=10)
    entries = RecordingIndex(tmp_path).entries()
    order = [old, new, saved, alert, later]
    for kept in range(6):
        options = RecordingOptions(folder="", keep_mb=10.1 * kept)
        assert too_much(entries, options) == order[: 5 - kept]


def test_tests_are_kept_for_fewer_days_than_alerts(tmp_path: Path) -> None:
    alert = put(tmp_path, NOON)
    test = put(tmp_path, NOON, test=True)
    entries = RecordingIndex(tmp_path).entries()
    options = RecordingOptions(folder="", keep_days=30, keep_test_days=7)
    for days, gone in ((6, []), (8, [test]), (29, [test]), (31, [alert, test])):
        assert sorted(too_old(entries, NOON + days * DAY, options)) == sorted(gone)


def test_over_weeks_the_folder_keeps_what_the_options_say(
    clock: Any, until: Until, tmp_path: Path
) -> None:
    options = RecordingOptions(
        folder=str(tmp_path),
        keep_days=60,
        keep_test_days=7,
        keep_mb=12.5,
        floor_mb=0.0,
    )
    writer, index = RecordingWriter(options, clock), RecordingIndex(tmp_path)
    start = clock.now()
    writer.start()
    alerts: list[str] = []
    tests: list[str] = []

    def as_set() -> bool:
        # Twelve of a megabyte fit, and only the last test is young enough.
        names = [each.name for each in index.entries()]
        fits = tests[-1:] if len(alerts) < 12 else []
        return names == sorted([*alerts[-12:], *fits])

    for week in range(5):
        day = start + week * 7 * DAY
        tests.append(put(tmp_path, day, test=True, megabytes=1.0))
        alerts += [
            put(tmp_path, day + hour * DAY / 24, megabytes=1.0) for hour in range(1, 4)
        ]
        clock.passed = (week * 7 + 6) * 86_400.0
        until(as_set)
    clock.passed += 61 * 86_400.0
    until(lambda: index.entries() == ())
    writer.stop()
    assert writer.wait(10)
    assert writer.told() == []


def test_a_clock_that_is_wrong_at_the_start_deletes_nothing(
    clock: Any, until: Until, tmp_path: Path
) -> None:
    name = put(tmp_path, NOON)
    options = RecordingOptions(folder=str(tmp_path), floor_mb=0.0)
    clock.start = NOON + 50 * 365 * DAY
    writer = RecordingWriter(options, clock)
    writer.start()
    writer.stop()
    assert writer.wait(10)
    assert [each.name for each in RecordingIndex(tmp_path).entries()] == [name]


def test_a_thousand_are_listed_in_a_moment(tmp_path: Path) -> None:
    name = put(tmp_path, NOON)
    text = (tmp_path / f"{name}.json").read_text(encoding="utf-8")
    for number in range(1, 1000):
        other = recording_name(NOON + number * timedelta(minutes=1), "TOR", "1")
        (tmp_path / f"{other}.flac").write_bytes(b"")
        (tmp_path / f"{other}.json").write_text(text.replace(name, other))
    os.utime(tmp_path, (1, 1))
    index = RecordingIndex(tmp_path)
    assert len(index.entries()) == 1000
    began = time.perf_counter()
    assert len(index.entries()) == 1000
    assert time.perf_counter() - began < 0.1
