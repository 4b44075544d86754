"""The systemd unit, looked at by systemd and run as it says."""

from pathlib import Path
import re
import shlex
import signal
import socket
import subprocess
import sys

import pytest

from tests.peers.mosquitto import PASSWORD, USER, listener, mosquitto, write_passwords
from tests.peers.network import until

ROOT = Path(__file__).parents[3]
UNIT = ROOT / "deploy" / "systemd" / "eas-agent.service"
INSTALLED = "/opt/eas-station/bin/eas-station"
EXPOSURE = 2.0
"""Of ten: what cannot be taken away is the network and the receiver."""


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit, with the program and its settings in a folder of the test's."""
    program = tmp_path / "eas-station"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m eas_core "$@"\n')
    program.chmod(0o755)
    text = UNIT.read_text().replace(INSTALLED, str(program))
    path = tmp_path / UNIT.name
    path.write_text(text.replace("/etc/eas-station", str(tmp_path)))
    return path


def settings(unit: Path) -> dict[str, str]:
    """Return what the unit sets, the last of each."""
    return dict(re.findall(r"^(\w+)=(.*)$", unit.read_text(), re.MULTILINE))


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *arguments], check=False, capture_output=True, text=True
    )


def test_systemd_finds_nothing_wrong(unit: Path) -> None:
    looked = analyze("verify", "--man=no", str(unit))
    assert (looked.returncode, looked.stderr) == (0, "")


def test_little_is_open_to_who_breaks_in(unit: Path) -> None:
    looked = analyze(
        "security", "--offline=yes", f"--threshold={EXPOSURE * 10:.0f}", str(unit)
    )
    assert looked.returncode == 0, looked.stdout
    exposure = re.search(r"Overall exposure level .*: ([\d.]+)", looked.stdout)
    assert exposure is not None
    assert float(exposure[1]) <= EXPOSURE


def test_the_dongle_belongs_to_the_group_that_the_unit_has(unit: Path) -> None:
    rules = (UNIT.parent / "60-eas-station-rtl-sdr.rules").read_text().splitlines()
    groups = settings(unit)["SupplementaryGroups"].split()
    given = [re.search(r'GROUP="(\w+)"', rule) for rule in rules if rule[:1] != "#"]
    assert given
    assert all(group is not None and group[1] in groups for group in given)


def test_its_command_hears_and_tells_systemd(unit: Path, tmp_path: Path) -> None:
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    told = settings(unit)
    with (
        mosquitto(write_passwords) as broker,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager,
    ):
        (tmp_path / "agent.toml").write_text(
            f"""
[agent]
name = "attic"
folder = "{tmp_path}/kept"
[broker]
host = "127.0.0.1"
port = {broker.port}
user = "{USER}"
password_file = "{tmp_path}/password"
[[station]]
name = "Radio"
source = "simulator"
"""
        )
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(30)
        environment = {
            "NOTIFY_SOCKET": str(tmp_path / "notify"),
            "WATCHDOG_USEC": str(int(told["WatchdogSec"]) * 1_000_000),
        }
        with (
            listener(broker, USER, PASSWORD) as hears,
            subprocess.Popen(
                shlex.split(told["ExecStart"]), cwd=ROOT, env=environment
            ) as process,
        ):
            try:
                assert manager.recv(200).startswith(b"READY=1")
                assert manager.recv(200) == b"WATCHDOG=1"
                until(lambda: bool(hears.told("status")))
                hears.publish("eas_station/attic/command", {"command": "self_test"})
                until(lambda: bool(hears.told("alert")))
                process.send_signal(signal.SIGTERM)
                assert process.wait(20) == 0
                assert manager.recv(200) == b"STOPPING=1"
            finally:
                process.kill()
        assert hears.told("alert")[0]["station"] == "Radio"
        assert hears.told("status")[0]["state"] == "online"
