"""The stand-in is what Debian's own programs and pyrtlsdr's own classes take for librtlsdr."""

import os
from pathlib import Path
import signal
import socket
import subprocess
import sys

import numpy as np
import pytest

from tests.standin import FLAGS, NO_DEVICE, Standin, build
from tests.standin.child import running, wait_for

SERIAL = "00000101"


@pytest.fixture
def iq(tmp_path: Path) -> Path:
    path = tmp_path / "iq.u8"
    path.write_bytes(np.random.default_rng(2).bytes(1 << 20))
    return path


@pytest.fixture
def standin(tmp_path: Path, iq: Path) -> Standin:
    standin = Standin(tmp_path / "standin")
    standin.add("00000001")
    standin.add(SERIAL, iq=iq)
    return standin


def symbols(path: Path, kind: str) -> set[str]:
    listed = subprocess.run(
        ["nm", "-D", str(path)], capture_output=True, text=True, check=True
    )
    rows = (line.split() for line in listed.stdout.splitlines())
    return {row[-1] for row in rows if row[-2] == kind and row[-1].startswith("rtlsdr")}


@pytest.mark.parametrize("program", ["rtl_tcp", "rtl_fm", "rtl_test", "rtl_eeprom"])
def test_it_has_every_function_that_debians_programs_ask_for(program: str) -> None:
    has = symbols(build() / "librtlsdr.so.0", "T")
    assert symbols(Path("/usr/bin") / program, "U") <= has


def test_the_old_one_lacks_nothing_that_debians_library_has() -> None:
    debian = Path(f"/usr/lib/{sys.implementation._multiarch}/librtlsdr.so.0")
    assert symbols(build(like_0_6_0=True) / "librtlsdr.so.0", "T") == symbols(
        debian, "T"
    )


def test_rtl_tcp_serves_the_samples(standin: Standin, iq: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    command = ["rtl_tcp", "-a", "127.0.0.1", "-p", str(port), "-d", SERIAL]
    whole = iq.read_bytes()
    with running([*command, "-s", "960000", "-f", "162487500"], standin.environment):
        wait_for(lambda: standin.dongles[1].state().get("center_frequency"))
        with connected(port) as client, client.makefile("rb") as stream:
            greeting, samples = stream.read(12), stream.read(300_000)
    assert greeting == b"RTL0" + bytes((0, 0, 0, 5)) + bytes((0, 0, 0, 29))
    assert samples == whole[:300_000]


def connected(port: int) -> socket.socket:
    clients: list[socket.socket] = []

    def connect() -> bool:
        try:
            clients.append(socket.create_connection(("127.0.0.1", port), 10))
        except ConnectionRefusedError:
            return False
        return True

    wait_for(connect)
    return clients[0]


def test_rtl_fm_demodulates_at_the_pace_of_the_samples(standin: Standin) -> None:
    command = ["rtl_fm", "-d", SERIAL, "-f", "162.55M", "-s", "24k", "-"]
    with running(command, standin.environment) as child:
        count = 0
        while count < 48_000:
            count += len(child.read())
    assert standin.dongles[1].state()["samples"] > 0


def test_rtl_fm_ends_after_a_file_that_ends(standin: Standin) -> None:
    standin.dongles[1].change(loop=False, end="terminate", speed=2)
    command = ["rtl_fm", "-d", SERIAL, "-f", "162.55M", "-s", "24k", "-"]
    with running(command, standin.environment) as child:
        count = 0
        while more := child.read():
            count += len(more)
        assert child.process.wait(10) == 0
    # 24 kHz times 42 is what rtl_fm sets; 2 bytes in and out a sample.
    assert count == pytest.approx((1 << 20) / 42, rel=0.1)


def test_pyrtlsdrs_own_class_reads_it(standin: Standin) -> None:
    program = (
        "import json\n"
        "from rtlsdr import RtlSdr\n"
        "radio = RtlSdr(serial_number='00000101')\n"
        "radio.sample_rate, radio.center_freq, radio.gain = 240e3, 162.4875e6, 20\n"
        "values = radio.gain, round(radio.sample_rate), len(radio.read_samples(512))\n"
        "print(json.dumps({'values': values}), flush=True)\n"
        "radio.close()\n"
    )
    with running([sys.executable, "-c", program], standin.environment) as child:
        assert child.line()["values"] == [19.7, 240_000, 512]


def test_a_sync_read_of_a_dongle_that_is_gone_says_so(standin: Standin) -> None:
    program = (
        "import json\n"
        "from rtlsdr import RtlSdr\n"
        "radio = RtlSdr(serial_number='00000101')\n"
        "print(json.dumps({'opened': 1}), flush=True)\n"
        "try:\n"
        "    while True: radio.read_bytes(16384)\n"
        "except OSError as e: print(json.dumps({'code': e.errno}), flush=True)\n"
    )
    with running([sys.executable, "-c", program], standin.environment) as child:
        child.until("opened")
        standin.dongles[1].unplug()
        assert child.until("code")["code"] == NO_DEVICE


def test_nothing_of_it_but_the_interface_is_visible() -> None:
    listed = subprocess.run(
        ["nm", "-D", "--defined-only", str(build() / "librtlsdr.so")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert all(" T rtlsdr_" in line for line in listed.stdout.splitlines())
    assert "-Wl,-soname,librtlsdr.so.0" in FLAGS


def test_a_killed_program_leaves_the_dongle_to_the_next(standin: Standin) -> None:
    command = ["rtl_fm", "-d", SERIAL, "-f", "162.55M", "-"]
    for _ in range(2):
        with running(command, {**os.environ, **standin.variables}) as child:
            child.read()
            child.process.send_signal(signal.SIGKILL)
            child.process.wait(10)
