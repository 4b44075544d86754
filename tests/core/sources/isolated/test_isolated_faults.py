"""What the parent sees of a child that crashes, hangs or is taken over."""

from itertools import pairwise
import os
from pathlib import Path
import signal
import struct
import sys
import threading
import time

import pytest

from eas_core.clock import SystemClock
from eas_core.sources import child_process, isolated
from eas_core.sources.child_wire import AUDIO, BEAT, MAGIC, VERSION
from eas_core.sources.isolated import IsolatedSource
from eas_core.sources.source import SourceError, SourceErrorReason
from tests.core.sources.isolated.isolation import Hearing, alive, heard, until
from tests.core.sources.isolated.odd import Fault, Odd

SEEN_WITHIN = 10.0
"""Seconds until a stall is seen; a crash is seen at once."""


def into_pipe(pid: int, garbage: bytes) -> None:
    """Write into the pipe between child and parent, as a native library might."""
    folder = Path(f"/proc/{pid}/fd")
    errors = (folder / "2").readlink()
    for each in folder.iterdir():
        target = each.readlink()
        mode = each.lstat().st_mode
        if target != errors and str(target).startswith("pipe:") and mode & 0o200:
            with each.open("wb", buffering=0) as pipe:
                pipe.write(garbage)
            return
    raise AssertionError("The child has no pipe.")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM])
def test_a_child_that_is_killed_has_crashed_and_the_hint_names_the_signal(
    odd_child: None, number: signal.Signals
) -> None:
    with heard(IsolatedSource(Odd())) as hearing:
        hearing.until_heard()
        os.kill(hearing.pid, number)
        assert hearing.until_ended() < 2.0
        assert hearing.failure.reason is SourceErrorReason.CRASHED
        assert number.name in hearing.failure.hint


def test_a_segfault_in_native_code_is_a_crash_and_the_log_shows_where(
    odd_child: None, caplog: pytest.LogCaptureFixture
) -> None:
    with heard(IsolatedSource(Odd(fault=Fault.SEGFAULT))) as hearing:
        assert hearing.failure.reason is SourceErrorReason.CRASHED
        assert "SIGSEGV" in hearing.failure.hint
    assert "Fatal Python error: Segmentation fault" in caplog.text
    assert "string_at" in caplog.text


def test_a_child_that_leaves_by_itself_has_crashed(odd_child: None) -> None:
    with heard(IsolatedSource(Odd(fault=Fault.EXIT))) as hearing:
        assert hearing.failure.reason is SourceErrorReason.CRASHED
        assert "code 3" in hearing.failure.hint


def test_a_child_killed_while_it_opens_has_crashed(odd_child: None) -> None:
    source = IsolatedSource(Odd(fault=Fault.HANG, blocks_before=0))
    with heard(source) as hearing:
        until(lambda: source.beat.cpu_seconds > 0)
        os.kill(hearing.pid, signal.SIGKILL)
        assert hearing.until_ended() < 2.0
        assert hearing.failure.reason is SourceErrorReason.CRASHED


@pytest.mark.parametrize("fault", [Fault.QUIET, Fault.HOLD_GIL])
def test_a_source_that_gives_nothing_more_is_seen_to_stall(
    odd_child: None, fault: Fault
) -> None:
    with heard(IsolatedSource(Odd(fault=fault))) as hearing:
        hearing.until_heard()
        pid = hearing.pid
        assert hearing.failure.reason is SourceErrorReason.STALLED
        assert time.monotonic() - hearing.block_at < SEEN_WITHIN
        assert not alive(pid)


def test_a_child_that_is_stopped_is_seen_to_stall(odd_child: None) -> None:
    with heard(IsolatedSource(Odd())) as hearing:
        hearing.until_heard()
        pid = hearing.pid
        os.kill(pid, signal.SIGSTOP)
        assert hearing.failure.reason is SourceErrorReason.STALLED
        assert time.monotonic() - hearing.block_at < SEEN_WITHIN
        assert not alive(pid)


