"""A dongle on another machine: what is set, what comes, and each thing that goes wrong."""

from collections.abc import Callable, Iterator
import contextlib
import socket
import struct
import threading
import time

import numpy as np
import pytest

from eas_core.audio.block import IqBlock
from eas_core.clock import SystemClock
from eas_core.radio.plan import DIRECT_SAMPLING_Q, NWR_CENTER, Tuning, nwr_plan
from eas_core.simulator.band import BandOptions, BandSimulator
from eas_core.simulator.rtl_tcp import RtlTcpServer
from eas_core.sources import rtl_tcp
from eas_core.sources.dongle import DongleOptions
from eas_core.sources.rtl_tcp import DongleInfo, RtlTcpSource, probe
from eas_core.sources.source import SourceError, SourceErrorReason
from tests.peers.network import free_port, until

GREETING = b"RTL0" + struct.pack(">II", 5, 29)
TUNING = nwr_plan().tuning
type Talk = Callable[[socket.socket], None]


@contextlib.contextmanager
def peer(talk: Talk) -> Iterator[int]:
    """A server that does with its one client what a test says; its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            client, _ = listener.accept()
            with client:
                talk(client)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", 1), 0.01)
        thread.join(30)


def source(port: int, **options: object) -> RtlTcpSource:
    dongle = DongleOptions(**options)  # type: ignore[arg-type]
    return RtlTcpSource(host="127.0.0.1", port=port, tuning=TUNING, dongle=dongle)


def fails(port: int) -> SourceError:
    """Hear until it fails; return how."""
    with pytest.raises(SourceError) as caught:
        for _ in source(port).blocks(SystemClock(), threading.Event()):
            pass
    assert caught.value.hint.endswith(".")
    return caught.value


def to_its_end(port: int) -> Iterator[IqBlock]:
    """Hear until the server ends the connection."""
    try:
        for block in source(port).blocks(SystemClock(), threading.Event()):
            assert isinstance(block, IqBlock)
            yield block
    except SourceError as error:
        assert error.reason is SourceErrorReason.DISCONNECTED


@pytest.fixture
def server() -> Iterator[RtlTcpServer]:
    band = BandSimulator(BandOptions(), SystemClock())
    with RtlTcpServer(band) as running:
        yield running


def test_a_server_tells_its_tuner(server: RtlTcpServer) -> None:
    assert probe("127.0.0.1", server.port) == DongleInfo(tuner="R820T", gains=29)


def test_every_setting_arrives_as_it_was_set() -> None:
    told: list[bytes] = []

    def talk(client: socket.socket) -> None:
        client.sendall(GREETING)
        while len(b"".join(told)) < 40 and (part := client.recv(100)):
            told.append(part)

    tuning = Tuning(center_frequency=1_130_000, sample_rate=240_000, direct_sampling=2)
    assert tuning.direct_sampling == DIRECT_SAMPLING_Q
    dongle = DongleOptions(gain_db=32.8, ppm=-3, agc=True, bias_tee=True)
    with peer(talk) as port:
        heard = RtlTcpSource(host="127.0.0.1", port=port, tuning=tuning, dongle=dongle)
        with pytest.raises(SourceError):
            list(heard.blocks(SystemClock(), threading.Event()))
    commands = [struct.unpack(">Bi", part) for part in chunks(b"".join(told), 5)]
    assert commands == [
        (0x02, 240_000),
        (0x09, 2),
        (0x05, -3),
        (0x01, 1_130_000),
        (0x08, 1),
        (0x03, 1),
        (0x04, 328),
        (0x0E, 1),
    ]


def chunks(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def test_automatic_gain_is_asked_for_and_no_gain_is_set(server: RtlTcpServer) -> None:
    stop = threading.Event()
    for _ in source(server.port).blocks(SystemClock(), stop):
        stop.set()
    until(lambda: len(server.commands) == 7)
    assert (0x03, 0) in server.commands
    assert 0x04 not in dict(server.commands)


def test_bytes_are_samples_whatever_the_pieces_they_come_in() -> None:
    raw = np.random.default_rng(3).integers(0, 256, 60_000, np.uint8)

    def talk(client: socket.socket) -> None:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        data, at, size = GREETING + raw.tobytes(), 0, 1
        while at < len(data):
            client.sendall(data[at : at + size])
            at, size = at + size, size * 3 % 5000 + 1

    parts = []
    position = 0
    with peer(talk) as port:
        for block in to_its_end(port):
            assert block.first_sample == position
            assert block.center_frequency == NWR_CENTER
            position += len(block.samples)
            parts.append(block.samples)
    heard = np.concatenate(parts)
    assert len(heard) == 24_000
    sent = (raw[:48_000].astype(np.float32) - 127.5) / 127.5
    assert np.allclose(heard.view(np.float32), sent)
    assert heard.dtype == np.complex64


def test_samples_come_at_the_rate_that_was_set(server: RtlTcpServer) -> None:
    stop = threading.Event()
    start, count = time.monotonic(), 0
    for block in source(server.port).blocks(SystemClock(), stop):
        count += len(block.samples)
        if time.monotonic() - start > 3:
            stop.set()
    assert count / 3 == pytest.approx(TUNING.sample_rate, rel=0.15)


def test_nothing_listens() -> None:
    assert fails(free_port()).reason is SourceErrorReason.REFUSED


def test_a_host_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: object, **options: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    # The test's own network knows no names and asks nobody.
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(SourceError) as caught:
        probe("attic.invalid", 1234)
    assert caught.value.reason is SourceErrorReason.UNREACHABLE
    assert "attic.invalid" in caught.value.hint


def test_a_port_that_is_none() -> None:
    assert fails(70_000).reason is SourceErrorReason.INVALID_OPTION


def test_another_server_is_told_from_rtl_tcp() -> None:
    def talk(client: socket.socket) -> None:
        client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with peer(talk) as port:
        assert fails(port).reason is SourceErrorReason.WRONG_PROTOCOL


def test_a_greeting_that_is_cut_off_is_another_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rtl_tcp, "GREETING_SECONDS", 0.5)

    def talk(client: socket.socket) -> None:
        client.sendall(b"220")
        client.recv(1)

    with peer(talk) as port:
        assert fails(port).reason is SourceErrorReason.WRONG_PROTOCOL


def test_a_server_that_answers_and_says_nothing_is_busy(
    server: RtlTcpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rtl_tcp, "GREETING_SECONDS", 0.5)
    stop = threading.Event()
    first = source(server.port).blocks(SystemClock(), stop)
    next(first)
    assert fails(server.port).reason is SourceErrorReason.BUSY
    stop.set()
    assert list(first) == []


def test_a_server_that_ends_the_connection(server: RtlTcpServer) -> None:
    blocks = source(server.port).blocks(SystemClock(), threading.Event())
    next(blocks)
    server.cut()
    with pytest.raises(SourceError) as caught:
        list(blocks)
    assert caught.value.reason is SourceErrorReason.DISCONNECTED
    # It is there again for the next try.
    again = source(server.port).blocks(SystemClock(), threading.Event())
    assert len(next(again).samples) > 0
    again.close()  # type: ignore[attr-defined]


def test_a_server_that_sends_no_more_is_seen(
    server: RtlTcpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rtl_tcp, "STALL_SECONDS", 1.0)
    blocks = source(server.port).blocks(SystemClock(), threading.Event())
    next(blocks)
    server.stall()
    start = time.monotonic()
    with pytest.raises(SourceError) as caught:
        list(blocks)
    assert caught.value.reason is SourceErrorReason.STALLED
    assert time.monotonic() - start < 5


def test_a_stall_is_seen_within_ten_seconds_by_default() -> None:
    assert rtl_tcp.STALL_SECONDS < 8
    assert rtl_tcp.CONNECT_SECONDS + rtl_tcp.GREETING_SECONDS <= 10


@pytest.mark.parametrize("stalled", [False, True])
def test_it_ends_within_a_second_of_stop(server: RtlTcpServer, stalled: bool) -> None:
    stop = threading.Event()
    blocks = source(server.port).blocks(SystemClock(), stop)
    next(blocks)
    if stalled:
        server.stall()
    ended = threading.Event()

    def hear() -> None:
        for _ in blocks:
            pass
        ended.set()

    thread = threading.Thread(target=hear)
    thread.start()
    time.sleep(0.3)
    stop.set()
    assert ended.wait(1.0)
    thread.join()


def test_samples_that_the_network_lost_are_a_gap() -> None:
    def talk(client: socket.socket) -> None:
        client.sendall(GREETING)
        silent = bytes([127, 127]) * (TUNING.sample_rate // 20)
        due = time.monotonic()
        for number in range(100):
            due += 0.05
            # A second is missing.
            if not 30 <= number < 50:
                client.sendall(silent)
            time.sleep(max(0.0, due - time.monotonic()))

    gaps = []
    position = 0
    with peer(talk) as port:
        for block in to_its_end(port):
            gaps.append((block.first_sample - position) / TUNING.sample_rate)
            position = block.first_sample + len(block.samples)
    assert sum(gaps) == pytest.approx(1.0, abs=0.15)
