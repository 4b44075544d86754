"""Streams that are none: each fault has its own reason, and none takes for ever."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
import itertools
from pathlib import Path
import re
import socket
import ssl
import subprocess
import threading
import time

from hypothesis import given, strategies as st
import numpy as np
import pytest

from eas_core.sources import stream, stream_connection, stream_http
from eas_core.sources.source import SourceError, SourceErrorReason
from eas_core.sources.stream import StreamSource
from eas_core.sources.stream_url import StreamUrl
from script.ports import free_port
from tests.core.sources.certificates import Certificate, certificate
from tests.core.sources.streams import Listener, message_file, seconds_until_stopped
from tests.peers.network import until
from tests.peers.web import Answer, WebServer, file, ok, status


@pytest.fixture
def web(loopback: None) -> Iterator[WebServer]:
    with WebServer() as web:
        yield web


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a second where a user waits for ten."""
    monkeypatch.setattr(stream_connection, "CONNECT_SECONDS", 1.0)
    monkeypatch.setattr(stream_http, "ANSWER_SECONDS", 1.0)
    monkeypatch.setattr(stream, "FIRST_AUDIO_SECONDS", 1.5)
    monkeypatch.setattr(stream, "STALL_SECONDS", 1.0)
    monkeypatch.setattr(stream, "AHEAD_SECONDS", 600.0)