def test_a_source_that_never_opens_is_seen_to_stall(
    odd_child: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(isolated, "OPEN_SECONDS", 1.0)
    source = IsolatedSource(Odd(fault=Fault.HANG, blocks_before=0))
    with heard(source) as hearing:
        assert hearing.failure.reason is SourceErrorReason.STALLED
        assert "1 seconds" in hearing.failure.hint


def test_a_child_that_never_starts_is_seen_to_stall(
    odd_child: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    script = tmp_path / "main.py"
    script.write_text("import time; time.sleep(1000)", encoding="utf-8")
    monkeypatch.setattr(child_process, "_MAIN", script)
    monkeypatch.setattr(isolated, "START_SECONDS", 1.0)
    with heard(IsolatedSource(Odd())) as hearing:
        assert hearing.failure.reason is SourceErrorReason.STALLED
        assert "did not start" in hearing.failure.hint


@pytest.mark.parametrize("python", ["/nowhere/python", "/", "", None])
def test_a_child_that_cannot_be_started_is_a_source_error(
    odd_child: None, monkeypatch: pytest.MonkeyPatch, python: str | None
) -> None:
    monkeypatch.setattr(sys, "executable", python)
    blocks = IsolatedSource(Odd()).blocks(SystemClock(), threading.Event())
    with pytest.raises(SourceError, match="could not be started") as caught:
        next(blocks)
    assert caught.value.reason is SourceErrorReason.BROKEN


@pytest.mark.parametrize(
    "garbage",
    [
        b"Found 1 device(s):\n",
        b"\x00" * 8,
        MAGIC + struct.pack("<BBI", VERSION, AUDIO, 2**32 - 1),
        MAGIC + struct.pack("<BBI", VERSION + 1, BEAT, 2) + b"{}",
        MAGIC + struct.pack("<BBI", VERSION, 99, 2) + b"{}",
        MAGIC + struct.pack("<BBI", VERSION, BEAT, 5) + b"[1,2]",
        MAGIC + struct.pack("<BBI", VERSION, AUDIO, 3) + b"abc",
        MAGIC + struct.pack("<BBIqqq", VERSION, AUDIO, 24, 0, 0, 0),
        MAGIC + struct.pack("<BBIqqq", VERSION, AUDIO, 25, 16_000, 0, 0) + b"a",
    ],
    ids=[
        "text",
        "zeros",
        "huge",
        "version",
        "kind",
        "note",
        "short",
        "rate",
        "odd",
    ],
)
def test_what_is_no_frame_is_an_error_at_once_and_no_hang(
    odd_child: None, garbage: bytes
) -> None:
    with heard(IsolatedSource(Odd())) as hearing:
        hearing.until_heard()
        pid = hearing.pid
        into_pipe(pid, garbage)
        assert hearing.until_ended() < 2.0
        assert hearing.failure.reason is SourceErrorReason.CRASHED
        assert not alive(pid)


def test_a_frame_that_never_comes_to_its_end_is_seen_to_stall(
    odd_child: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(isolated, "BEAT_SECONDS", 1.0)
    with heard(IsolatedSource(Odd(fault=Fault.HOLD_GIL))) as hearing:
        hearing.until_heard()
        time.sleep(0.5)
        into_pipe(hearing.pid, MAGIC + struct.pack("<BBI", VERSION, AUDIO, 1000))
        assert hearing.failure.reason is SourceErrorReason.STALLED


def test_a_consumer_that_is_slow_loses_the_oldest_and_is_told_by_the_count(
    odd_child: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child_process, "PIPE_BYTES", 4096)
    monkeypatch.setattr(isolated, "BEAT_SECONDS", 1.5)
    monkeypatch.setattr(isolated, "BLOCK_SECONDS", 1.5)
    stop = threading.Event()
    source = IsolatedSource(Odd(speed=10.0))
    blocks = source.blocks(SystemClock(), stop)
    firsts = [next(blocks).first_sample for _ in range(5)]
    time.sleep(3.0)
    firsts += [next(blocks).first_sample for _ in range(100)]
    stop.set()
    assert list(blocks) == []
    gaps = {b - a for a, b in pairwise(firsts)}
    assert min(gaps) == 1600
    # Thirty seconds were made in the pause, of which the child keeps four.
    assert max(gaps) > 10 * 16_000
    assert source.beat.dropped > 100


def test_a_file_is_waited_for_and_loses_nothing(
    odd_child: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child_process, "PIPE_BYTES", 4096)
    source = IsolatedSource(Odd(live=False, fault=Fault.END, blocks_before=200))
    firsts = []
    for block in source.blocks(SystemClock(), threading.Event()):
        firsts.append(block.first_sample)
        if len(firsts) == 5:
            time.sleep(0.5)
    assert firsts == list(range(0, 200 * 1600, 1600))


def test_the_child_does_not_depend_on_the_thread_that_opened_it(
    odd_child: None,
) -> None:
    stop = threading.Event()
    blocks = IsolatedSource(Odd()).blocks(SystemClock(), stop)
    opener = threading.Thread(target=lambda: next(blocks))
    opener.start()
    opener.join()
    assert len([next(blocks) for _ in range(10)]) == 10
    stop.set()
    assert list(blocks) == []


def test_a_source_can_be_opened_again_after_each_fault(odd_child: None) -> None:
    source = IsolatedSource(Odd())
    for number in (signal.SIGKILL, signal.SIGSEGV):
        hearing = Hearing(source)
        hearing.until_heard()
        os.kill(hearing.pid, number)
        assert hearing.failure.reason is SourceErrorReason.CRASHED
    with heard(source) as hearing:
        hearing.until_heard(3)
