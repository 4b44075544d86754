"""A recording in pieces: how an agent tells what it has, and whoever asked puts it together.

Nothing here touches a disk or a network. docs/agent.md has the messages.
"""

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
import hashlib
import re
from typing import Any, Final

from ..errors import EasError
from ..station.recording_files import check_name
from ..station.records import RecordingEnd
from .payload import LONGEST, PayloadError, count_of, is_number, text_of, time_of

PIECE_BYTES: Final = 32_768
"""Of a file, in one message: 44 kB as base64, which every broker takes."""

MOST_COUNTED: Final = 5_000
"""Pieces of a file: whoever says that there are millions, of a byte each, has nothing to send."""

MOST_PIECES: Final = 16
"""In one order: to who asks and goes away half a megabyte is sent in vain, and no more."""

MOST_BYTES: Final = 20_000_000
"""Of a file that is taken: more than three minutes at 48 kHz of what FLAC cannot make smaller."""

ALERT_ID: Final = re.compile(r"[0-9a-f]{16}")
SHA256: Final = re.compile(r"[0-9a-f]{64}")


class TransferError(EasError):
    """A recording that cannot be had so; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What an agent says of a recording before its pieces come; sizes in bytes, times in seconds.

    The pieces are all of `piece_bytes` but the last, and `count` of them.
    """

    alert_id: str
    name: str
    station: str
    channel: str
    started: datetime
    duration_s: float
    ended_by: RecordingEnd
    lost_s: float
    file: str
    size: int
    piece_bytes: int
    count: int
    sha256: str

    def piece_size(self, index: int) -> int:
        """Return how long a piece is."""
        last = index == self.count - 1
        return self.size - index * self.piece_bytes if last else self.piece_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of a file, and of which."""

    index: int
    count: int
    size: int
    sha256: str
    data: bytes


def manifest_fields(manifest: Manifest) -> dict[str, Any]:
    """Return what the answer to an order says of a recording."""
    return {
        "alert_id": manifest.alert_id,
        "name": manifest.name,
        "station": manifest.station,
        "channel": manifest.channel,
        "started": manifest.started.isoformat(),
        "duration_s": manifest.duration_s,
        "ended_by": manifest.ended_by.value,
        "lost_s": manifest.lost_s,
        "file": manifest.file,
        "size": manifest.size,
        "piece_bytes": manifest.piece_bytes,
        "count": manifest.count,
        "sha256": manifest.sha256,
    }


def read_manifest(told: Mapping[str, Any]) -> Manifest:
    """Return what an answer says of a recording.

    Raises PayloadError for what is none, TransferError for what is too large.
    """
    try:
        name = check_name(text_of(told, "name"))
        ended_by = RecordingEnd(text_of(told, "ended_by"))
    except PayloadError:
        raise
    except ValueError as error:
        raise PayloadError("name or ended_by is none of a recording's.") from error
    size, piece_bytes = count_of(told, "size"), count_of(told, "piece_bytes")
    if size > MOST_BYTES:
        raise TransferError(
            f"Record less at a time: it has {size} bytes, and {MOST_BYTES} are taken."
        )
    if not 0 < piece_bytes <= 2 * LONGEST // 3 or not size:
        raise PayloadError("size or piece_bytes is none of a recording's.")
    count = count_of(told, "count")
    if count != -(-size // piece_bytes) or count > MOST_COUNTED:
        raise PayloadError("count is not how many pieces it has, or too great.")
    return Manifest(
        alert_id=_identity(told, "alert_id", ALERT_ID),
        name=name,
        station=text_of(told, "station"),
        channel=text_of(told, "channel"),
        started=time_of(told, "started"),
        duration_s=_seconds(told, "duration_s"),
        ended_by=ended_by,
        lost_s=_seconds(told, "lost_s"),
        file=text_of(told, "file"),
        size=size,
        piece_bytes=piece_bytes,
        count=count,
        sha256=_identity(told, "sha256", SHA256),
    )


def piece_fields(manifest: Manifest, index: int, data: bytes) -> dict[str, Any]:
    """Return what a message says that carries a piece."""
    return {
        "alert_id": manifest.alert_id,
        "index": index,
        "count": manifest.count,
        "size": manifest.size,
        "sha256": manifest.sha256,
        "data": b64encode(data).decode(),
    }


def read_piece(told: Mapping[str, Any]) -> Piece:
    """Return the piece that a message carries; raises PayloadError."""
    try:
        data = b64decode(told["data"], validate=True)
    except (KeyError, TypeError, ValueError, Base64Error) as error:
        raise PayloadError("data is no base64.") from error
    return Piece(
        index=count_of(told, "index"),
        count=count_of(told, "count"),
        size=count_of(told, "size"),
        sha256=_identity(told, "sha256", SHA256),
        data=data,
    )


class Assembly:
    """Puts pieces together, whatever order they come in."""

    def __init__(self, manifest: Manifest) -> None:
        """Take what is to come."""
        self.manifest = manifest
        self._pieces: dict[int, bytes] = {}

    @property
    def missing(self) -> list[int]:
        """The numbers of the pieces that have not come."""
        return [one for one in range(self.manifest.count) if one not in self._pieces]

    def take(self, piece: Piece) -> bool:
        """Keep a piece; return whether it is of this file, fits and was missing."""
        wanted = self.manifest
        fits = (
            (piece.sha256, piece.size, piece.count)
            == (wanted.sha256, wanted.size, wanted.count)
            and piece.index < wanted.count
            and len(piece.data) == wanted.piece_size(piece.index)
        )
        if not fits or piece.index in self._pieces:
            return False
        self._pieces[piece.index] = piece.data
        return True

    def whole(self) -> bytes:
        """Return the file; raises TransferError where it is not what the agent has."""
        if self.missing:
            raise TransferError("Ask again for the pieces that are missing.")
        whole = b"".join(self._pieces[one] for one in range(self.manifest.count))
        if hashlib.sha256(whole).hexdigest() != self.manifest.sha256:
            raise TransferError("Ask again: it came other than it was sent.")
        return whole


def _identity(told: Mapping[str, Any], key: str, form: re.Pattern[str]) -> str:
    text = text_of(told, key)
    if not form.fullmatch(text):
        raise PayloadError(f"{key} is none.")
    return text


def _seconds(told: Mapping[str, Any], key: str) -> float:
    seconds = told.get(key)
    if not is_number(seconds) or seconds < 0:
        raise PayloadError(f"{key} is no length.")
    return float(seconds)