@pytest.fixture(scope="module")
def mp3(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("audio")
    return encoded(folder, "-b:a", "32k", "-f", "mp3")


def encoded(folder: Path, *options: str) -> bytes:
    command = ["ffmpeg", "-v", "error", "-i", str(message_file(folder)), *options, "-"]
    return subprocess.run(command, check=True, timeout=60, capture_output=True).stdout


def fault(url: str) -> SourceErrorReason:
    """Return how a stream fails, and see to it that it does so in time."""
    began = time.monotonic()
    error = Listener(StreamSource(url=url)).hear_to_its_end()
    assert time.monotonic() - began < 10
    assert "secret" not in error.hint
    return error.reason


@pytest.mark.parametrize(
    "url",
    [
        "",
        "weather",
        "/etc/passwd",
        "file:///etc/passwd",
        "concat:file:///etc/passwd|file:///etc/group",
        "data:audio/wav;base64,UklGRg==",
        "ftp://127.0.0.1/stream",
        "http://",
        "http:///stream",
        "http://[::1/stream",
        "http://127.0.0.1:99999/stream",
        "http://127.0.0.1:port/stream",
        "http://127.0.0.1 /stream",
        "http://a..b/stream",
        "http://me:secret@/stream",
        "http://127.0.0.1/\ud800",
    ],
)
def test_an_address_that_is_none_is_told(url: str) -> None:
    assert fault(url) is SourceErrorReason.INVALID_OPTION


@given(
    st.sampled_from(["", "http://", "https://", "rtsp://", "http://[", "http://a@b:"]),
    st.text(max_size=30),
)
def test_any_text_is_an_address_or_is_told_to_be_none(scheme: str, text: str) -> None:
    with suppress(SourceError):
        url = StreamUrl.parse(scheme + text)
        assert url.host
        assert url.target.isascii()
        assert not re.search(r"\s", url.target)


def test_a_host_that_is_unknown_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    reason = fault("http://me:secret@unknown.invalid/stream")
    assert reason is SourceErrorReason.UNREACHABLE


def test_a_name_that_is_looked_up_for_ever_holds_up_neither_a_stop_nor_a_retry(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given_up = threading.Event()

    def look_up(*_: object, flags: int = 0, **__: object) -> None:
        if not flags & socket.AI_NUMERICHOST:
            given_up.wait(60)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    url = "http://slow.invalid/stream"
    assert fault(url) is SourceErrorReason.UNREACHABLE
    monkeypatch.setattr(stream_connection, "CONNECT_SECONDS", 60.0)
    assert seconds_until_stopped(Listener(StreamSource(url=url))) < 1
    given_up.set()
    until(
        lambda: not [each for each in threading.enumerate() if "resolve" in each.name]
    )


def test_a_host_that_is_silent_is_unreachable(
    monkeypatch: pytest.MonkeyPatch, loopback: None
) -> None:
    """A listener whose queue is full answers no more than a host that is off."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for sock in waiting:
            sock.setblocking(False)
            sock.connect_ex(("127.0.0.1", port))
        reason = fault(f"http://127.0.0.1:{port}/stream")
        for sock in waiting:
            sock.close()
    assert reason is SourceErrorReason.UNREACHABLE


@pytest.mark.parametrize("scheme", ["http", "https", "rtsp"])
def test_a_port_where_nothing_listens_refuses(scheme: str) -> None:
    reason = fault(f"{scheme}://me:secret@127.0.0.1:{free_port()}/stream")
    assert reason is SourceErrorReason.REFUSED


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (401, SourceErrorReason.UNAUTHORIZED),
        (403, SourceErrorReason.UNAUTHORIZED),
        (404, SourceErrorReason.NOT_FOUND),
        (410, SourceErrorReason.NOT_FOUND),
        (400, SourceErrorReason.BROKEN),
        (500, SourceErrorReason.BROKEN),
        (503, SourceErrorReason.BROKEN),
        (304, SourceErrorReason.BROKEN),
    ],
)
def test_a_servers_refusal_is_told_by_its_kind(
    web: WebServer, number: int, reason: SourceErrorReason
) -> None:
    web.answers["/stream"] = status(number, body="<html>no</html>")
    address = web.address.replace("//", "//me:secret@")
    assert fault(f"{address}/stream") is reason


WAV_HEAD = b"RIFF\xff\xff\xff\xffWAVEfmt "
CONCAT = b"ffconcat version 1.0\nfile '/etc/passwd'\n"


@pytest.mark.parametrize(
    ("data", "content_type", "reason"),
    [
        (b"<!doctype html><p>Listen here", "text/html; charset=utf-8", SourceErrorReason.NOT_AUDIO),
        (b"<!doctype html><p>Listen here", "", SourceErrorReason.NOT_AUDIO),
        (b'{"error": "no"}', "application/json", SourceErrorReason.NOT_AUDIO),
        (b"\x89PNG\r\n\x1a\n" + bytes(500), "image/png", SourceErrorReason.NOT_AUDIO),
        (b"\x89PNG\r\n\x1a\n" + bytes(500), "audio/mpeg", SourceErrorReason.NOT_AUDIO),
        (b"", "audio/mpeg", SourceErrorReason.EMPTY),
        (b"", "text/html", SourceErrorReason.EMPTY),
        (b"x", "audio/mpeg", SourceErrorReason.NOT_AUDIO),
        (WAV_HEAD, "audio/wav", SourceErrorReason.NOT_AUDIO),
        (b"OggS", "audio/ogg", SourceErrorReason.NOT_AUDIO),
        (b"OggS" + bytes(5000), "audio/ogg", SourceErrorReason.NOT_AUDIO),
        (CONCAT, "audio/mpeg", SourceErrorReason.NOT_AUDIO),
        (b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nm=audio 9 RTP/AVP 0\r\n", "", SourceErrorReason.NOT_AUDIO),
        (np.random.default_rng(1).bytes(200_000), "audio/mpeg", SourceErrorReason.NOT_AUDIO),
        (b"#EXTM3U\n", "audio/x-mpegurl", SourceErrorReason.NOT_AUDIO),
        (b"[playlist]\nNumberOfEntries=0\n", "audio/x-scpls", SourceErrorReason.NOT_AUDIO),
        (b"file:///etc/passwd\n", "audio/x-mpegurl", SourceErrorReason.WRONG_PROTOCOL),
        (b"#EXTM3U\nconcat:/etc/passwd|/etc/group\n", "audio/x-mpegurl", SourceErrorReason.WRONG_PROTOCOL),
        (b"#EXTM3U\n/stream\n", "audio/x-mpegurl", SourceErrorReason.WRONG_PROTOCOL),
    ],
)  # fmt: skip
def test_what_is_no_stream_is_told(
    web: WebServer, data: bytes, content_type: str, reason: SourceErrorReason
) -> None:
    web.answers["/stream"] = file(data, content_type)
    assert fault(f"{web.address}/stream") is reason


def test_a_film_without_sound_is_no_audio(web: WebServer, tmp_path: Path) -> None:
    command = "ffmpeg -v error -f lavfi -i testsrc=size=64x64:rate=5:duration=5 -c:v mpeg2video -f mpegts -"
    film = subprocess.run(command.split(), check=True, timeout=60, capture_output=True)
    web.answers["/stream"] = file(film.stdout, "video/mp2t")
    assert fault(f"{web.address}/stream") is SourceErrorReason.NOT_AUDIO


def test_a_films_sound_is_audio(web: WebServer, tmp_path: Path) -> None:
    video = ["-f", "lavfi", "-i", "testsrc=size=64x64:rate=5:duration=8"]
    film = encoded(
        tmp_path, *video, "-c:v", "mpeg2video", "-c:a", "mp2", "-f", "mpegts"
    )
    web.answers["/stream"] = file(film, "video/mp2t")
    Listener(StreamSource(url=f"{web.address}/stream")).hear(messages=1)


def endless_line(_: WebServer) -> Iterable[bytes]:
    yield b"HTTP/1.1 200 OK\r\nX-Long: "
    yield from itertools.repeat(b"a" * 65536)


def endless_headers(_: WebServer) -> Iterable[bytes]:
    yield b"HTTP/1.1 200 OK\r\n"
    yield from itertools.repeat(b"X-More: and more\r\n" * 100)


def slow_headers(web: WebServer) -> Iterable[bytes]:
    yield b"HTTP/1.1 200 OK\r\n"
    yield from web.trickle(b"X-More: and more\r\n", 0.3)


def endless_promises(_: WebServer) -> Iterable[bytes]:
    yield from itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n")


def mute(web: WebServer) -> Iterable[bytes]:
    yield from web.hold()


def mute_body(web: WebServer) -> Iterable[bytes]:
    yield ok("audio/mpeg")
    yield from web.hold()


def endless_garbage(web: WebServer) -> Iterable[bytes]:
    yield ok("audio/mpeg")
    noise = np.random.default_rng(2).bytes(65536)
    yield from itertools.repeat(noise)


def slow_garbage(web: WebServer) -> Iterable[bytes]:
    yield ok("audio/mpeg")
    yield from web.trickle(np.random.default_rng(3).bytes(2000), 0.1)


def no_http(_: WebServer) -> Iterable[bytes]:
    yield b"220 mail.example.org ESMTP\r\n"


def bad_chunks(_: WebServer) -> Iterable[bytes]:
    yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"


def nothing(_: WebServer) -> Iterable[bytes]:
    return []


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (endless_line, SourceErrorReason.WRONG_PROTOCOL),
        (endless_headers, SourceErrorReason.WRONG_PROTOCOL),
        (slow_headers, SourceErrorReason.STALLED),
        (endless_promises, SourceErrorReason.WRONG_PROTOCOL),
        (mute, SourceErrorReason.STALLED),
        (mute_body, SourceErrorReason.STALLED),
        (endless_garbage, SourceErrorReason.NOT_AUDIO),
        (slow_garbage, SourceErrorReason.NOT_AUDIO),
        (no_http, SourceErrorReason.WRONG_PROTOCOL),
        (bad_chunks, SourceErrorReason.DISCONNECTED),
        (nothing, SourceErrorReason.WRONG_PROTOCOL),
    ],
)
def test_an_answer_without_end_or_sense_is_told_in_time(
    web: WebServer, answer: object, reason: SourceErrorReason
) -> None:
    assert callable(answer)
    web.answers["/stream"] = lambda: answer(web)
    assert fault(f"{web.address}/stream") is reason


def test_redirections_to_files_and_in_circles_are_not_followed(web: WebServer) -> None:
    web.answers["/file"] = status(302, "Location: file:///etc/passwd")
    web.answers["/circle"] = status(302, "Location: /circle")
    web.answers["/rtsp"] = status(302, "Location: rtsp://127.0.0.1/stream")
    for path in ("/file", "/circle", "/rtsp"):
        assert fault(web.address + path) is SourceErrorReason.WRONG_PROTOCOL
    assert len(web.requests) == 1 + 6 + 1


def after(mp3: bytes, then: Answer) -> Answer:
    """Return an answer that goes bad in the middle of a message."""
    return lambda: itertools.chain([ok("audio/mpeg"), mp3[: len(mp3) // 2]], then())


def test_a_stream_that_stops_in_the_middle_is_told_and_heard_again(
    web: WebServer, mp3: bytes
) -> None:
    garbage = np.random.default_rng(4).bytes(65536)
    for then, reason in (
        (web.hold, SourceErrorReason.STALLED),
        (lambda: web.trickle(bytes(500), 0.1), SourceErrorReason.STALLED),
        (lambda: itertools.repeat(garbage), SourceErrorReason.STALLED),
        (list, SourceErrorReason.DISCONNECTED),
    ):
        web.answers["/stream"] = after(mp3, then)
        listener = Listener(StreamSource(url=f"{web.address}/stream"))
        assert listener.hear_to_its_end().reason is reason
        assert listener.blocks
        web.answers["/stream"] = file(mp3)
        listener.hear(messages=1)


def test_tls_where_none_is_spoken_is_told(web: WebServer) -> None:
    address = web.address.replace("http", "https")
    assert fault(f"{address}/stream") is SourceErrorReason.TLS_ERROR


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Certificate:
    """A certificate for this machine that the system trusts."""
    found = certificate(tmp_path, "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(found.path))
    return found


def served(with_certificate: Certificate, data: bytes) -> WebServer:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(with_certificate.path, with_certificate.key)
    web = WebServer(context)
    web.answers["/stream"] = file(data)
    return web


def test_a_stream_over_tls_is_heard(
    loopback: None, trusted: Certificate, mp3: bytes
) -> None:
    with served(trusted, mp3) as web:
        Listener(StreamSource(url=f"{web.address}/stream")).hear(messages=1)


def test_a_certificate_that_is_not_good_is_told_by_what_ails_it(
    loopback: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    for found, trust, said in (
        (certificate(tmp_path, "127.0.0.1"), False, "self-signed"),
        (certificate(tmp_path, "127.0.0.1", until=yesterday), True, "expired"),
        (certificate(tmp_path, "127.0.0.2"), True, "not valid for '127.0.0.1'"),
    ):
        with monkeypatch.context() as patch, served(found, b"") as web:
            if trust:
                patch.setenv("SSL_CERT_FILE", str(found.path))
            listener = Listener(StreamSource(url=f"{web.address}/stream"))
            error = listener.hear_to_its_end()
            assert error.reason is SourceErrorReason.TLS_ERROR
            assert said in error.hint
