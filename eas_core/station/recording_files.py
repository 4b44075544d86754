"""How a recording lies on the disk: its name, and the sidecar that tells all of it.

    20260608T183012345Z-TOR-0123456789abcdef.flac   whole
    20260608T183012345Z-TOR-0123456789abcdef.mp3    for people
    20260608T183012345Z-TOR-0123456789abcdef.json   the sidecar
    │                   │   └ the alert's id, or the channel of what was saved
    │                   └ event code, SAVED for what was saved, UNK
    └ UTC, to the millisecond: names sort by time

A recording is one when its sidecar is there; what is being written begins with
a dot. Nothing in a name comes off the air but capital letters and digits.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
import json
import os
from pathlib import Path
import re
from typing import Any, Final

from ..errors import EasError
from ..plain_json import parse_json
from .contract import FIRST_YEAR, LAST_YEAR
from .records import RecordingEnd

VERSION: Final = 1
SAVED: Final = "SAVED"
UNKNOWN: Final = "UNK"
SIDECAR: Final = ".json"
PARTIAL: Final = ".partial"
"""What holds no audio that can be read, and is kept for whoever can."""

PLAIN_COPY: Final = ".copy.flac"
SUFFIXES: Final = (".flac", ".mp3", ".ogg", PLAIN_COPY, PARTIAL)
"""Of all files that a recording may have beside its sidecar."""

NAME: Final = re.compile(r"(\d{8}T\d{9})Z-([A-Z0-9]{3,5})-([a-z0-9]{1,32})")
WHOLE_ENDS: Final = (RecordingEnd.END_OF_MESSAGE, RecordingEnd.SAVED)


BEYOND: Final = 1e12
"""No number in a sidecar is so great."""


class RecordingError(EasError):
    """A recording that cannot be made, found or read; the text says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a message, `header`, `tone`, `voice` or `end`, in seconds from the file's start."""

    part: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedFile:
    """One of a recording's files, beside the sidecar; rate in Hz."""

    name: str
    codec: str
    bytes: int
    sample_rate: int
    duration_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """All that is known of a recording: what its sidecar holds.

    `alert` is the alert in plain values, None for what was saved from the ring.
    `started` is the moment of the first sample. `copy_spans` are the stretches
    of the whole, in seconds, that the copy for people is made of. `lost_s` of
    the whole are silence, since the source or the disk was behind. `transcript`
    is what a speech-to-text engine made of the voice.
    """

    name: str
    station: str
    channel: str
    alert: Mapping[str, Any] | None
    started: datetime
    sample_rate: int
    ended: datetime | None = None
    duration_s: float = 0.0
    parts: tuple[Part, ...] = ()
    whole: RecordedFile | None = None
    copy: RecordedFile | None = None
    copy_spans: tuple[tuple[float, float], ...] = ()
    ended_by: RecordingEnd = RecordingEnd.INTERRUPTED
    lost_s: float = 0.0
    transcript: str | None = None

    @property
    def complete(self) -> bool:
        """Whether it goes on to where it was to end."""
        return self.ended_by in WHOLE_ENDS

    @property
    def alert_id(self) -> str | None:
        """The alert that was recorded."""
        return None if self.alert is None else str(self.alert.get("id"))


def recording_name(at: datetime, event_code: str, identity: str) -> str:
    """Return the name for a recording begun at an aware time: safe on any file system."""
    utc = at.astimezone(UTC)
    stamp = f"{utc:%Y%m%dT%H%M%S}{utc.microsecond // 1000:03d}Z"
    code = re.sub(r"[^A-Z0-9]", "", event_code)[:5]
    tail = recording_tail(identity)
    return f"{stamp:0>19}-{code if len(code) >= 3 else UNKNOWN}-{tail}"


def recording_tail(identity: str) -> str:
    """Return what the name of a recording ends with, of an alert's id or a channel."""
    return re.sub(r"[^a-z0-9]", "", identity.lower())[:24] or "0"


def check_name(name: str) -> str:
    """Return a recording's name; raises RecordingError for anything that is none."""
    if not NAME.fullmatch(name) or not name.isascii():
        raise RecordingError("Choose a recording by its name, as it is listed.")
    return name


