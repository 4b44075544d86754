"""What recordings may take of the disk: which must go, and whether there is room."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
import errno
import os
from pathlib import Path
import shutil
from typing import Final

from .options import RecordingOptions
from .recordings import RecordingEntry, total_bytes
from .records import RecordingTrouble

MEGABYTE: Final = 1_000_000
AGAIN: Final = 1.1
"""Of the floor must be free before it counts as enough again."""

FULL: Final = (errno.ENOSPC, errno.EDQUOT)
PROBE: Final = ".probe.part"
PROBE_BYTES: Final = 4096

HINTS: Final = {
    RecordingTrouble.LOW_SPACE: "Make room on the disk: it is nearly full, and nothing is recorded.",
    RecordingTrouble.CANNOT_WRITE: "Look at the folder of the recordings: it cannot be written to, and nothing is recorded.",
}


def too_old(
    entries: Sequence[RecordingEntry], now: datetime, options: RecordingOptions
) -> list[str]:
    """Return the names of recordings that are older than they are kept."""
    return [
        each.name
        for each in entries
        if now - each.started
        > timedelta(days=options.keep_test_days if each.test else options.keep_days)
    ]


def too_much(entries: Sequence[RecordingEntry], options: RecordingOptions) -> list[str]:
    """Return the names that must go for the rest to fit: tests first, the oldest first."""
    excess = total_bytes(entries) - options.keep_mb * MEGABYTE
    names: list[str] = []
    for each in sorted(entries, key=_worth):
        if excess <= 0:
            break
        names.append(each.name)
        excess -= each.bytes
    return names


def _worth(entry: RecordingEntry) -> tuple[int, str]:
    kind = 0 if entry.test else 1 if entry.alert_id is None else 2
    return kind, entry.name


def trouble_of(
    folder: Path, options: RecordingOptions, known: RecordingTrouble | None
) -> RecordingTrouble | None:
    """Return why nothing can be recorded now, None where it can.

    Where it could not be, something is written to see whether it can again.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        floor = options.floor_mb * MEGABYTE
        if known is RecordingTrouble.LOW_SPACE:
            floor *= AGAIN
        if shutil.disk_usage(folder).free < floor:
            return RecordingTrouble.LOW_SPACE
        if known is not None:
            _probe(folder / PROBE)
    except OSError as error:
        return trouble_from(error)
    return None


def trouble_from(error: OSError) -> RecordingTrouble:
    """Return what an error says of the disk."""
    if error.errno in FULL:
        return RecordingTrouble.LOW_SPACE
    return RecordingTrouble.CANNOT_WRITE


def _probe(path: Path) -> None:
    try:
        with path.open("wb") as file:
            file.write(bytes(PROBE_BYTES))
            file.flush()
            os.fsync(file.fileno())
    finally:
        with suppress(OSError):
            path.unlink()
