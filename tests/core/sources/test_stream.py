"""Streams by their address: what is heard of them, and how fast."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import chain
import subprocess
import threading
import time

import numpy as np
import pytest

from eas_core.audio.block import AudioBlock
from eas_core.clock import SystemClock
from eas_core.sources import stream
from eas_core.sources.catalog import isolated
from eas_core.sources.source import SourceErrorReason
from eas_core.sources.stream import StreamSource, probe
from tests.core.sources.streams import (
    TORNADO,
    Listener,
    message_file,
    seconds_until_stopped,
)
from tests.peers.web import WebServer, file, ok, status


class WaitedFor(SystemClock):
    """A clock that only moves when it is waited for."""

    passed = 0.0

    def monotonic(self) -> float:
        return self.passed

    def wait(self, event: threading.Event, seconds: float) -> bool:
        self.passed += seconds
        return event.is_set()


@pytest.fixture
def web(loopback: None) -> Iterator[WebServer]:
    with WebServer() as web:
        yield web


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give on at once what comes at once."""
    monkeypatch.setattr(stream, "AHEAD_SECONDS", 600.0)


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The same message in several forms, by what they are."""
    folder = tmp_path_factory.mktemp("audio")
    wav = message_file(folder)
    for name, options in {
        "low.mp3": "-ar 22050 -b:a 32k -write_xing 0 -id3v2_version 0",
        "high.mp3": "-ar 48000 -ac 2 -b:a 96k -write_xing 0 -id3v2_version 0",
        "low.aac": "-ar 16000 -b:a 32k",
        "high.aac": "-ar 44100 -ac 2 -b:a 96k",
        "low.ogg": "-ar 16000 -c:a libvorbis",
        "high.ogg": "-ar 44100 -c:a libvorbis",
        "rare.wav": "-ar 192000",
        "short.wav": "-t 1",
        "short.flv": "-t 1 -c:a aac",
        "short.flac": "-t 1",
        "short.opus": "-t 1",
        "short.asf": "-t 1",
        "short.mka": "-t 1",
        "short.mp4": "-t 1 -movflags frag_keyframe+empty_moov",
    }.items():
        command = f"ffmpeg -v error -i {wav} {options} {folder / name}"
        subprocess.run(command.split(), check=True, timeout=60)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def heard_of(web: WebServer, data: bytes) -> Listener:
    """Hear a stream of these bytes to its end."""
    web.answers["/stream"] = file(data)
    listener = Listener(StreamSource(url=f"{web.address}/stream"))
    assert listener.hear_to_its_end().reason is SourceErrorReason.DISCONNECTED
    return listener


@pytest.mark.parametrize("kind", ["mp3", "aac", "ogg"])
def test_a_rate_that_changes_on_the_way_is_taken_over(
    web: WebServer, hasty: None, sounds: dict[str, bytes], kind: str
) -> None:
    low, high = sounds[f"low.{kind}"], sounds[f"high.{kind}"]
    listener = heard_of(web, low + high + low)
    assert listener.headers == [TORNADO] * 3
    first = 22_050 if kind == "mp3" else 16_000
    second = 48_000 if kind == "mp3" else 44_100
    assert listener.rates == [first, second, first]
    now = Fraction(0)
    for block in listener.blocks:
        begins = Fraction(block.first_sample, block.sample_rate)
        assert 0 <= begins - now < Fraction(1, 16_000)
        now = begins + Fraction(len(block.samples), block.sample_rate)


@pytest.mark.parametrize("kind", ["wav", "flv", "flac", "opus", "asf", "mka", "mp4"])
def test_what_is_read_to_its_end_to_see_what_it_is_is_heard(
    web: WebServer, hasty: None, sounds: dict[str, bytes], kind: str
) -> None:
    listener = heard_of(web, sounds[f"short.{kind}"])
    seconds = sum(len(block.samples) / block.sample_rate for block in listener.blocks)
    # What is less than a block at the end goes with the connection.
    assert 0.7 < seconds < 1.2


def test_a_rate_that_no_decoder_takes_is_brought_into_reach(
    web: WebServer, hasty: None, sounds: dict[str, bytes]
) -> None:
    listener = heard_of(web, sounds["rare.wav"])
    assert listener.rates == [48_000]
    assert listener.headers == [TORNADO]


def test_garbage_in_the_middle_costs_no_more_than_itself(
    web: WebServer, hasty: None, sounds: dict[str, bytes]
) -> None:
    garbage = np.random.default_rng(1).bytes(20_000)
    listener = heard_of(web, sounds["low.mp3"] + garbage + sounds["low.mp3"])
    assert listener.headers == [TORNADO] * 2


def test_a_burst_is_given_on_in_part_at_once_and_the_rest_twice_as_fast_as_it_sounds(
    web: WebServer, sounds: dict[str, bytes]
) -> None:
    web.answers["/stream"] = file(sounds["low.mp3"] * 2)
    clock = WaitedFor()
    heard = 0.0
    blocks = StreamSource(url=f"{web.address}/stream").blocks(clock, threading.Event())
    for block in blocks:
        heard += len(block.samples) / block.sample_rate
        assert clock.passed == pytest.approx(max(0, heard - 2) / 2)
        if heard > 12:
            break
    blocks.close()  # type: ignore[attr-defined]


def test_nothing_of_a_burst_is_lost_on_its_way_from_the_child_to_a_slow_parent(
    web: WebServer, sounds: dict[str, bytes]
) -> None:
    web.answers["/stream"] = lambda: chain(
        [ok("audio/mpeg"), sounds["high.mp3"] * 2], web.hold()
    )
    stop = threading.Event()
    next_sample = 0
    for block in isolated(StreamSource(url=f"{web.address}/stream")).blocks(
        SystemClock(), stop
    ):
        assert block.first_sample == next_sample
        if next_sample == 0:
            time.sleep(3)
        next_sample += len(block.samples)
        if next_sample > 9 * block.sample_rate:
            stop.set()


def test_icecasts_titles_are_taken_out_of_the_audio(
    web: WebServer, hasty: None, sounds: dict[str, bytes]
) -> None:
    def with_titles() -> Iterable[bytes]:
        data, interval = sounds["low.mp3"], 1000
        yield b"ICY 200 OK\r\nicy-metaint:1000\r\nicy-name:Weather\r\n\r\n"
        title = "StreamTitle='Wind \xe4nd rain';StreamUrl='';".encode("latin-1")
        told = bytes([-(-len(title) // 16)]) + title.ljust(
            -(-len(title) // 16) * 16, b"\0"
        )
        for start in range(0, len(data), interval):
            yield data[start : start + interval]
            yield told if start % 3000 == 0 else b"\0"

    web.answers["/stream"] = with_titles
    listener = Listener(StreamSource(url=f"{web.address}/stream"))
    assert listener.hear_to_its_end().reason is SourceErrorReason.DISCONNECTED
    assert listener.headers == [TORNADO]
    found = probe(f"{web.address}/stream")
    assert (found.name, found.title) == ("Weather", "Wind änd rain")
    assert (found.codec, found.sample_rate, found.channels) == ("mp3", 22_050, 1)
    assert "Icy-MetaData: 1" in web.requests[0]


@pytest.mark.parametrize("number", [301, 302, 303, 307, 308])
def test_a_redirection_is_followed_with_the_password_for_the_same_place_only(
    web: WebServer, hasty: None, sounds: dict[str, bytes], number: int
) -> None:
    with WebServer() as other:
        other.answers["/there"] = file(sounds["low.mp3"])
        web.answers["/a"] = status(number, "Location: /b?c=d")
        web.answers["/b?c=d"] = status(number, f"Location: {other.address}/there")
        secret = web.address.replace("//", "//me:p%40ss@")
        Listener(StreamSource(url=f"{secret}/a")).hear(seconds=1)
        # me:p@ss
        assert [
            "Authorization: Basic bWU6cEBzcw==" in each for each in web.requests
        ] == [
            True,
            True,
        ]
        assert "Authorization" not in other.requests[0]


@pytest.mark.parametrize(
    ("content_type", "playlist"),
    [
        ("audio/x-mpegurl", "{}/stream\n"),
        ("text/plain", "#EXTM3U\r\n#EXTINF:-1,Weather\r\n{}/stream\r\n"),
        ("audio/x-scpls", "[playlist]\nNumberOfEntries=1\nFile1={}/stream\nTitle1=Weather\n"),
        ("text/plain", "[playlist]\nFile1=stream\n"),
    ],
)  # fmt: skip
def test_a_stations_playlist_leads_to_its_stream(
    web: WebServer,
    hasty: None,
    sounds: dict[str, bytes],
    content_type: str,
    playlist: str,
) -> None:
    web.answers["/stream"] = file(sounds["low.mp3"])
    text = playlist.format(web.address).encode()
    web.answers["/listen"] = file(text, content_type)
    Listener(StreamSource(url=f"{web.address}/listen")).hear(messages=1)


def test_what_is_sent_piece_by_piece_is_heard(
    web: WebServer, hasty: None, sounds: dict[str, bytes]
) -> None:
    def chunked() -> Iterable[bytes]:
        yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        data = sounds["low.mp3"]
        for start in range(0, len(data), 700):
            part = data[start : start + 700]
            yield f"{len(part):x}\r\n".encode() + part + b"\r\n"
        yield b"0\r\n\r\n"

    web.answers["/stream"] = chunked
    listener = Listener(StreamSource(url=f"{web.address}/stream"))
    assert listener.hear_to_its_end().reason is SourceErrorReason.DISCONNECTED
    assert listener.headers == [TORNADO]


def test_it_stops_within_a_second_wherever_it_waits(
    web: WebServer, sounds: dict[str, bytes]
) -> None:
    web.answers["/head"] = web.hold
    web.answers["/body"] = lambda: chain([ok("audio/mpeg")], web.hold())
    web.answers["/probed"] = lambda: chain([ok(), sounds["low.mp3"][:500]], web.hold())
    web.answers["/paced"] = file(sounds["low.mp3"] * 3, "audio/mpeg")
    for path in ("/head", "/body", "/probed", "/paced"):
        listener = Listener(StreamSource(url=web.address + path))
        assert seconds_until_stopped(listener) < 1
        assert bool(listener.blocks) == (path == "/paced")


def test_a_password_is_not_shown_with_the_source() -> None:
    assert "secret" not in repr(StreamSource(url="http://me:secret@127.0.0.1/"))


def test_its_blocks_are_audio_of_a_quarter_of_a_second(
    web: WebServer, hasty: None, sounds: dict[str, bytes]
) -> None:
    for block in heard_of(web, sounds["low.mp3"]).blocks[:-1]:
        assert isinstance(block, AudioBlock)
        assert block.samples.dtype == np.float32
        assert 0.25 <= len(block.samples) / 22_050 < 0.3
