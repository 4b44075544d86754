"""The band served as rtl_tcp serves a dongle."""

from collections.abc import Iterator
import socket
import struct
import subprocess
import sys
import time

import pytest

from eas_core.clock import SystemClock
from eas_core.errors import EasError
from eas_core.simulator.band import BandOptions, BandSimulator
from eas_core.simulator.rtl_tcp import RtlTcpServer
from tests.peers.network import free_port, until


@pytest.fixture
def server() -> Iterator[RtlTcpServer]:
    with RtlTcpServer(BandSimulator(BandOptions(), SystemClock())) as running:
        yield running


def connect(server: RtlTcpServer) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), 10)


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


def test_a_client_that_does_not_read_holds_nothing_up(server: RtlTcpServer) -> None:
    with connect(server) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        time.sleep(1.0)
        client.sendall(struct.pack(">BI", 0x02, 240_000))
        until(lambda: server.settings.sample_rate == 240_000)


def test_an_address_in_use_is_told(server: RtlTcpServer) -> None:
    with pytest.raises(EasError, match="another port"):
        RtlTcpServer(
            BandSimulator(BandOptions(), SystemClock()), "127.0.0.1", server.port
        )


def test_the_command_line_serves_until_it_is_ended() -> None:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "eas_core", "simulate", "--rtl-tcp", str(port)],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        assert "47 CFR 11.45" in process.stderr.readline()
        assert f"127.0.0.1:{port}" in process.stderr.readline()
        with socket.create_connection(("127.0.0.1", port), 10) as client:
            assert client.recv(4) == b"RTL0"
    finally:
        process.terminate()
        process.wait(30)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["out.wav", "--rtl-tcp", "1234"],
        ["--rtl-tcp", "radio"],
        ["--rtl-tcp", "1234", "--station", "162.5"],
        ["--rtl-tcp", "1234", "--station", "98.7"],
        ["--rtl-tcp", "1234", "--station", "162.550=loud"],
    ],
)
def test_bad_input_is_one_line_and_exit_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    from eas_core.cli import main

    if "162.5" in arguments:
        arguments = [*arguments, "--location", "none"]
    assert main(["simulate", *arguments]) == 2
    error = capsys.readouterr().err
    assert error.startswith("eas-station: ")
    assert error.count("\n") == 1
