"""A stranger's server makes this machine open no file, and no address that it should not."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import chain, repeat
from pathlib import Path
import re
import socket
import threading

import pytest

from eas_core.clock import SystemClock
from eas_core.sources import stream_connection, stream_feed
from eas_core.sources.source import SourceError, SourceErrorReason
from eas_core.sources.stream import StreamSource, probe
from eas_core.sources.stream_connection import Watch, open_connection
from eas_core.sources.stream_http import LONGEST_TITLE, get
from eas_core.sources.stream_playlist import (
    LONGEST_PLAYLIST,
    choose_variant,
    parse_playlist,
)
from eas_core.sources.stream_url import StreamUrl
from tests.core.sources.streams import Listener, message_file
from tests.peers.web import WebServer, file, ok, status

STRANGER = "127.0.0.2"
"""Another address of the loopback interface, which stands for one of the Internet."""


@pytest.fixture
def home() -> Iterator[WebServer]:
    """A server of one's own network, with audio."""
    with WebServer() as web:
        yield web


@pytest.fixture
def stranger(monkeypatch: pytest.MonkeyPatch) -> Iterator[WebServer]:
    """A server of the Internet."""
    monkeypatch.setattr(
        stream_connection, "is_public", lambda address: address == STRANGER
    )
    with WebServer(host=STRANGER) as web:
        yield web


def fault(url: str) -> SourceErrorReason:
    """Return why an address cannot be heard."""
    return Listener(StreamSource(url=url)).hear_to_its_end().reason


def test_a_server_of_the_internet_sends_nobody_into_his_own_network(
    stranger: WebServer, home: WebServer, tmp_path: Path
) -> None:
    home.answers["/secret"] = file(message_file(tmp_path).read_bytes())
    secret = f"{home.address}/secret"
    stranger.answers |= {
        "/sent": status(302, f"Location: {secret}"),
        "/listed": file(f"[playlist]\nFile1={secret}\n".encode()),
        "/hls": file(f"#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:2,\n{secret}\n".encode()),
        "/twice": status(302, f"Location: {stranger.address}/sent"),
    }
    for path in stranger.answers:
        assert fault(stranger.address + path) is SourceErrorReason.WRONG_PROTOCOL
    assert home.requests == []


def test_a_server_at_home_may_send_anywhere(
    stranger: WebServer, home: WebServer, tmp_path: Path
) -> None:
    audio = file(message_file(tmp_path).read_bytes())
    home.answers |= {
        "/away": status(302, f"Location: {stranger.address}/audio"),
        "/here": status(302, "Location: /audio"),
        "/audio": audio,
    }
    stranger.answers["/audio"] = audio
    for path in ("/away", "/here"):
        Listener(StreamSource(url=home.address + path)).hear(seconds=0.5)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("::1", False),
        ("::ffff:192.168.1.2", False),
        ("10.1.2.3", False),
        ("172.30.32.2", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("0.0.0.0", False),
        ("::127.0.0.1", False),
        ("::ffff:0:127.0.0.1", False),
        ("fec0::1", False),
        ("64:ff9b::8.8.8.8", True),
        ("64:ff9b::192.168.1.2", False),
    ],
)
def test_which_addresses_are_of_the_internet(address: str, public: bool) -> None:
    assert stream_connection.is_public(address) is public


@pytest.mark.parametrize(
    ("here", "there", "near"),
    [
        ("2606:4700:1:a100::2", "2606:4700:1:a100::1", True),
        ("2606:4700:1:a100::2", "2606:4700:1:a1ff::1", True),
        ("2606:4700:1:a100::2", "2606:4700:1:a200::1", False),
        ("8.8.8.8", "8.8.8.8", True),
        ("::ffff:8.8.8.8", "8.8.8.8", True),
        ("192.168.1.2", "8.8.8.8", False),
    ],
)
def test_an_address_of_the_internet_may_be_at_home(
    here: str, there: str, near: bool
) -> None:
    assert stream_connection.are_near(here, there) is near


def test_a_server_of_the_internet_sends_nobody_to_this_machine_by_its_own_address(
    home: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_connection, "is_public", lambda address: True)
    host, _, port = home.address.removeprefix("http://").partition(":")
    watch = Watch(SystemClock(), threading.Event())
    with pytest.raises(SourceError, match="in your own network"):
        open_connection(host, int(port), watch, only_public=True)


def test_a_host_that_is_none_is_not_repeated(home: WebServer) -> None:
    home.answers["/away"] = status(302, f"Location: http://{'a.' * 20_000}com/")
    error = Listener(StreamSource(url=f"{home.address}/away")).hear_to_its_end()
    assert error.reason is SourceErrorReason.WRONG_PROTOCOL
    assert len(error.hint) < 200


def test_what_a_server_says_is_no_text_for_users(home: WebServer) -> None:
    text = "image/[click here to update](http://evil.example)"
    home.answers |= {
        "/picture": file(b"\x89PNG\r\n\x1a\n" + bytes(100), "image/png"),
        "/text": file(b"\x89PNG\r\n\x1a\n" + bytes(100), text),
    }
    hints = [
        Listener(StreamSource(url=home.address + path)).hear_to_its_end().hint
        for path in home.answers
    ]
    assert "image/png" in hints[0]
    assert "click" not in hints[1]


