"""HTTP Live Streaming: ffmpeg's, and playlists of every kind."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
import subprocess

from hypothesis import given, strategies as st
import pytest

from eas_core.sources import stream
from eas_core.sources.source import SourceError, SourceErrorReason
from eas_core.sources.stream import StreamSource, probe
from eas_core.sources.stream_playlist import (
    choose_variant,
    first_link,
    is_hls,
    is_playlist,
    parse_playlist,
)
from eas_core.sources.stream_url import StreamUrl
from tests.core.sources.streams import (
    TORNADO,
    Listener,
    message_file,
    seconds_until_stopped,
)
from tests.peers.network import end, until
from tests.peers.web import WebServer, file


@pytest.fixture
def web(loopback: None, tmp_path: Path) -> Iterator[WebServer]:
    with WebServer() as web:
        web.folder = tmp_path
        yield web


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give on at once what comes at once."""
    monkeypatch.setattr(stream, "AHEAD_SECONDS", 600.0)


@contextmanager
def live(folder: Path, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """Segment a message again and again, at four times its pace."""
    source = ["-readrate", "4", "-stream_loop", "-1", "-i", str(message_file(folder))]
    form = ["-f", "hls", "-hls_time", "2", "-hls_list_size", "12", *options]
    command = ["ffmpeg", "-v", "error", *source, "-c:a", "aac", "-b:a", "48k", *form]
    process = subprocess.Popen(
        [*command, str(folder / "live.m3u8")], stderr=subprocess.DEVNULL
    )
    try:
        until((folder / "live.m3u8").exists)
        yield process
    finally:
        end(process)


@pytest.mark.parametrize(
    ("options", "name"),
    [
        (["-hls_flags", "delete_segments"], "live.m3u8"),
        (["-hls_segment_type", "fmp4"], "live.m3u8"),
        (["-master_pl_name", "master.m3u8"], "master.m3u8"),
    ],
)
def test_a_message_is_heard_from_live_segments(
    web: WebServer, tmp_path: Path, hasty: None, options: list[str], name: str
) -> None:
    with live(tmp_path, *options):
        until((tmp_path / name).exists)
        listener = Listener(StreamSource(url=f"{web.address}/{name}"))
        listener.hear(messages=1)
        assert listener.headers == [TORNADO]
        assert listener.rates == [22_050]
        assert probe(f"{web.address}/{name}").codec == "aac"


def test_segments_that_come_no_more_are_a_stall(
    web: WebServer, tmp_path: Path, hasty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "STALL_SECONDS", 2.0)
    with live(tmp_path) as encoder:
        listener = Listener(StreamSource(url=f"{web.address}/live.m3u8"))
        error = listener.hear_to_its_end(then=lambda: end(encoder))
    assert error.reason is SourceErrorReason.STALLED


def test_it_stops_within_a_second_while_it_waits_for_a_segment(
    web: WebServer, tmp_path: Path, hasty: None
) -> None:
    with live(tmp_path) as encoder:
        listener = Listener(StreamSource(url=f"{web.address}/live.m3u8"))
        listener.hear(seconds=1)
        end(encoder)
        assert seconds_until_stopped(listener) < 1


def segment(folder: Path, name: str, *options: str) -> None:
    command = ["ffmpeg", "-v", "error", "-i", str(message_file(folder)), *options]
    subprocess.run([*command, str(folder / name)], check=True, timeout=60)


def test_a_discontinuity_may_change_the_rate_and_the_codec(
    web: WebServer, tmp_path: Path, hasty: None
) -> None:
    segment(tmp_path, "a.ts", "-c:a", "aac", "-ar", "44100", "-ac", "2")
    segment(tmp_path, "b.ts", "-c:a", "mp2", "-ar", "48000")
    lines = ["#EXTM3U", "#EXT-X-TARGETDURATION:9", "#EXTINF:9,", "a.ts"]
    lines += ["#EXT-X-DISCONTINUITY", "#EXTINF:9,", "b.ts", "#EXT-X-ENDLIST"]
    web.answers["/list"] = file("\n".join(lines).encode())
    listener = Listener(StreamSource(url=f"{web.address}/list"))
    assert listener.hear_to_its_end().reason is SourceErrorReason.DISCONNECTED
    assert listener.headers == [TORNADO] * 2
    assert listener.rates == [44_100, 48_000]
    now = Fraction(0)
    for block in listener.blocks:
        assert Fraction(block.first_sample, block.sample_rate) >= now
        now = Fraction(block.first_sample + len(block.samples), block.sample_rate)


PASSWD = "file:///etc/passwd"


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["#EXTINF:2,", PASSWD], SourceErrorReason.WRONG_PROTOCOL),
        (["#EXTINF:2,", "concat:/etc/passwd"], SourceErrorReason.WRONG_PROTOCOL),
        (["#EXTINF:2,", "subfile,,start,0,end,9,,:/etc/passwd"], SourceErrorReason.NOT_FOUND),
        ([f'#EXT-X-MAP:URI="{PASSWD}"', "#EXTINF:2,", "a.mp4"], SourceErrorReason.WRONG_PROTOCOL),
        (["#EXT-X-STREAM-INF:BANDWIDTH=64000", PASSWD], SourceErrorReason.WRONG_PROTOCOL),
        (['#EXT-X-KEY:METHOD=AES-128,URI="key"', "#EXTINF:2,", "a.ts"], SourceErrorReason.NOT_AUDIO),
        (["#EXT-X-BYTERANGE:500@0", "#EXTINF:2,", "a.ts"], SourceErrorReason.NOT_AUDIO),
        (["#EXTINF:2,", "missing.ts"], SourceErrorReason.NOT_FOUND),
        (["#EXTINF:2,", "text.ts", "#EXT-X-ENDLIST"], SourceErrorReason.NOT_AUDIO),
        (["#EXT-X-ENDLIST"], SourceErrorReason.EMPTY),
        (["#EXT-X-TARGETDURATION:1"], SourceErrorReason.STALLED),
        (["#EXT-X-MEDIA-SEQUENCE:1e99", "#EXTINF:nan,", "missing.ts"], SourceErrorReason.NOT_FOUND),
    ],
)  # fmt: skip
def test_a_playlist_opens_no_file_and_tells_its_faults(
    web: WebServer,
    lines: list[str],
    reason: SourceErrorReason,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stream, "FIRST_AUDIO_SECONDS", 1.5)
    text = "\n".join(["#EXTM3U", "#EXT-X-VERSION:3", *lines, ""])
    web.answers["/list"] = file(text.encode(), "application/vnd.apple.mpegurl")
    web.answers["/text.ts"] = file(b"this is no audio " * 1000)
    error = Listener(StreamSource(url=f"{web.address}/list")).hear_to_its_end()
    assert error.reason is reason


