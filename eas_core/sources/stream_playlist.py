"""Playlists: the lists of addresses that radio stations give out, and those of HLS (RFC 8216)."""

from dataclasses import dataclass
import re
from typing import Final

from .source import SourceError, SourceErrorReason

LONGEST_PLAYLIST: Final = 1 << 20
BEST_BITS_PER_SECOND: Final = 200_000
"""Of several qualities the best up to this, else the least: a message needs no more."""

_TYPES: Final = (
    "application/vnd.apple.mpegurl",
    "application/x-mpegurl",
    "audio/mpegurl",
    "audio/x-mpegurl",
    "audio/x-scpls",
)


@dataclass(frozen=True, slots=True)
class Variant:
    """One quality of a stream; `audio` names a group of renditions that has its audio."""

    uri: str
    bits_per_second: int
    audio: str | None


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of audio; `begins_anew` where its format may differ from the one before."""

    number: int
    uri: str
    initialization: str | None
    begins_anew: bool


@dataclass(frozen=True, slots=True)
class Playlist:
    """What a media playlist says."""

    segments: tuple[Segment, ...]
    target_seconds: float
    ended: bool


def is_playlist(head: bytes, content_type: str) -> bool:
    """Whether an answer that begins so is a playlist: M3U (HLS, too) or PLS."""
    if content_type in _TYPES:
        return True
    return head.removeprefix(b"\xef\xbb\xbf").startswith((b"#EXTM3U", b"[playlist]"))


def is_hls(text: str) -> bool:
    """Whether a playlist is one of HLS, and not a list of addresses."""
    return "#EXT-X-" in text


def first_link(text: str) -> str:
    """Return the first address of an M3U or PLS; raises SourceError(NOT_AUDIO) where there is none."""
    for line in map(str.strip, text.splitlines()):
        if found := re.fullmatch(r"File\d+=(\S+)|((?![#\[])\S+)", line):
            link = found[1] or found[2]
            if found[1] or "=" not in link.partition("?")[0]:
                return link
    raise SourceError(
        SourceErrorReason.NOT_AUDIO, "Choose another address: its playlist is empty."
    )


def choose_variant(text: str) -> str | None:
    """Return the address of the media playlist that a master playlist offers, or None."""
    variants: list[Variant] = []
    renditions: dict[str, str] = {}
    stream: dict[str, str] | None = None
    for line in map(str.strip, text.splitlines()):
        if line.startswith("#EXT-X-STREAM-INF:"):
            stream = _attributes(line)
        elif line.startswith("#EXT-X-MEDIA:"):
            media = _attributes(line)
            if media.get("TYPE") == "AUDIO" and "URI" in media:
                group = media.get("GROUP-ID", "")
                if media.get("DEFAULT") == "YES" or group not in renditions:
                    renditions[group] = media["URI"]
        elif stream is not None and line and not line.startswith("#"):
            bits = _number(stream.get("BANDWIDTH"), 0)
            variants.append(Variant(line, int(bits), stream.get("AUDIO")))
            stream = None
    if not variants:
        return None
    low = [each for each in variants if each.bits_per_second <= BEST_BITS_PER_SECOND]
    best = (
        max(low, key=lambda each: each.bits_per_second)
        if low
        else min(variants, key=lambda each: each.bits_per_second)
    )
    return renditions.get(best.audio or "", best.uri)


def parse_playlist(text: str) -> Playlist:
    """Return what a media playlist says; raises SourceError(NOT_AUDIO) for what cannot be read."""
    segments: list[Segment] = []
    number = 0
    target = 10.0
    initialization: str | None = None
    anew = ended = False
    for line in map(str.strip, text.splitlines()):
        tag, _, value = line.partition(":")
        if tag == "#EXT-X-MEDIA-SEQUENCE":
            number = int(_number(value, 0))
        elif tag == "#EXT-X-TARGETDURATION":
            target = _number(value, target)
        elif tag == "#EXT-X-DISCONTINUITY":
            anew = True
        elif tag == "#EXT-X-ENDLIST":
            ended = True
        elif tag == "#EXT-X-KEY" and _attributes(line).get("METHOD") != "NONE":
            raise _unreadable("it is encrypted")
        elif tag == "#EXT-X-BYTERANGE" or (
            tag == "#EXT-X-MAP" and "BYTERANGE" in value
        ):
            raise _unreadable("its segments are parts of files")
        elif tag == "#EXT-X-MAP":
            initialization = _attributes(line).get("URI")
        elif line and not line.startswith("#"):
            segments.append(Segment(number, line, initialization, anew))
            number += 1
            anew = False
    return Playlist(tuple(segments), target, ended)


def _unreadable(why: str) -> SourceError:
    return SourceError(
        SourceErrorReason.NOT_AUDIO,
        f"Choose another stream: {why}, which is not read here.",
    )


def _attributes(line: str) -> dict[str, str]:
    """Return NAME=value and NAME="value" of a tag (RFC 8216, 4.2)."""
    # From one comma to the next: what has no end is looked at once.
    pairs = re.findall(
        r'(?:^|,)\s*([A-Z0-9-]+)=("[^"]*"|[^,]*)', line.partition(":")[2]
    )
    return {name: value.strip('"') for name, value in pairs}


def _number(text: str | None, otherwise: float) -> float:
    found = re.match(r"\s*(\d{1,15}(\.\d{1,9})?)", text or "")
    return float(found[1]) if found else otherwise
