"""Recordings on their way from an agent's disk: a piece at a time, and never faster than is bearable."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
import hashlib
from pathlib import Path
from typing import Any, Final

from ..errors import EasError
from ..station.recordings import RecordingIndex
from .transfer import (
    ALERT_ID,
    MOST_PIECES,
    PIECE_BYTES,
    Manifest,
    manifest_fields,
    piece_fields,
)

PIECE_SECONDS: Final = 0.04
"""Between two pieces: 1.1 MB/s at most, whoever asks for how much."""

MOST_ORDERS: Final = 8
"""That wait; who asks then is told to ask later."""


class SendingError(EasError):
    """A recording that cannot be sent; the text says what to change."""


class LostError(SendingError):
    """There is no such recording, or no more."""


@dataclass(slots=True)
class _Order:
    """Pieces of a file that somebody has asked for."""

    identity: str | int | None
    manifest: Manifest
    path: Path
    pieces: deque[int] = field(default_factory=deque)


class Sender:
    """Sends what is asked for of recordings, on one thread.

    A piece goes when the broker has the one before: what is heard meanwhile
    waits for one piece, however slow the line is.
    """

    def __init__(self) -> None:
        """Have nothing to send."""
        self._orders: deque[_Order] = deque()
        self._flying: int | None = None
        self._due = 0.0

    def take(
        self, order: Mapping[str, Any], indexes: list[RecordingIndex]
    ) -> dict[str, Any]:
        """Take an order; return what is to be said of the recording. Raises EasError."""
        manifest, path = _find(order, indexes)
        pieces = _pieces(order, manifest.count)
        if pieces and len(self._orders) >= MOST_ORDERS:
            raise SendingError("Ask later: too many recordings are being sent.")
        if pieces:
            taken = _Order(order.get("id"), manifest, path, deque(pieces))
            self._orders.append(taken)
        return manifest_fields(manifest)

    def wait(self, now: float) -> float | None:
        """Return in how many seconds a piece is due, None where none waits; `now` is monotonic."""
        if not self._orders or self._flying is not None:
            return None
        return max(0.0, self._due - now)

    def send(self, now: float, publish: Callable[[dict[str, Any]], int | None]) -> None:
        """Publish the next piece where it is due; `publish` returns its number at the broker."""
        if self.wait(now) != 0:
            return
        order = self._orders[0]
        index = order.pieces.popleft()
        if not order.pieces:
            self._orders.popleft()
        try:
            with order.path.open("rb") as file:
                file.seek(index * order.manifest.piece_bytes)
                data = file.read(order.manifest.piece_size(index))
        except OSError:
            # It was removed meanwhile: who asks again is told so.
            return
        self._due = now + PIECE_SECONDS
        told = {"id": order.identity} | piece_fields(order.manifest, index, data)
        self._flying = publish(told)
        if self._flying is None:
            self.drop()

    def acknowledged(self, message: int) -> None:
        """Take it that the broker has a message, which need not be a piece."""
        if message == self._flying:
            self._flying = None

    def drop(self) -> None:
        """Forget what was asked for: who still wants it asks again."""
        self._orders.clear()
        self._flying = None


def _find(
    order: Mapping[str, Any], indexes: list[RecordingIndex]
) -> tuple[Manifest, Path]:
    alert_id, which = order.get("alert_id"), order.get("file", "copy")
    if not indexes:
        raise SendingError("Have the agent record: [station.recording].")
    if not isinstance(alert_id, str) or not ALERT_ID.fullmatch(alert_id):
        raise SendingError("Name the alert by its id, as it was told.")
    if which not in ("whole", "copy"):
        raise SendingError("Ask for the file whole or copy.")
    for index in indexes:
        for recording in index.of_alert(alert_id):
            file = recording.whole if which == "whole" else recording.copy
            if file is None:
                continue
            path = index.path(recording.name, which)
            size, sha256 = _measure(path)
            return Manifest(
                alert_id=alert_id,
                name=recording.name,
                station=recording.station or "?",
                channel=recording.channel or "?",
                started=recording.started,
                duration_s=recording.duration_s,
                ended_by=recording.ended_by,
                lost_s=recording.lost_s,
                file=which,
                size=size,
                piece_bytes=PIECE_BYTES,
                count=-(-size // PIECE_BYTES),
                sha256=sha256,
            ), path
    raise LostError(f"Choose another alert: there is no {which} recording of it.")


def _pieces(order: Mapping[str, Any], count: int) -> list[int]:
    wanted = order.get("pieces", [*range(min(count, MOST_PIECES))])
    numbers = isinstance(wanted, list) and all(
        type(one) is int and 0 <= one < count for one in wanted
    )
    if not numbers or len({*wanted}) < len(wanted) or len(wanted) > MOST_PIECES:
        raise SendingError(
            f"Ask for up to {MOST_PIECES} pieces by their numbers, 0 to {count - 1}."
        )
    return [*wanted]


def _measure(path: Path) -> tuple[int, str]:
    """Return a file's size and its sha256; raises SendingError where it cannot be read."""
    try:
        status = path.stat()
        return status.st_size, _digest(path, status.st_size, status.st_mtime_ns)
    except OSError as error:
        raise SendingError(f"Ask again: {path.name}: {error.strerror}.") from error


@lru_cache(maxsize=64)
def _digest(path: Path, size: int, changed: int) -> str:
    """Return a file's sha256, which is of that size and time of change."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
