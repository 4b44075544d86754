"""What was heard, kept on disk until the broker has it, and for whoever missed it.

One line of JSON for each message and one for each that the broker took. A
message counts as kept when `keep` returns: it is on the disk then.
"""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import dropwhile
import json
import logging
import os
from pathlib import Path
from typing import Any, Final, Literal

from ..errors import EasError
from ..plain_json import parse_json

_LOGGER = logging.getLogger(__name__)

FILE: Final = "heard.jsonl"
MOST_KEPT: Final = 2000
"""Messages: years of alerts, and of weekly tests, in some megabytes."""

SPARE_LINES: Final = 1000
"""Of what is kept no more, and of marks, before the file is written anew."""

KNOWN_BY: Final[Mapping[str, str]] = {"alert": "id", "eom": "alert_id"}
"""Where a message names its alert."""

type Kind = Literal["alert", "eom", "recording"]

KINDS: Final = ("alert", "eom", "recording")


class SpoolError(EasError):
    """What was heard could not be kept; the text says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A message that is kept; `number` grows, `test` goes first where there is no room."""

    number: int
    kind: Kind
    test: bool
    payload: Mapping[str, Any]
    sent: bool = False


class Spool:
    """Keeps messages in a folder, the newest MOST_KEPT; for one thread."""

    def __init__(self, folder: str | Path, most: int = MOST_KEPT) -> None:
        """Read what a run before this has left; raises SpoolError where that cannot be."""
        self._path = Path(folder) / FILE
        self._most = most
        self._kept: dict[int, Kept] = {}
        self._lines = 0
        self._last = 0
        self._whole = True
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._read()
        except OSError as error:
            raise _cannot(self._path, error) from error

    @property
    def unsent(self) -> list[Kept]:
        """What the broker does not have yet, oldest first."""
        return [kept for kept in self._kept.values() if not kept.sent]

    def after(self, received: str) -> list[Kept]:
        """Return all from the first that was received after a time (ISO 8601, UTC), oldest first.

        What was heard later while the clock was wrong is among it.
        """
        return list(
            dropwhile(
                lambda kept: str(kept.payload.get("received", "")) <= received,
                self._kept.values(),
            )
        )

    def missed(self, received: str, known: Collection[str]) -> list[Kept]:
        """Return the same without messages and ends of alerts that are known, by their ids.

        An update of them may still be news, and an end of nothing is none later.
        """
        return [kept for kept in self.after(received) if not _is_old(kept, known)]

    def __len__(self) -> int:
        """Return how many are kept."""
        return len(self._kept)

    def keep(self, kind: Kind, payload: Mapping[str, Any], *, test: bool) -> Kept:
        """Put a message on the disk; raises SpoolError where it could not be written.

        It is remembered then all the same, for as long as the program runs.
        """
        self._last += 1
        kept = Kept(number=self._last, kind=kind, test=test, payload=payload)
        self._kept[kept.number] = kept
        self._make_room()
        try:
            self._write(_line(kept), sync=True)
        except OSError as error:
            self._whole = False
            raise _cannot(self._path, error) from error
        return kept

    def mark_sent(self, number: int) -> None:
        """Remember that the broker has a message; one that is gone is no matter."""
        kept = self._kept.get(number)
        if kept is None or kept.sent:
            return
        self._kept[number] = replace(kept, sent=True)
        # A mark that is lost has the message sent twice, under the same id.
        with suppress(OSError):
            self._write({"sent": number}, sync=False)

    def _make_room(self) -> None:
        while len(self._kept) > self._most:
            del self._kept[min(self._kept.values(), key=_worth).number]

    def _write(self, line: Mapping[str, Any], *, sync: bool) -> None:
        self._lines += 1
        if not self._whole or self._lines > self._most + SPARE_LINES:
            self._rewrite()
            return
        with self._path.open("ab") as file:
            file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
            if sync:
                file.flush()
                os.fsync(file.fileno())

    def _rewrite(self) -> None:
        """Write all that is kept anew, so that at any moment one whole file is there."""
        new = self._path.with_suffix(".new")
        with new.open("wb") as file:
            for kept in self._kept.values():
                file.write(json.dumps(_line(kept), ensure_ascii=False).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._path)
        _sync_folder(self._path.parent)
        self._lines, self._whole = len(self._kept), True

    def _read(self) -> None:
        try:
            lines = self._path.read_bytes().split(b"\n")
        except FileNotFoundError:
            self._path.touch()
            _sync_folder(self._path.parent)
            return
        broken = 0
        for line in filter(None, lines):
            try:
                self._take(parse_json(line))
            except ValueError, KeyError, TypeError, AttributeError:
                broken += 1
        if broken:
            _LOGGER.warning(
                "%s of the lines in %s cannot be read and are passed over",
                broken,
                self._path,
            )
        self._lines = len(lines)
        self._make_room()
        # A last line that was cut off would swallow the next one.
        self._whole = not broken and not lines[-1]

    def _take(self, line: Mapping[str, Any]) -> None:
        if "sent" in line:
            number = int(line["sent"])
            if number in self._kept:
                self._kept[number] = replace(self._kept[number], sent=True)
            return
        payload = line["payload"]
        if line["kind"] not in KINDS or not isinstance(payload, dict):
            raise ValueError(line["kind"])
        number = int(line["number"])
        self._kept[number] = Kept(
            number=number,
            kind=line["kind"],
            test=bool(line["test"]),
            payload=payload,
            sent=bool(line["was_sent"]),
        )
        self._last = max(self._last, number)


def _line(kept: Kept) -> dict[str, Any]:
    return {
        "number": kept.number,
        "kind": kept.kind,
        "test": kept.test,
        "was_sent": kept.sent,
        "payload": kept.payload,
    }


def _is_old(kept: Kept, known: Collection[str]) -> bool:
    if kept.kind not in KNOWN_BY or kept.payload.get("update"):
        return False
    alert_id = kept.payload.get(KNOWN_BY[kept.kind])
    return alert_id is None or alert_id in known


def _worth(kept: Kept) -> tuple[bool, bool, int]:
    """Order by what is missed least: tests, then what the broker has, then what is old."""
    return (not kept.test, not kept.sent, kept.number)


def _sync_folder(folder: Path) -> None:
    """Have a new name on the disk too, where the system can do that."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _cannot(path: Path, error: OSError) -> SpoolError:
    return SpoolError(
        f"Make room and let the agent write to {path.parent}: {error.strerror}."
    )
