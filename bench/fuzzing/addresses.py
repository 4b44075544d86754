"""Addresses of streams, and playlists."""

from random import Random
from typing import ClassVar, Final, override
from urllib.parse import urlsplit

from bench.fuzzing.mutate import mutate_text
from bench.fuzzing.target import Target, WrongAnswerError
from eas_core.errors import EasError
from eas_core.masking import mask_secrets
from eas_core.sources.choice import SourceChoice, choose_source
from eas_core.sources.source import SourceError, SourceErrorReason
from eas_core.sources.stream_playlist import (
    choose_variant,
    first_link,
    is_hls,
    is_playlist,
    parse_playlist,
)
from eas_core.sources.stream_url import StreamUrl

ADDRESSES: Final = (
    "http://user:secret@radio.example:8000/weather.mp3?x=1&y=%20",
    "https://[2001:db8::1]:8443/a/b/../c;d",
    "rtsp://bücher.example/live",
    "http://127.0.0.1/",
    "file:///etc/passwd",
    "concat:/etc/passwd|/etc/hosts",
    "udp://0.0.0.0:7355",
    "rtl_tcp://attic:1234",
    "icyx://radio.example/;",
)
REFERENCES: Final = (
    *("segment7.ts", "../other/a.m3u8", "//elsewhere.example/x", "?a=b", "", "#x"),
    *("file:///etc/passwd", "http://169.254.169.254/latest", "concat:a|b", "data:,x"),
    *("https://user:secret@else.example/", "http://[::1", "http://h:99999", "\\\\h\\x"),
)


class AddressTarget(Target[tuple[str, str]]):
    """Any address is one of the web or rtsp, and leads nowhere else; no line of it reaches a server as two."""

    name: ClassVar = "address"
    cases: ClassVar = 120_000
    documented: ClassVar = frozenset({"EasError", *SourceErrorReason})

    @override
    def case(self, rng: Random) -> tuple[str, str]:
        address, reference = rng.choice(ADDRESSES), rng.choice(REFERENCES)
        if rng.randrange(6):
            address = mutate_text(rng, address, ADDRESSES)
        if rng.randrange(3):
            reference = mutate_text(rng, reference, (*REFERENCES, *ADDRESSES))
        return address, reference

    @override
    async def run(self, case: tuple[str, str]) -> str:
        address, reference = case
        mask_secrets(address)
        try:
            if not address.startswith(("rtl_sdr", "sound_card")):
                choose_source(SourceChoice(source=address))
        except SourceError:
            pass
        except EasError:
            return "EasError"
        try:
            url = StreamUrl.parse(address)
            self._check(url)
            if url.is_web:
                self._check(url.follow(reference))
        except SourceError as error:
            return error.reason
        return "accepted"

    def _check(self, url: StreamUrl) -> None:
        line = f"{url.host} {url.place} {url.target}"
        if not line.isascii() or not line.isprintable() or " " in url.target:
            raise WrongAnswerError(f"{url!r}")
        if url.scheme not in ("http", "https", "rtsp") or not 0 < url.port < 65536:
            raise WrongAnswerError(f"{url!r}")
        if urlsplit(str(url)).username is not None:
            raise WrongAnswerError(f"{url}")


PLAYLISTS: Final = (
    (
        "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:17\n"
        "#EXTINF:6.0,\nseg17.ts\n#EXT-X-DISCONTINUITY\n#EXTINF:6.0,\nseg18.ts\n#EXT-X-ENDLIST\n"
    ),
    (
        '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="x",DEFAULT=YES,URI="a.m3u8"\n'
        '#EXT-X-STREAM-INF:BANDWIDTH=64000,AUDIO="a"\nlow.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=9\nb\n'
    ),
    '#EXTM3U\n#EXT-X-MAP:URI="init.mp4"\n#EXT-X-KEY:METHOD=NONE\n#EXTINF:1,\na.m4s\n',
    "[playlist]\nNumberOfEntries=1\nFile1=http://radio.example/a.mp3\nTitle1=x\n",
    "# comment\nhttp://radio.example/stream\n",
)


class PlaylistTarget(Target[str]):
    """Any playlist is read, or refused as no audio."""

    name: ClassVar = "playlist"
    cases: ClassVar = 80_000
    documented: ClassVar = frozenset({SourceErrorReason.NOT_AUDIO})

    @override
    def case(self, rng: Random) -> str:
        return mutate_text(rng, rng.choice(PLAYLISTS), PLAYLISTS)

    @override
    async def run(self, case: str) -> str:
        text = case.encode("utf-8", "surrogatepass").decode(errors="replace")
        is_playlist(text.encode()[:10], "")
        try:
            if not is_hls(text):
                first_link(text)
            elif choose_variant(text) is None:
                found = parse_playlist(text)
                if not 0 <= found.target_seconds < 1e15:
                    raise WrongAnswerError(f"{found}")
        except SourceError as error:
            return error.reason
        return "accepted"
