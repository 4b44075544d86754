"""The child is gone when it is not wanted, and when its parent is gone."""

from collections.abc import Iterator
from contextlib import contextmanager
import gc
import os
from pathlib import Path
import signal
import subprocess
import sys
import threading
import time

import pytest

from eas_core.clock import SystemClock
from eas_core.sources import child_process
from eas_core.sources.isolated import IsolatedSource, find_in_child
from tests.core.sources.isolated.isolation import (
    alive,
    children,
    heard,
    make_tree,
    until,
)
from tests.core.sources.isolated.odd import Fault, Odd, find_marker, find_surroundings

STOPS_WITHIN = 1.0
DIES_WITHIN = 2.0


def until_dead(pid: int) -> None:
    until(lambda: not alive(pid), DIES_WITHIN)


@pytest.mark.parametrize("fault", list(Fault))
@pytest.mark.parametrize("blocks_before", [0, 2], ids=["opening", "hearing"])
def test_a_stop_takes_less_than_a_second_in_every_state(
    odd_child: None, fault: Fault, blocks_before: int
) -> None:
    source = IsolatedSource(Odd(fault=fault, blocks_before=blocks_before))
    with heard(source) as hearing:
        pid = hearing.pid
        if blocks_before:
            hearing.until_heard()
        else:
            until(lambda: source.beat.cpu_seconds > 0 or source.pid is None)
        time.sleep(0.3)
        hearing.stop.set()
        assert hearing.until_ended() < STOPS_WITHIN
        assert not alive(pid)


def test_a_stop_takes_less_than_a_second_while_the_child_starts(
    odd_child: None,
) -> None:
    for delay in (0.0, 0.02, 0.05, 0.1, 0.2):
        with heard(IsolatedSource(Odd())) as hearing:
            pid = hearing.pid
            time.sleep(delay)
            hearing.stop.set()
            assert hearing.until_ended() < STOPS_WITHIN
            assert not alive(pid)


def test_a_stop_takes_less_than_a_second_when_the_child_is_stopped(
    odd_child: None,
) -> None:
    with heard(IsolatedSource(Odd())) as hearing:
        hearing.until_heard()
        pid = hearing.pid
        os.kill(pid, signal.SIGSTOP)
        hearing.stop.set()
        assert hearing.until_ended() < STOPS_WITHIN
        assert not alive(pid)


@pytest.mark.parametrize("live", [False, True], ids=["file", "live"])
def test_a_stop_lets_the_source_close_its_device(
    odd_child: None, tmp_path: Path, live: bool
) -> None:
    note = tmp_path / "note"
    source = IsolatedSource(Odd(live=live, blocks_before=10**9, closes_at=note))
    blocks = source.blocks(SystemClock(), threading.Event())
    next(blocks)
    blocks.close()  # type: ignore[attr-defined]
    assert note.read_text() == "closed"


def test_a_generator_that_is_let_fall_takes_its_child_along(odd_child: None) -> None:
    source = IsolatedSource(Odd())
    blocks = source.blocks(SystemClock(), threading.Event())
    next(blocks)
    assert children()
    del blocks
    gc.collect()
    assert not children()


def test_programs_that_the_source_started_go_with_it(
    odd_child: None, caplog: pytest.LogCaptureFixture
) -> None:
    for fault in (Fault.EXIT, Fault.SEGFAULT):
        with heard(IsolatedSource(Odd(fault=fault, companion=True))) as hearing:
            hearing.until_ended()
        line = next(each for each in caplog.text.splitlines() if "companion" in each)
        until_dead(int(line.split()[-1]))
        caplog.clear()


def test_twenty_openings_leave_nothing_behind(odd_child: None) -> None:
    def resources() -> tuple[int, int, set[int]]:
        return (
            len(list(Path("/proc/self/fd").iterdir())),
            threading.active_count(),
            children(),
        )

    source = IsolatedSource(Odd())
    before = resources()
    for turn in range(20):
        with heard(source) as hearing:
            hearing.until_heard()
            if turn % 3 == 0:
                os.kill(hearing.pid, signal.SIGKILL)
                hearing.until_ended()
    find_in_child(find_surroundings)
    until(lambda: resources() == before, 2.0)


def test_the_child_is_a_session_of_its_own(odd_child: None) -> None:
    with heard(IsolatedSource(Odd())) as hearing:
        hearing.until_heard()
        assert os.getsid(hearing.pid) == hearing.pid
        assert os.getpgid(hearing.pid) == hearing.pid