def test_a_live_playlist_of_empty_segments_stalls(
    web: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "FIRST_AUDIO_SECONDS", 1.0)
    segments = "\n".join("#EXTINF:2,\nempty.ts" for _ in range(5000))
    text = f"#EXTM3U\n#EXT-X-DISCONTINUITY-SEQUENCE:0\n{segments}\n#EXT-X-ENDLIST\n"
    web.answers["/list"] = file(text.encode())
    web.answers["/empty.ts"] = file(b"")
    error = Listener(StreamSource(url=f"{web.address}/list")).hear_to_its_end()
    assert error.reason is SourceErrorReason.STALLED


@pytest.mark.parametrize(
    ("variants", "chosen"),
    [
        ({"a": 64_000, "b": 128_000, "c": 2_000_000}, "b"),
        ({"a": 3_000_000, "b": 1_000_000}, "b"),
        ({}, None),
    ],
)
def test_the_best_of_the_slow_variants_is_heard(
    variants: dict[str, int], chosen: str | None
) -> None:
    lines = [
        f"#EXT-X-STREAM-INF:BANDWIDTH={bits}\n{uri}" for uri, bits in variants.items()
    ]
    assert choose_variant("\n".join(["#EXTM3U", *lines])) == chosen


def test_the_sound_of_a_film_is_heard_without_its_picture() -> None:
    text = (
        '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="x, y",URI="audio.m3u8",DEFAULT=YES\n'
        '#EXT-X-STREAM-INF:BANDWIDTH=900000,CODECS="avc1,mp4a",AUDIO="a"\nfilm.m3u8\n'
    )
    assert choose_variant(text) == "audio.m3u8"


def test_segments_are_numbered_and_keep_their_initialization() -> None:
    text = (
        '#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:17\n#EXT-X-MAP:URI="i"\n'
        "#EXTINF:4,\na\n#EXT-X-DISCONTINUITY\n#EXTINF:4,\nb\n"
    )
    found = parse_playlist(text)
    assert [(each.number, each.uri, each.begins_anew) for each in found.segments] == [
        (17, "a", False),
        (18, "b", True),
    ]
    assert {each.initialization for each in found.segments} == {"i"}
    assert (found.target_seconds, found.ended) == (4, False)


def test_playlists_are_told_from_streams() -> None:
    assert is_playlist(b"#EXTM3U\n", "")
    assert is_playlist(b"\xef\xbb\xbf#EXTM3U", "")
    assert is_playlist(b"http://a/b", "audio/x-mpegurl")
    assert not is_playlist(b"OggS", "audio/ogg")
    assert is_hls("#EXTM3U\n#EXT-X-VERSION:3")
    assert not is_hls("#EXTM3U\n#EXTINF:-1,Weather\nhttp://a/b")
    assert first_link("[playlist]\nFile1=http://a/b?c=d\n") == "http://a/b?c=d"
    assert first_link("http://a/b?c=d") == "http://a/b?c=d"


LINES = st.sampled_from(
    [
        "#EXTM3U",
        "#EXT-X-MEDIA-SEQUENCE:",
        "#EXT-X-TARGETDURATION:",
        "#EXT-X-STREAM-INF:BANDWIDTH=",
        '#EXT-X-MEDIA:TYPE=AUDIO,URI="',
        "#EXT-X-MAP:URI=",
        "#EXT-X-KEY:METHOD=",
        "#EXT-X-DISCONTINUITY",
        "File1=",
        "http://",
        "",
    ]
)


@given(st.lists(st.tuples(LINES, st.text(max_size=20)), max_size=20))
def test_any_text_is_a_playlist_or_has_its_fault_told(
    lines: list[tuple[str, str]],
) -> None:
    text = "\n".join(head + tail for head, tail in lines)
    base = StreamUrl.parse("http://127.0.0.1/list")
    with suppress(SourceError):
        found = choose_variant(text)
        assert found is None or base.follow(found).is_web
    with suppress(SourceError):
        for each in parse_playlist(text).segments:
            assert base.follow(each.uri).is_web
    with suppress(SourceError):
        assert base.follow(first_link(text)).is_web
