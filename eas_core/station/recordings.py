"""The recordings in a folder: listed by their sidecars, found by name, removed."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
import os
from pathlib import Path
import sys
import threading
import time
from typing import Any, Final, Literal

from .recording_files import (
    NAME,
    SIDECAR,
    SUFFIXES,
    Recording,
    RecordingError,
    check_name,
    from_json,
    recording_tail,
)
from .recording_take import is_taken

MOST_ENTRIES: Final = 20_000
"""Of the newest; what is older is neither listed nor kept."""

UNSURE_NS: Final = 100_000_000
"""A folder that changed so lately may change again without a new time of change."""

type Which = Literal["whole", "copy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingEntry:
    """What a list needs of a recording; `bytes` is of all its files.

    `event` and `event_code` are "" for what was saved from the ring, `places`
    the names of an alert's. `test` is also said of what the station made itself.
    """

    name: str
    station: str
    channel: str
    started: datetime
    duration_s: float
    alert_id: str | None
    event_code: str
    event: str
    places: tuple[str, ...]
    test: bool
    complete: bool
    whole: str
    copy: str | None
    bytes: int


class RecordingIndex:
    """Lists a folder; a sidecar is read once and again when it has changed.

    May be used from any thread; none of it is for an event loop.
    """

    def __init__(self, folder: str | Path) -> None:
        """Take the folder, which need not be there yet."""
        self.folder = Path(folder)
        self._lock = threading.Lock()
        self._read: dict[str, tuple[int, int, RecordingEntry | None]] = {}
        self._entries: tuple[RecordingEntry, ...] = ()
        self._seen: int | None = None
        self._surplus: tuple[str, ...] = ()

    def entries(self) -> tuple[RecordingEntry, ...]:
        """Return all recordings, oldest first; none where the folder cannot be read."""
        with self._lock:
            self._refresh()
            return self._entries

    def newest(self, count: int, before: str | None = None) -> list[RecordingEntry]:
        """Return so many, newest first, older than the one named; for pages of a list."""
        found = self.entries()
        if before is not None:
            found = tuple(each for each in found if each.name < check_name(before))
        return list(reversed(found[-count:])) if count > 0 else []

    @property
    def surplus(self) -> tuple[str, ...]:
        """The names that are beyond MOST_ENTRIES."""
        with self._lock:
            self._refresh()
            return self._surplus

    def read(self, name: str) -> Recording:
        """Return all that is known of a recording; raises RecordingError."""
        try:
            text = (self.folder / f"{check_name(name)}{SIDECAR}").read_bytes()
        except OSError as error:
            if is_taken(self.folder, name):
                raise RecordingError(
                    f"Wait for its end: {name} is still being recorded."
                ) from error
            raise _gone(name) from error
        return from_json(text)

    def of_alert(self, alert_id: str) -> list[Recording]:
        """Return what was recorded of an alert, what has its end first, then the longest.

        Names are looked through, and no sidecar but of those that fit.
        """
        found: list[Recording] = []
        with suppress(OSError):
            for path in self.folder.glob(f"*-{recording_tail(alert_id)}{SIDECAR}"):
                with suppress(RecordingError):
                    found.append(self.read(path.name.removesuffix(SIDECAR)))
        return sorted(
            (each for each in found if each.alert_id == alert_id),
            key=lambda each: (not each.complete, -each.duration_s),
        )

    def path(self, name: str, which: Which = "whole") -> Path:
        """Return where a recording's audio is; raises RecordingError."""
        recording = self.read(name)
        file = recording.whole if which == "whole" else recording.copy
        if file is None:
            raise RecordingError("Play the whole: this recording has no copy.")
        path = self.folder / file.name
        if path.is_symlink() or not path.is_file():
            raise _gone(name)
        return path

    def remove(self, name: str) -> None:
        """Delete a recording, the sidecar last; raises RecordingError and OSError."""
        check_name(name)
        sidecar = self.folder / f"{name}{SIDECAR}"
        if not sidecar.exists():
            raise _gone(name)
        for suffix in SUFFIXES:
            (self.folder / f"{name}{suffix}").unlink(missing_ok=True)
        (self.folder / f".{sidecar.name}.part").unlink(missing_ok=True)
        sidecar.unlink(missing_ok=True)
        with self._lock:
            self._seen = None

    def _refresh(self) -> None:
        """Read what is new in the folder."""
        try:
            changed = self.folder.stat().st_mtime_ns
            if changed == self._seen:
                return
            sidecars, files = self._scan()
        except OSError:
            self._read, self._entries, self._surplus = {}, (), ()
            self._seen = None
            return
        names = sorted(sidecars)
        self._surplus = tuple(names[:-MOST_ENTRIES])
        read: dict[str, tuple[int, int, RecordingEntry | None]] = {}
        for name in names[-MOST_ENTRIES:]:
            stamp, size = sidecars[name]
            known = self._read.get(name)
            if known is None or known[:2] != (stamp, size):
                known = (stamp, size, self._entry(name))
            read[name] = known
        self._read = read
        self._entries = tuple(
            entry
            for _, _, entry in read.values()
            if entry is not None and entry.whole in files
        )
        sure = time.time_ns() - changed > UNSURE_NS
        self._seen = changed if sure else None

    def _scan(self) -> tuple[dict[str, tuple[int, int]], set[str]]:
        """Return the sidecars with their time and size, and the other files."""
        sidecars: dict[str, tuple[int, int]] = {}
        files: set[str] = set()
        with os.scandir(self.folder) as found:
            for each in found:
                name, _, kind = each.name.partition(".")
                if not NAME.fullmatch(name):
                    continue
                if f".{kind}" != SIDECAR:
                    files.add(each.name)
                    continue
                with suppress(FileNotFoundError):
                    status = each.stat()
                    sidecars[name] = (status.st_mtime_ns, status.st_size)
        return sidecars, files

    def _entry(self, name: str) -> RecordingEntry | None:
        """Return what a sidecar tells; one that is damaged is passed over."""
        path = self.folder / f"{name}{SIDECAR}"
        try:
            text = path.read_bytes()
            recording = from_json(text)
        except OSError, RecordingError:
            return None
        if recording.name != name or recording.whole is None:
            return None
        alert = recording.alert or {}
        sizes = [each.bytes for each in (recording.whole, recording.copy) if each]
        return RecordingEntry(
            name=name,
            station=sys.intern(recording.station),
            channel=sys.intern(recording.channel),
            started=recording.started,
            duration_s=recording.duration_s,
            alert_id=recording.alert_id,
            event_code=sys.intern(str(alert.get("event_code", ""))),
            event=sys.intern(str(alert.get("event", ""))),
            places=_places(alert),
            test=bool(alert.get("test") or alert.get("self_test")),
            complete=recording.complete,
            whole=recording.whole.name,
            copy=recording.copy.name if recording.copy else None,
            bytes=len(text) + sum(sizes),
        )


def total_bytes(entries: Iterable[RecordingEntry]) -> int:
    """Return how much of the disk recordings take."""
    return sum(each.bytes for each in entries)


def _places(alert: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of an alert's places, as far as they can be read."""
    found = alert.get("locations")
    if not isinstance(found, list):
        return ()
    return tuple(
        sys.intern(str(each.get("name", "")))
        for each in found
        if isinstance(each, dict)
    )


def _gone(name: str) -> RecordingError:
    return RecordingError(f"Choose another recording: {name} is not there any more.")
