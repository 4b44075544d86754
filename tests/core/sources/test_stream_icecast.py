"""Streams from a real Icecast that ffmpeg feeds."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from eas_core.sources import stream
from eas_core.sources.isolated import IsolatedSource, call_in_child
from eas_core.sources.source import SourceErrorReason
from eas_core.sources.stream import StreamSource, probe
from tests.core.sources.streams import (
    TORNADO,
    Listener,
    message_file,
    seconds_until_stopped,
)
from tests.peers.icecast import Icecast, fed, icecast
from tests.peers.network import end, until

MP3 = ("-c:a", "libmp3lame", "-b:a", "32k", "-f", "mp3", "-content_type", "audio/mpeg")


@pytest.fixture(scope="module")
def audio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return message_file(tmp_path_factory.mktemp("audio"))


@pytest.fixture
def server(loopback: None) -> Iterator[Icecast]:
    with icecast() as server:
        yield server


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give on at once what comes at once."""
    monkeypatch.setattr(stream, "AHEAD_SECONDS", 600.0)


@pytest.mark.parametrize(
    ("codec", "options", "rate"),
    [
        ("mp3", MP3, 22_050),
        ("vorbis", ("-c:a", "libvorbis", "-f", "ogg", "-content_type", "audio/ogg"), 22_050),
        ("opus", ("-c:a", "libopus", "-b:a", "24k", "-f", "ogg", "-content_type", "audio/ogg"), 48_000),
        ("aac", ("-c:a", "aac", "-b:a", "32k", "-ac", "2", "-f", "adts", "-content_type", "audio/aac"), 22_050),
        ("flac", ("-c:a", "flac", "-f", "ogg", "-content_type", "audio/ogg"), 22_050),
    ],
)  # fmt: skip
def test_a_message_is_heard_through_any_codec(
    server: Icecast,
    audio: Path,
    hasty: None,
    codec: str,
    options: tuple[str, ...],
    rate: int,
) -> None:
    with fed(server, "/nwr", audio, *options, times=5):
        listener = Listener(StreamSource(url=server.address("/nwr"))).hear(messages=1)
        assert listener.headers == [TORNADO]
        assert listener.rates == [rate]
        found = probe(server.address("/nwr"))
        assert (found.codec, found.sample_rate) == (codec, rate)
        assert found.name == "Weather"


def test_the_title_is_told_by_a_probe_and_is_not_heard_as_audio(
    server: Icecast, audio: Path, hasty: None
) -> None:
    with fed(server, "/nwr", audio, *MP3, times=5):
        server.tell_title("/nwr", "KCL80 Cleveland")
        listener = Listener(StreamSource(url=server.address("/nwr"))).hear(messages=2)
        assert listener.headers == [TORNADO, TORNADO]
        assert probe(server.address("/nwr")).title == "KCL80 Cleveland"


def test_a_source_that_goes_takes_the_stream_with_it_and_its_return_is_heard(
    server: Icecast, audio: Path, hasty: None
) -> None:
    listener = Listener(StreamSource(url=server.address("/nwr")))
    with fed(server, "/nwr", audio, *MP3, times=5) as feeder:
        error = listener.hear_to_its_end(then=lambda: end(feeder))
        assert error.reason is SourceErrorReason.DISCONNECTED
        until(lambda: not server.mounted("/nwr"))
        assert listener.hear_to_its_end().reason is SourceErrorReason.NOT_FOUND
    with fed(server, "/nwr", audio, *MP3, times=5):
        assert TORNADO in listener.hear(messages=1).headers


def test_a_server_that_is_killed_is_heard_again_when_it_is_back(
    server: Icecast, audio: Path, hasty: None
) -> None:
    listener = Listener(StreamSource(url=server.address("/nwr")))
    with fed(server, "/nwr", audio, *MP3, times=5):
        error = listener.hear_to_its_end(then=server.kill)
        assert error.reason is SourceErrorReason.DISCONNECTED
        assert listener.hear_to_its_end().reason is SourceErrorReason.REFUSED
    server.start()
    with fed(server, "/nwr", audio, *MP3, times=5):
        assert TORNADO in listener.hear(messages=1).headers


def test_it_stops_within_a_second(server: Icecast, audio: Path) -> None:
    with fed(server, "/nwr", audio, *MP3):
        listener = Listener(StreamSource(url=server.address("/nwr")))
        assert seconds_until_stopped(listener) < 1
        assert listener.blocks


def test_it_is_heard_and_probed_in_a_child_process(
    server: Icecast, audio: Path
) -> None:
    with fed(server, "/nwr", audio, *MP3):
        url = server.address("/nwr")
        listener = Listener(IsolatedSource(StreamSource(url=url)))
        assert listener.hear(seconds=1).rates == [22_050]
        found = call_in_child(probe, url, what="the look at the stream", seconds=60.0)
        assert (found.codec, found.sample_rate, found.name) == (
            "mp3",
            22_050,
            "Weather",
        )
