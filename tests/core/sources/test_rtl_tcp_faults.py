"""Each thing that goes wrong between here and an rtl_tcp elsewhere has a reason and a hint of its own."""

import _socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
import socket
import struct
import threading
import time

import pytest

from eas_core.clock import SystemClock
from eas_core.simulator.band import BandOptions, BandSimulator
from eas_core.simulator.rtl_tcp import RtlTcpServer
from eas_core.sources import rtl_tcp
from eas_core.sources.rtl_tcp import probe
from eas_core.sources.source import SourceError, SourceErrorReason
from script.ports import free_port
from tests.peers.rtl_tcp import GREETING, peer, source


@pytest.fixture
def server() -> Iterator[RtlTcpServer]:
    band = BandSimulator(BandOptions(), SystemClock())
    with RtlTcpServer(band) as running:
        yield running


def fails(port: int, host: str = "127.0.0.1") -> SourceErrorReason:
    """Hear until it fails; return why."""
    with pytest.raises(SourceError) as caught:
        for _ in source(port, host).blocks(SystemClock(), threading.Event()):
            pass
    assert caught.value.hint.endswith(".")
    assert "\n" not in caught.value.hint
    return caught.value.reason


@contextmanager
def port_that_never_answers() -> Iterator[int]:
    """A port whose system takes no more connections, and says nothing about it."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", port))
        yield port


def test_nothing_listens() -> None:
    assert fails(free_port()) is SourceErrorReason.REFUSED


def test_nothing_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rtl_tcp, "CONNECT_SECONDS", 0.5)
    with port_that_never_answers() as port:
        assert fails(port) is SourceErrorReason.UNREACHABLE


def test_a_host_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: object, **options: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    # The test's own network knows no names and asks nobody.
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(SourceError, match=r"attic\.invalid") as caught:
        probe("attic.invalid", 1234)
    assert caught.value.reason is SourceErrorReason.UNREACHABLE


@pytest.mark.parametrize("host", ["a" * 70 + ".invalid", "attic\0", "\ud800", "..", ""])
def test_what_is_no_host(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Home Assistant's tests refuse names; these are refused before they are asked for.
    monkeypatch.setattr(socket, "getaddrinfo", _socket.getaddrinfo)
    assert fails(1234, host) in (
        SourceErrorReason.UNREACHABLE,
        SourceErrorReason.INVALID_OPTION,
    )


@pytest.mark.parametrize("port", [0, -1, 70_000])
def test_what_is_no_port(port: int) -> None:
    assert fails(port) is SourceErrorReason.INVALID_OPTION


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\0",
        b"RTL1" + bytes(8),
        b"RTL" + bytes(100_000),
        b"rtl0" + bytes(8),
    ],
)
def test_another_server_is_told_from_rtl_tcp_at_once(answer: bytes) -> None:
    def talk(client: socket.socket) -> None:
        client.sendall(answer)
        client.recv(100)

    with peer(talk) as port:
        start = time.monotonic()
        assert fails(port) is SourceErrorReason.WRONG_PROTOCOL
        assert time.monotonic() - start < 3


@pytest.mark.parametrize("pieces", [[b"RT"], [b"R", b"T", b"L", b"0", b"\0", b"\0"]])
def test_a_greeting_that_does_not_end_is_another_server(
    pieces: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rtl_tcp, "GREETING_SECONDS", 1.0)

    def talk(client: socket.socket) -> None:
        for piece in pieces:
            client.sendall(piece)
            time.sleep(0.1)
        client.recv(1)

    with peer(talk) as port:
        assert fails(port) is SourceErrorReason.WRONG_PROTOCOL


def test_a_server_that_hangs_up_before_it_greets_has_ended_the_connection() -> None:
    with peer(lambda client: None) as port:
        assert fails(port) is SourceErrorReason.DISCONNECTED


def test_a_server_that_answers_and_says_nothing_is_busy(
    server: RtlTcpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rtl_tcp, "GREETING_SECONDS", 0.5)
    stop = threading.Event()
    first = source(server.port).blocks(SystemClock(), stop)
    next(first)
    assert fails(server.port) is SourceErrorReason.BUSY
    stop.set()
    assert list(first) == []


def test_a_server_that_ends_the_connection_is_heard_at_the_next_try(
    server: RtlTcpServer,
) -> None:
    blocks = source(server.port).blocks(SystemClock(), threading.Event())
    next(blocks)
    server.cut()
    with pytest.raises(SourceError, match="See whether") as caught:
        list(blocks)
    assert caught.value.reason is SourceErrorReason.DISCONNECTED
    again = source(server.port).blocks(SystemClock(), threading.Event())
    assert len(next(again).samples) > 0
    again.close()  # type: ignore[attr-defined]


def test_a_connection_that_is_reset_is_one_that_was_ended() -> None:
    def talk(client: socket.socket) -> None:
        client.sendall(GREETING)
        client.recv(100)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with peer(talk) as port:
        assert fails(port) is SourceErrorReason.DISCONNECTED


def test_a_server_that_becomes_another_one_is_told_at_the_next_try(
    server: RtlTcpServer,
) -> None:
    server.garbage()
    assert fails(server.port) is SourceErrorReason.WRONG_PROTOCOL
    server.resume()
    stop = threading.Event()
    for _ in source(server.port).blocks(SystemClock(), stop):
        stop.set()
    assert server.clients == 2


def test_noise_in_place_of_samples_is_noise(server: RtlTcpServer) -> None:
    blocks = source(server.port).blocks(SystemClock(), threading.Event())
    next(blocks)
    server.garbage()
    for _ in range(10):
        block = next(blocks)
        assert abs(block.samples.view("f4")).max() <= 1.0
    blocks.close()  # type: ignore[attr-defined]


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


def test_a_server_that_sends_next_to_nothing_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rtl_tcp, "STALL_SECONDS", 1.0)

    def talk(client: socket.socket) -> None:
        client.sendall(GREETING)
        for _ in range(300):
            client.sendall(b"\x7f")
            time.sleep(0.1)

    with peer(talk) as port:
        assert fails(port) is SourceErrorReason.STALLED


def test_a_fault_is_seen_within_ten_seconds_by_default() -> None:
    assert rtl_tcp.STALL_SECONDS < 8
    assert rtl_tcp.CONNECT_SECONDS + rtl_tcp.GREETING_SECONDS <= 10


def ends_at_once(port: int, host: str = "127.0.0.1", after: float = 0.4) -> None:
    """Hear, stop after some seconds, and see that it ends, without an error, in one."""
    stop, ended = threading.Event(), threading.Event()

    def hear() -> None:
        for _ in source(port, host).blocks(SystemClock(), stop):
            pass
        ended.set()

    thread = threading.Thread(target=hear)
    thread.start()
    time.sleep(after)
    assert not ended.is_set()
    stop.set()
    assert ended.wait(1.0)
    thread.join()


@pytest.mark.parametrize("stalled", [False, True])
def test_it_ends_within_a_second_of_stop(server: RtlTcpServer, stalled: bool) -> None:
    if stalled:
        server.stall()
    ends_at_once(server.port, after=1.0)


def test_it_ends_while_it_connects() -> None:
    with port_that_never_answers() as port:
        ends_at_once(port)


def test_it_ends_while_it_waits_for_the_greeting() -> None:
    def talk(client: socket.socket) -> None:
        client.recv(1)

    with peer(talk) as port:
        ends_at_once(port)


def test_it_ends_while_it_asks_for_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()

    def slow(*args: object, flags: int = 0, **options: object) -> None:
        if not flags & socket.AI_NUMERICHOST:
            answered.wait(30)
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    ends_at_once(1234, "attic.invalid")
    answered.set()
    for thread in threading.enumerate():
        if thread.name == "eas_resolve":
            thread.join(30)
