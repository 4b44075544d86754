"""An agent's own log tells each fault of its sources, its spool and its threads once, and its end."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
import logging
from pathlib import Path
import shutil
import threading

import numpy as np
import pytest

from eas_core.agent import agent
from eas_core.agent.agent import Agent
from eas_core.agent.supervisor import Supervisor
from eas_core.audio.files import write_wav
from eas_core.fault_log import MOST_LINES
from eas_core.sources.file import FileSource
from eas_core.station import pulse, trouble_log
from eas_core.station.options import StationOptions
from eas_core.station.records import (
    Health,
    RecordingProblem,
    RecordingTrouble,
    SourceState,
    SourceStatus,
)
from eas_core.station.station import Station
from eas_core.station.trouble_log import TroubleLog
from script.ports import free_port
from tests.core.agent.told import ToldStation, alert, config
from tests.peers.network import until

NOW = datetime(2026, 6, 8, 18, 30, tzinfo=UTC)
HOUR = 3600
FULL = RecordingProblem(at=NOW, reason=RecordingTrouble.LOW_SPACE, hint="Make room.")


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        f"{one.levelname} {one.getMessage()}"
        for one in caplog.records
        if one.name.startswith("eas_core") and one.levelno >= logging.INFO
    ]


def health(state: SourceState, hint: str | None = None) -> Health:
    status = SourceStatus(state=state, since=NOW, hint=hint)
    return replace(ToldStation().health, status=status)


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> TroubleLog:
    caplog.set_level(logging.INFO)
    return TroubleLog(logging.getLogger("eas_core.agent.agent"), "Radio")


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (SourceState.DOWN, "hears nothing"),
        (SourceState.DEGRADED, "hears badly"),
        (SourceState.QUIET, "hears silence"),
        (SourceState.NO_SIGNAL, "hears no station"),
    ],
)
def test_an_hour_of_a_trouble_is_two_lines(
    caplog: pytest.LogCaptureFixture, log: TroubleLog, state: SourceState, said: str
) -> None:
    for now in range(0, HOUR, 5):
        log.look(health(state, f"Try {now} at http://me:secret@radio/."), now)
        if now % 60 == 0:
            # It is opened again, and hears for a moment.
            log.look(health(SourceState.STARTING), now + 1)
            log.look(health(SourceState.HEARING), now + 2)
    for now in range(HOUR, HOUR + 70, 5):
        log.look(health(SourceState.HEARING), now)
    assert lines(caplog) == [
        f"WARNING Radio {said}: Try 0 at http://***@radio/.",
        "INFO Radio hears again",
    ]


def test_an_hour_without_a_disk_is_two_lines(
    caplog: pytest.LogCaptureFixture, log: TroubleLog
) -> None:
    well = health(SourceState.HEARING)
    for now in range(0, HOUR, 5):
        log.look(replace(well, recording_problem=FULL), now)
    log.look(well, HOUR)
    assert lines(caplog) == [
        "WARNING Radio cannot record: Make room.",
        "INFO Radio records again",
    ]


def test_what_comes_and_goes_fills_no_log(
    caplog: pytest.LogCaptureFixture, log: TroubleLog
) -> None:
    for now in range(0, HOUR, 120):
        log.look(health(SourceState.DOWN, "Wait."), now)
        log.look(health(SourceState.HEARING), now + 10)
        log.look(health(SourceState.HEARING), now + 75)
    assert len(lines(caplog)) == MOST_LINES


@contextmanager
def running(folder: Path, station: Station) -> Iterator[None]:
    """Run an agent that finds no broker."""
    runs = Agent(config(folder, free_port()), {"Radio": station}, Supervisor({}))
    stop = threading.Event()
    thread = threading.Thread(target=runs.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        runs.wake()
        thread.join(20)
        assert not thread.is_alive()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """An agent that looks all the time."""
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(agent, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(agent, "CHANGED_SECONDS", 0.0)
    monkeypatch.setattr(trouble_log, "OVER_AFTER_SECONDS", 0.0)


@pytest.mark.usefixtures("quick")
def test_an_agent_says_what_its_source_does(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "radio.wav"
    source = FileSource(path, loop=True, live=True)
    station = Station(source, StationOptions(name="Radio"))
    with running(tmp_path / "agent", station):
        until(lambda: "Radio hears nothing: " in caplog.text)
        noise = np.random.default_rng(1).normal(0, 0.05, 160_000).astype(np.float32)
        write_wav(tmp_path / "new.wav", noise, 16_000)
        (tmp_path / "new.wav").rename(path)
        until(lambda: "Radio hears again" in caplog.text)
    begun, over = [one for one in lines(caplog) if " Radio " in one]
    assert str(path) in begun
    assert over == "INFO Radio hears again"
    # That nobody is at the broker's is told once, too.
    assert len(lines(caplog)) == 3


@pytest.mark.usefixtures("quick")
def test_an_agent_says_that_it_cannot_keep_what_it_hears(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder, station = tmp_path / "agent", ToldStation()
    with running(folder, station):
        until(folder.exists)
        shutil.rmtree(folder)
        for _ in range(60):
            station.say(alert())
        until(lambda: "in memory only" in caplog.text)
        folder.mkdir()
        station.say(alert("SVR"))
        until(lambda: "is kept in" in caplog.text)
    begun, over = [one for one in lines(caplog) if "What is heard" in one]
    assert begun.startswith("WARNING What is heard is in memory only. Make room and ")
    assert over == f"INFO What is heard is kept in {folder} again"


@pytest.mark.usefixtures("quick")
def test_an_agent_says_that_a_thread_hangs(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agent, "PULSE_SECONDS", 0.0)
    monkeypatch.setattr(pulse, "HANGS_SECONDS", 0.0)
    station = ToldStation()
    with running(tmp_path / "agent", station):
        station.hangs = True
        until(lambda: pulse.HUNG_HINT in caplog.text)
        station.hangs = False
        until(lambda: "work again" in caplog.text)
    told = [one for one in lines(caplog) if "thread" in one]
    assert told == [
        f"WARNING {pulse.HUNG_HINT}",
        "INFO The threads that decode work again",
    ]
