"""The band served as rtl_tcp serves a dongle."""

from collections.abc import Iterator
from contextlib import ExitStack, suppress
import re
import signal
import socket
import struct
import subprocess
import sys
import time

import pytest

from eas_core.cli import main
from eas_core.clock import SystemClock
from eas_core.errors import EasError
from eas_core.simulator import rtl_tcp
from eas_core.simulator.band import BandOptions, BandSimulator
from eas_core.simulator.rtl_tcp import RtlTcpServer
from tests.peers.network import until


@pytest.fixture
def server() -> Iterator[RtlTcpServer]:
    with RtlTcpServer(BandSimulator(BandOptions(), SystemClock())) as running:
        yield running


def connect(server: RtlTcpServer) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), 10)


def is_silent(client: socket.socket) -> bool:
    """Whether nothing comes within the socket's time."""
    try:
        assert client.recv(65536)
    except TimeoutError:
        return True
    return False


def test_it_greets_as_rtl_tcp_does(server: RtlTcpServer) -> None:
    with connect(server) as client, client.makefile("rb") as stream:
        assert stream.read(12) == b"RTL0" + struct.pack(">II", 5, 29)
        assert len(stream.read(10_000)) == 10_000


def test_it_takes_commands_in_any_pieces_and_lets_unknown_ones_be(
    server: RtlTcpServer,
) -> None:
    with connect(server) as client:
        sent = struct.pack(">BIBiBI", 0x02, 240_000, 0x05, -7, 0x77, 1)
        for at in range(len(sent)):
            client.sendall(sent[at : at + 1])
            time.sleep(0.005)
        until(lambda: len(server.commands) == 3)
    assert server.settings.sample_rate == 240_000
    assert server.settings.ppm == -7


def test_a_rate_that_a_dongle_does_not_have_is_not_taken(server: RtlTcpServer) -> None:
    with connect(server) as client:
        client.sendall(struct.pack(">BI", 0x02, 500_000))
        until(lambda: len(server.commands) == 1)
    assert server.settings.sample_rate == 2_048_000


def test_a_second_client_waits_until_the_first_has_gone(server: RtlTcpServer) -> None:
    with connect(server) as first, connect(server) as second:
        assert first.recv(4) == b"RTL0"
        second.settimeout(0.5)
        with pytest.raises(TimeoutError):
            second.recv(4)
        first.close()
        second.settimeout(10)
        assert second.recv(4) == b"RTL0"
    assert server.clients == 2


def test_a_client_that_does_not_read_loses_some_and_hears_on(
    server: RtlTcpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rtl_tcp, "QUEUE_BLOCKS", 3)
    with connect(server) as client, client.makefile("rb") as stream:
        client.sendall(struct.pack(">BI", 0x02, 1_000_000))
        until(lambda: server.dropped >= 3)
        # Commands are heeded all the same; in the test mode bytes count up from 0.
        client.sendall(struct.pack(">BI", 0x07, 1))
        until(lambda: server.settings.test_mode)
        counting = bytes(range(256)) * 40
        data = b""
        for _ in range(200):
            data = data[-len(counting) :] + stream.read(200_000)
            if counting in data:
                break
        assert counting in data


def test_a_stall_is_silence_and_ends(server: RtlTcpServer) -> None:
    with connect(server) as client, client.makefile("rb") as stream:
        stream.read(1000)
        server.stall()
        client.settimeout(0.7)
        until(lambda: is_silent(client))
        server.resume()
        client.settimeout(10)
        assert client.recv(100)


def test_a_cut_ends_one_client_and_the_next_is_served(server: RtlTcpServer) -> None:
    with connect(server) as client, client.makefile("rb") as stream:
        stream.read(1000)
        server.cut()
        with suppress(ConnectionResetError):
            while stream.read(65536):
                pass
    with connect(server) as client:
        assert client.recv(4) == b"RTL0"


def test_garbage_is_no_greeting(server: RtlTcpServer) -> None:
    server.garbage()
    with connect(server) as client:
        assert client.recv(4) == b"HTTP"


@pytest.mark.parametrize("busy", [False, True])
def test_it_stops_at_once(busy: bool) -> None:
    server = RtlTcpServer(BandSimulator(BandOptions(), SystemClock()))
    server.start()
    with ExitStack() as stack:
        if busy:
            assert stack.enter_context(connect(server)).recv(4) == b"RTL0"
        start = time.monotonic()
        server.stop()
        assert time.monotonic() - start < 3
        with pytest.raises(ConnectionRefusedError):
            connect(server).close()


def test_one_that_was_never_started_frees_its_port() -> None:
    server = RtlTcpServer(BandSimulator(BandOptions(), SystemClock()))
    port = server.port
    server.stop()
    with RtlTcpServer(BandSimulator(BandOptions(), SystemClock()), port=port) as again:
        assert again.port == port


def test_an_address_in_use_is_told(server: RtlTcpServer) -> None:
    with pytest.raises(EasError, match="another port"):
        RtlTcpServer(
            BandSimulator(BandOptions(), SystemClock()), "127.0.0.1", server.port
        )


def test_the_command_line_serves_until_ctrl_c() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "eas_core", "simulate", "--rtl-tcp", "0"],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        assert "47 CFR 11.45" in process.stderr.readline()
        served = re.search(r"127\.0\.0\.1:(\d+)", process.stderr.readline())
        assert served is not None
        with socket.create_connection(("127.0.0.1", int(served[1])), 10) as client:
            assert client.recv(4) == b"RTL0"
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 130
        assert process.stderr.read() == ""
    finally:
        process.kill()
        process.communicate(timeout=30)


def test_the_command_line_hears_what_it_serves(
    server: RtlTcpServer, capsys: pytest.CaptureFixture[str]
) -> None:
    address = f"rtl_tcp://127.0.0.1:{server.port}"
    assert main(["listen", address, "--channel", "162.550", "--seconds", "1"]) == 1
    assert "level   162.550" in capsys.readouterr().err
    assert (0x02, 240_000) in server.commands


@pytest.mark.parametrize("address", ["rtl_tcp://", "rtl_tcp:attic", "rtl_tcp://["])
def test_an_address_that_is_none_is_one_line_and_exit_2(
    address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["listen", address]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_command_line_tells_that_a_port_is_taken(
    server: RtlTcpServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", "--rtl-tcp", f"127.0.0.1:{server.port}"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("eas-station: Choose another port")
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["out.wav", "--rtl-tcp", "1234"],
        ["--rtl-tcp", "radio"],
        ["--rtl-tcp", "70000"],
        ["--rtl-tcp", "1234", "--ppm", "nan"],
        ["--rtl-tcp", "1234", "--noise", "inf"],
        ["--rtl-tcp", "1234", "--station", "162.550=inf"],
        ["--rtl-tcp", "1234", "--warn-on", "98.7"],
        ["--rtl-tcp", "1234", "--location", "none"],
        ["--rtl-tcp", "1234", "--station", "98.7"],
        ["--rtl-tcp", "1234", "--station", "162.550=loud"],
    ],
)
def test_bad_input_is_one_line_and_exit_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", *arguments]) == 2
    error = capsys.readouterr().err
    assert error.startswith("eas-station: ")
    assert error.count("\n") == 1