def time_of(name: str) -> datetime:
    """Return when a recording was begun by its name; raises RecordingError."""
    stamp = check_name(name)[:18]
    try:
        return datetime.strptime(f"{stamp}000+0000", "%Y%m%dT%H%M%S%f%z")
    except ValueError as error:
        raise RecordingError("Choose a recording by its name.") from error


def to_json(recording: Recording) -> bytes:
    """Return the sidecar's text."""
    fields = asdict(recording)
    fields["started"] = recording.started.isoformat()
    fields["ended"] = recording.ended.isoformat() if recording.ended else None
    for key in ("whole", "copy"):
        fields.pop(key)
    fields["files"] = {
        key: asdict(file)
        for key, file in (("whole", recording.whole), ("copy", recording.copy))
        if file is not None
    }
    told = {"version": VERSION} | fields | {"complete": recording.complete}
    return json.dumps(told, ensure_ascii=False, indent=1, default=_plain).encode()


def from_json(text: bytes) -> Recording:
    """Return what a sidecar tells; raises RecordingError where it is none.

    What a later version added is passed over.
    """
    try:
        told = parse_json(text)
        files = told.get("files") or {}
        recording = Recording(
            name=check_name(told["name"]),
            station=str(told["station"]),
            channel=str(told["channel"]),
            alert=_alert(told["alert"]),
            started=_aware(told["started"]),
            ended=_aware(told["ended"]) if told["ended"] else None,
            sample_rate=round(_number(told["sample_rate"])),
            duration_s=_number(told["duration_s"]),
            parts=tuple(
                Part(
                    part=str(each["part"]),
                    start_s=_number(each["start_s"]),
                    end_s=_number(each["end_s"]),
                )
                for each in told["parts"]
            ),
            copy_spans=tuple(
                (_number(one), _number(two)) for one, two in told["copy_spans"]
            ),
            ended_by=RecordingEnd(told["ended_by"]),
            lost_s=_number(told["lost_s"]),
            transcript=_text(told.get("transcript")),
        )
        return replace(
            recording, whole=_file(files.get("whole")), copy=_file(files.get("copy"))
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RecordingError(
            "Delete this recording: its sidecar is damaged."
        ) from error


def _file(told: Mapping[str, Any] | None) -> RecordedFile | None:
    if told is None:
        return None
    name = str(told["name"])
    stem, _, kind = name.partition(".")
    check_name(stem)
    if f".{kind}" not in SUFFIXES:
        raise ValueError(name)
    return RecordedFile(
        name=name,
        codec=str(told["codec"]),
        bytes=round(_number(told["bytes"])),
        sample_rate=round(_number(told["sample_rate"])),
        duration_s=_number(told["duration_s"]),
    )


def _alert(told: object) -> Mapping[str, Any] | None:
    if not (told is None or isinstance(told, dict)):
        raise TypeError(told)
    return told


def _number(told: object) -> float:
    if not isinstance(told, int | float) or isinstance(told, bool):
        raise TypeError(told)
    if not 0 <= told < BEYOND:
        raise ValueError(told)
    return float(told)


def _text(told: object) -> str | None:
    return told if isinstance(told, str) else None


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def write_sidecar(folder: Path, recording: Recording) -> None:
    """Put a recording's sidecar in its place at once; raises OSError."""
    _put(folder / f"{recording.name}{SIDECAR}", to_json(recording))


def amend_sidecar(folder: Path, name: str, fields: Mapping[str, Any]) -> None:
    """Add fields to a recording's sidecar at once; what a later version wrote in it stays.

    Raises RecordingError where there is no such recording, and OSError.
    """
    path = folder / f"{check_name(name)}{SIDECAR}"
    try:
        text = path.read_bytes()
    except FileNotFoundError as error:
        raise RecordingError(
            f"Choose another recording: {name} is not there any more."
        ) from error
    from_json(text)
    told = parse_json(text) | fields
    _put(path, json.dumps(told, ensure_ascii=False, indent=1).encode())


def _put(path: Path, text: bytes) -> None:
    """Put a file in its place at once."""
    unfinished = path.with_name(f".{path.name}.part")
    try:
        with unfinished.open("wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError:
        with suppress(OSError):
            unfinished.unlink()
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Have the disk know of the names in a folder."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