PARENT = """
import os, sys, threading
sys.path[:0] = [{root!r}]
from pathlib import Path
from eas_core.clock import SystemClock
from eas_core.sources import child_process
from eas_core.sources.isolated import IsolatedSource
from tests.core.sources.isolated.odd import Fault, Odd

child_process._MAIN = Path({main!r})
source = IsolatedSource(Odd(fault=Fault({fault!r})))
blocks = source.blocks(SystemClock(), threading.Event())

def hear():
    next(blocks)
    print(source.pid, flush=True)
    for block in blocks:
        pass
    os._exit(1)

threading.Thread(target=hear, daemon=True).start()
sys.stdin.read()
"""


@contextmanager
def parent(tree: Path, fault: Fault) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run a parent process; give it and its child's number."""
    root = Path(__file__).parents[4]
    script = PARENT.format(root=str(root), main=str(tree), fault=fault.value)
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        child = int(process.stdout.readline())
        try:
            assert alive(child)
            yield process, child
        finally:
            process.kill()


@pytest.mark.parametrize("fault", [Fault.NONE, Fault.HANG, Fault.HOLD_GIL])
@pytest.mark.parametrize("stopped", [False, True], ids=["running", "stopped"])
def test_the_child_goes_when_its_parent_is_killed(
    tree: Path, fault: Fault, stopped: bool
) -> None:
    with parent(tree, fault) as (process, child):
        if fault is not Fault.NONE:
            time.sleep(0.3)
        if stopped:
            os.kill(child, signal.SIGSTOP)
        process.kill()
        until_dead(child)


def test_the_child_goes_when_its_parent_ends(tree: Path) -> None:
    with parent(tree, Fault.NONE) as (process, child):
        process.communicate("")
        assert process.returncode == 0
        until_dead(child)


def test_the_child_goes_by_the_control_pipe_alone(tree: Path) -> None:
    # As on systems whose kernel does not end it: here the parent lives on.
    process = child_process.ChildProcess(
        {"module": "sources.odd", "name": "find_hang", "arguments": []}, "what hangs"
    )
    try:
        time.sleep(0.5)
        assert process._process.stdin
        process._process.stdin.close()
        until_dead(process.pid)
    finally:
        process.close()
    assert not children()


INSTALLED = """
import threading
from custom_components.eas_station.eas_core.clock import SystemClock
from custom_components.eas_station.eas_core.sources.isolated import (
    IsolatedSource, find_in_child,
)
from custom_components.eas_station.eas_core.sources.odd import (
    Fault, Odd, find_marker, find_surroundings,
)

source = IsolatedSource(Odd(fault=Fault.END))
print(len(list(source.blocks(SystemClock(), threading.Event()))))
print(find_in_child(find_marker)[0].name)
for found in find_in_child(find_surroundings):
    print(found.name)
"""


def test_it_runs_from_where_home_assistant_has_it(tmp_path: Path) -> None:
    config = tmp_path / "config"
    component = config / "custom_components" / "eas_station"
    component.mkdir(parents=True)
    make_tree(component)
    for folder in (component, component / "eas_core", config):
        for name in ("select", "event", "json", "numpy"):
            (folder / f"{name}.py").write_text("raise RuntimeError('shadow')")
    # What is imported first is the parent's affair: it has the real ones already.
    deps = config / "deps" / "lib" / "python3.14" / "site-packages"
    deps.mkdir(parents=True)
    (deps / "eas_marker.py").write_text("NAME = 'found in deps'")
    script = (
        f"import json, select, numpy, sys; sys.path.insert(0, {str(config)!r}); "
        f"sys.path.append({str(deps)!r})\n{INSTALLED}"
    )
    result = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=os.environ | {"RTLSDR_TEST": "handed on", "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    count, marker, *path, where, variable = result.stdout.splitlines()
    assert (count, marker) == ("3", "found in deps")
    assert (where, variable) == ("/", "handed on")
    ours = [entry for entry in path if entry.startswith(str(tmp_path))]
    assert ours == [str(deps)]
    assert "" not in path


def test_what_is_installed_for_this_python_is_found(
    odd_child: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "lib" / "site-packages"
    folder.mkdir(parents=True)
    (folder / "eas_marker.py").write_text("NAME = 'here'")
    monkeypatch.syspath_prepend(str(folder))
    assert find_in_child(find_marker)[0].name == "here"
