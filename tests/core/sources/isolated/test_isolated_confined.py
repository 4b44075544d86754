"""What a child process has: its pipes, what drivers look at, and no more."""

import os
from pathlib import Path
import resource

import pytest

from eas_core.sources.child_leash import MOST_BYTES
from eas_core.sources.isolated import IsolatedSource
from eas_core.sources.source import SourceErrorReason
from tests.core.sources.isolated.isolation import heard
from tests.core.sources.isolated.odd import Fault, Odd

CANARY = "canary-5f0c"


def of(pid: int, name: str) -> str:
    """Return what the kernel tells of a process."""
    return Path(f"/proc/{pid}/{name}").read_bytes().decode(errors="replace")


def test_it_knows_what_drivers_need_and_nobodys_secrets(
    odd_child: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for secret in ("SUPERVISOR_TOKEN", "EAS_PASSWORD", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(secret, CANARY)
    monkeypatch.setenv("PULSE_SERVER", "unix:/run/audio/pulse.sock")
    with heard(IsolatedSource(Odd(words=CANARY))) as hearing:
        hearing.until_heard()
        environment = of(hearing.pid, "environ")
        assert CANARY not in environment
        assert CANARY not in of(hearing.pid, "cmdline")
        assert "PULSE_SERVER=unix:/run/audio/pulse.sock" in environment
        assert f"PATH={os.environ['PATH']}" in environment


def test_it_inherits_no_file(odd_child: None, tmp_path: Path) -> None:
    with (tmp_path / "open").open("w") as file:
        os.set_inheritable(file.fileno(), True)
        with heard(IsolatedSource(Odd())) as hearing:
            hearing.until_heard()
            folder = Path(f"/proc/{hearing.pid}/fd")
            held = {each.readlink().name for each in folder.iterdir()}
    assert "null" in held
    assert Path(file.name).name not in held


def test_it_can_become_nothing_more_and_leaves_no_core(odd_child: None) -> None:
    with heard(IsolatedSource(Odd())) as hearing:
        hearing.until_heard()
        assert "NoNewPrivs:\t1" in of(hearing.pid, "status")
        assert resource.prlimit(hearing.pid, resource.RLIMIT_CORE) == (0, 0)
        memory = resource.prlimit(hearing.pid, resource.RLIMIT_DATA)
        assert memory == (MOST_BYTES, MOST_BYTES)


def test_one_that_asks_for_all_memory_gets_none_and_fails_alone(
    odd_child: None,
) -> None:
    with heard(IsolatedSource(Odd(fault=Fault.HOG))) as hearing:
        failure = hearing.failure
    assert failure.reason is SourceErrorReason.BROKEN
    assert "MemoryError" in failure.hint