def test_no_more_bytes_are_given_than_were_asked_for(home: WebServer) -> None:
    """PyAV copies all that it gets into a buffer of the size that it asked for."""
    head = [ok("audio/wav", "Transfer-Encoding: chunked")]
    home.answers["/less"] = lambda: chain(head, [b"-5\r\n" + bytes(65536)])
    watch = Watch(SystemClock(), threading.Event())
    with pytest.raises(SourceError) as caught:
        get(StreamUrl.parse(f"{home.address}/less"), watch)
    assert caught.value.reason is SourceErrorReason.DISCONNECTED


def test_what_a_stream_names_is_not_opened(home: WebServer, tmp_path: Path) -> None:
    """Lists of files and descriptions that ffmpeg knows by their beginning, sent as if they were audio."""
    local = message_file(tmp_path)
    home.answers["/other"] = file(local.read_bytes())
    other = f"{home.address}/other"
    hls = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{}\n#EXT-X-ENDLIST\n"
    sdp = "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 40000 RTP/AVP 0\n"
    dash = '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet mimeType="audio/mp4"><Representation id="0" bandwidth="1"><BaseURL>{}</BaseURL></Representation></AdaptationSet></Period></MPD>'
    held = {
        "concat-file": f"ffconcat version 1.0\nfile {local}\n",
        "concat-url": f"ffconcat version 1.0\nfile {other}\n",
        "concat-data": f"ffconcat version 1.0\nfile concat:{local}|{local}\n",
        "sdp": sdp,
        "dash": dash.format(other),
        "hls-in-hls": hls.format("inner"),
    }
    home.answers |= {f"/{name}": file(text.encode()) for name, text in held.items()}
    for target in (other, f"file://{local}", f"concat:{local}", f"crypto:{local}"):
        home.answers["/inner"] = file(hls.format(target).encode(), "video/mp2t")
        assert fault(f"{home.address}/hls-in-hls") is SourceErrorReason.NOT_AUDIO
    for name in held:
        assert fault(f"{home.address}/{name}") is SourceErrorReason.NOT_AUDIO, name
    assert not [asked for asked in home.requests if asked.startswith("GET /other")]


@contextmanager
def rtsp_that_sends_on(header: bytes) -> Iterator[str]:
    """Answer whatever is asked with a redirection, its bytes one by one."""

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with client, suppress(OSError):
                asked = client.recv(4096)
                number = re.search(rb"CSeq: (\d+)", asked)
                lines = [
                    b"RTSP/1.0 302 Moved",
                    b"CSeq: " + number[1] if number else b"",
                ]
                for byte in b"\r\n".join([*lines, header, b"", b""]):
                    client.sendall(bytes([byte]))
                while client.recv(4096):
                    pass

    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"rtsp://127.0.0.1:{listener.getsockname()[1]}/stream"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


@pytest.mark.parametrize("name", ["Location", "LOCATION", "Lo\rcat\rion"])
def test_rtsp_sends_nobody_on(name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.setblocking(False)
        port = other.getsockname()[1]
        header = f"{name}: rtsp://127.0.0.1:{port}/secret".encode()
        with rtsp_that_sends_on(header) as address:
            error = Listener(StreamSource(url=address)).hear_to_its_end()
        assert error.reason is SourceErrorReason.WRONG_PROTOCOL
        assert "sends on" in error.hint
        with pytest.raises(BlockingIOError):
            other.accept()


def test_a_playlist_of_one_endless_word_is_read_at_once() -> None:
    word = "A" * (LONGEST_PLAYLIST // 2)
    text = f"#EXTM3U\n#EXT-X-STREAM-INF:{word}\na\n#EXT-X-KEY:METHOD=NONE,{word}\nb\n"
    assert choose_variant(text) == "a"
    assert [each.uri for each in parse_playlist(text).segments] == ["a", "b"]


def test_a_picture_without_end_is_not_taken_in(
    home: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An ID3 tag that claims to be 256 MB of a picture, which ffmpeg would keep."""
    monkeypatch.setattr(stream_feed, "MOST_UNHEARD_BYTES", 1 << 20)
    frame = b"APIC\x7f\x7f\x7f\x70\0\0\0image/png\0\3x\0"
    tag = b"ID3\4\0\0\x7f\x7f\x7f\x7f" + frame
    head = [ok("audio/mpeg"), tag]
    home.answers["/tag"] = lambda: chain(head, repeat(bytes(65536)))
    error = Listener(StreamSource(url=f"{home.address}/tag")).hear_to_its_end()
    assert error.reason is SourceErrorReason.NOT_AUDIO
    assert "before any audio" in error.hint


def test_a_name_without_end_is_cut(home: WebServer, tmp_path: Path) -> None:
    audio = message_file(tmp_path).read_bytes()
    head = ok("audio/wav", f"icy-name: \x1b[31m{'n' * 50_000}")
    home.answers["/stream"] = lambda: [head, audio]
    name = probe(f"{home.address}/stream").name
    assert name == f"[31m{'n' * LONGEST_TITLE}"[:LONGEST_TITLE]
