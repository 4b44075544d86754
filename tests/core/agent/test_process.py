"""The command `agent` as a service manager runs it: started, watched, killed, stopped."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
import os
from pathlib import Path
import signal
import socket
import subprocess
import sys

import numpy as np
import pytest

from eas_core.agent.spool import Spool
from eas_core.audio.files import write_wav
from eas_core.cli import main
from eas_core.modem.encoder import encode_message, silence
from tests.peers.mosquitto import Mosquitto, listener, mosquitto
from tests.peers.network import until

ROOT = Path(__file__).parents[3]
RATE = 16_000


@pytest.fixture
def broker() -> Iterator[Mosquitto]:
    with mosquitto() as runs:
        yield runs


@pytest.fixture
def message(tmp_path: Path) -> Path:
    """A whole message of six seconds, issued now."""
    issued = datetime.now(UTC).strftime("%j%H%M")
    header = f"ZCZC-WXR-TOR-039035+0030-{issued}-KCLE/NWS-"
    made = encode_message(header, RATE, attention=None, gap_seconds=0.3)
    path = tmp_path / "tornado.wav"
    lead = silence(0.3, RATE)
    write_wav(path, np.concatenate((lead, made, lead)), RATE)
    return path


def write_config(folder: Path, port: int, source: Path) -> Path:
    path = folder / "agent.toml"
    path.write_text(
        f"""
[agent]
name = "attic"
folder = "{folder}/kept"
[broker]
host = "127.0.0.1"
port = {port}
[[station]]
name = "Radio"
source = "{source}"
"""
    )
    return path


@contextmanager
def agent(config: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "eas_core", "agent", "--config", str(config)]
    process = subprocess.Popen(
        command, cwd=ROOT, env=os.environ | environment, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_message_goes_from_the_air_to_the_broker(
    tmp_path: Path, broker: Mosquitto, message: Path
) -> None:
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind(str(tmp_path / "notify"))
    manager.settimeout(30)
    config = write_config(tmp_path, broker.port, message)
    watched = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "900000"}
    with manager, listener(broker) as hears, agent(config, **watched) as process:
        assert manager.recv(200).startswith(b"READY=1")
        assert manager.recv(200) == b"WATCHDOG=1"
        assert manager.recv(200) == b"WATCHDOG=1"
        until(lambda: len(hears.told("eom")) == 1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        until(lambda: hears.told("status")[-1]["state"] == "offline")
    (alert,) = hears.told("alert")
    assert (alert["event_code"], alert["station"]) == ("TOR", "Radio")
    assert hears.told("eom")[0]["alert_id"] == alert["id"]


def test_an_agent_that_is_killed_has_lost_nothing(
    tmp_path: Path, broker: Mosquitto, message: Path
) -> None:
    config = write_config(tmp_path, broker.port, message)
    broker.kill()
    with agent(config):
        # The alert is told at its third burst, and it is killed in mid-message.
        until(
            lambda: (
                (tmp_path / "kept").exists() and bool(Spool(tmp_path / "kept").unsent)
            )
        )
    (kept,) = Spool(tmp_path / "kept").unsent
    broker.start()
    with listener(broker) as hears, agent(config) as process:
        until(lambda: bool(hears.told("alert")))
        process.send_signal(signal.SIGKILL)
        until(lambda: hears.told("status")[-1]["state"] == "offline")
    first = hears.told("alert")[0]
    assert (first["id"], first["late"]) == (kept.payload["id"], True)


def test_a_file_is_looked_at_without_hearing(
    tmp_path: Path, message: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = write_config(tmp_path, 1883, message)
    assert main(["agent", "--config", str(config), "--check"]) == 0
    assert capsys.readouterr().out == "attic: Radio\n"
    config.write_text("[agent]\n")
    assert main(["agent", "--config", str(config), "--check"]) == 2
    assert capsys.readouterr().err.startswith("eas-station: ")
