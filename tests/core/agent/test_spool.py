"""What was heard is on the disk when it counts as kept, whatever happens then."""

from pathlib import Path
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from eas_core.agent.spool import FILE, SPARE_LINES, Kept, Spool, SpoolError


def keep(spool: Spool, number: int, *, test: bool = False) -> Kept:
    payload = {"id": f"{number:x}", "received": f"2026-11-25T00:{number:02}:00+00:00"}
    return spool.keep("alert", payload, test=test)


def ids(kept: list[Kept]) -> list[str]:
    return [each.payload["id"] for each in kept]


def test_what_was_kept_is_there_after_a_kill(tmp_path: Path) -> None:
    first = Spool(tmp_path)
    kept = keep(first, 1)
    keep(first, 2)
    first.mark_sent(kept.number)
    again = Spool(tmp_path)
    assert ids(again.unsent) == ["2"]
    assert ids(again.after("")) == ["1", "2"]
    assert keep(again, 3).number > keep(first, 3).number - 1


def test_what_was_heard_by_a_wrong_clock_is_among_what_came_later(
    tmp_path: Path,
) -> None:
    spool = Spool(tmp_path)
    for minute in (10, 30, 5, 40):
        keep(spool, minute)
    assert ids(spool.after("2026-11-25T00:20:00+00:00")) == ["1e", "5", "28"]


def test_what_is_known_was_not_missed_but_its_update_was(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    known = keep(spool, 1).payload
    spool.keep("alert", {**known, "update": True}, test=False)
    for alert_id in ("1", "2", None):
        spool.keep("eom", {"alert_id": alert_id}, test=True)
    missed = spool.missed("", {"1"})
    assert [(one.kind, one.payload.get("alert_id")) for one in missed] == [
        ("alert", None),
        ("eom", "2"),
    ]


@pytest.mark.parametrize("cut", range(1, 40, 7))
def test_a_line_that_was_cut_off_costs_itself_alone(tmp_path: Path, cut: int) -> None:
    spool = Spool(tmp_path)
    keep(spool, 1)
    keep(spool, 2)
    file = tmp_path / FILE
    file.write_bytes(file.read_bytes()[:-cut])
    again = Spool(tmp_path)
    # With its end of line gone alone, the message is whole.
    assert ids(again.unsent) == (["1", "2"] if cut == 1 else ["1"])
    keep(again, 3)
    assert ids(Spool(tmp_path).unsent)[-1] == "3"


def test_tests_go_first_then_what_the_broker_has_then_what_is_old(
    tmp_path: Path,
) -> None:
    spool = Spool(tmp_path, most=3)
    keep(spool, 1)
    spool.mark_sent(keep(spool, 2).number)
    keep(spool, 3, test=True)
    keep(spool, 4)
    assert ids(spool.after("")) == ["1", "2", "4"]
    keep(spool, 5)
    assert ids(spool.after("")) == ["1", "4", "5"]
    keep(spool, 6)
    assert ids(spool.after("")) == ["4", "5", "6"]
    assert ids(Spool(tmp_path, most=3).after("")) == ["4", "5", "6"]


def test_the_file_does_not_grow_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.fsync", lambda descriptor: None)
    spool, sizes = Spool(tmp_path, most=2), []
    for number in range(2 * SPARE_LINES):
        spool.mark_sent(keep(spool, number % 60).number)
        sizes.append((tmp_path / FILE).stat().st_size)
    assert max(sizes) < 200 * SPARE_LINES
    assert sizes[-1] < max(sizes)


def test_a_disk_that_is_full_is_told_and_nothing_is_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = Spool(tmp_path)
    keep(spool, 1)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", full)
        with pytest.raises(SpoolError, match="Make room"):
            keep(spool, 2)
    assert ids(spool.unsent) == ["1", "2"]
    keep(spool, 3)
    assert ids(Spool(tmp_path).unsent) == ["1", "2", "3"]


def test_a_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SpoolError):
        Spool(tmp_path / "file")


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("keep"), st.booleans()),
        st.tuples(st.just("sent"), st.integers(0, 30)),
        st.tuples(st.just("kill"), st.just(0)),
        st.tuples(st.just("garbage"), st.binary(max_size=20)),
    ),
    max_size=30,
)


@given(steps=STEPS)
@settings(max_examples=60, deadline=None)
def test_no_message_is_lost_over_any_number_of_kills(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, Any]]
) -> None:
    folder = tmp_path_factory.mktemp("spool")
    spool, unsent = Spool(folder), list[int]()
    for number, (step, value) in enumerate(steps):
        match step:
            case "keep":
                unsent.append(keep(spool, number, test=value).number)
            case "sent":
                spool.mark_sent(value)
                unsent = [each for each in unsent if each != value]
            case "kill":
                spool = Spool(folder)
            case "garbage":
                # What a file system may leave at the end after a loss of power.
                with (folder / FILE).open("ab") as file:
                    file.write(value + b"\n")
                spool = Spool(folder)
    assert [each.number for each in Spool(folder).unsent] == unsent
