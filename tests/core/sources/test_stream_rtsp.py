"""Streams from GStreamer's RTSP server."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
import socket
import threading
import time

import pytest

from eas_core.sources import stream
from eas_core.sources.source import SourceErrorReason
from eas_core.sources.stream import StreamSource, probe
from tests.core.sources.streams import (
    TORNADO,
    Listener,
    message_file,
    seconds_until_stopped,
)
from tests.peers.rtsp import PASSWORD, USER, rtsp_server
from tests.peers.web import WebServer


@pytest.fixture
def server(loopback: None, tmp_path: Path) -> Iterator[str]:
    with rtsp_server(message_file(tmp_path, 16_000)) as address:
        yield address


@pytest.mark.parametrize(
    ("mount", "codec", "rate"),
    [
        ("/l16", "pcm_s16be", 16_000),
        ("/pcmu", "pcm_mulaw", 8_000),
        ("/opus", "opus", 48_000),
        ("/both", "pcm_s16be", 16_000),
    ],
)
def test_a_message_is_heard_over_rtsp(
    server: str, mount: str, codec: str, rate: int
) -> None:
    listener = Listener(StreamSource(url=server + mount))
    listener.hear(messages=1)
    assert listener.headers == [TORNADO]
    assert listener.rates == [rate]
    found = probe(server + mount)
    assert (found.codec, found.sample_rate) == (codec, rate)


def test_user_and_password_are_asked_for_and_given(server: str) -> None:
    denied = Listener(StreamSource(url=f"{server}/private")).hear_to_its_end()
    assert denied.reason is SourceErrorReason.UNAUTHORIZED
    wrong = server.replace("//", f"//{USER}:wrong@")
    denied = Listener(StreamSource(url=f"{wrong}/private")).hear_to_its_end()
    assert denied.reason is SourceErrorReason.UNAUTHORIZED
    assert "wrong@" not in denied.hint
    right = server.replace("//", f"//{USER}:{PASSWORD}@")
    Listener(StreamSource(url=f"{right}/private")).hear(seconds=0.5)


def test_a_path_without_a_stream_is_told(server: str) -> None:
    error = Listener(StreamSource(url=f"{server}/nowhere")).hear_to_its_end()
    assert error.reason is SourceErrorReason.NOT_FOUND


def test_a_picture_without_sound_is_no_audio(server: str) -> None:
    error = Listener(StreamSource(url=f"{server}/picture")).hear_to_its_end()
    assert error.reason is SourceErrorReason.NOT_AUDIO


def test_a_server_that_goes_is_told(loopback: None, tmp_path: Path) -> None:
    with rtsp_server(message_file(tmp_path, 16_000)) as address:
        listener = Listener(StreamSource(url=f"{address}/l16"))
        listener.hear(seconds=0.5)
    assert listener.hear_to_its_end().reason is SourceErrorReason.REFUSED


def test_a_web_server_speaks_no_rtsp(loopback: None) -> None:
    with WebServer() as web:
        address = web.address.replace("http", "rtsp")
        error = Listener(StreamSource(url=f"{address}/stream")).hear_to_its_end()
    assert error.reason is SourceErrorReason.WRONG_PROTOCOL


@contextmanager
def mute() -> Iterator[str]:
    """Take connections and say nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"rtsp://127.0.0.1:{listener.getsockname()[1]}/stream"


def test_a_server_that_says_nothing_stalls_and_holds_up_no_stop(
    loopback: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mute() as address:
        assert seconds_until_stopped(Listener(StreamSource(url=address))) < 1
        monkeypatch.setattr(stream, "FIRST_AUDIO_SECONDS", 1.0)
        began = time.monotonic()
        error = Listener(StreamSource(url=address)).hear_to_its_end()
        assert error.reason is SourceErrorReason.STALLED
        assert time.monotonic() - began < 5
    assert not [each for each in threading.enumerate() if "rtsp" in each.name]


def test_it_stops_within_a_second_in_the_middle(server: str) -> None:
    listener = Listener(StreamSource(url=f"{server}/l16"))
    assert seconds_until_stopped(listener) < 1
    assert listener.blocks
