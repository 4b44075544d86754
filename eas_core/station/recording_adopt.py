"""A recording that was made elsewhere, put among those of a folder as if it had been made here."""

from collections.abc import Iterator
from contextlib import suppress
import os
from pathlib import Path
from typing import Final

from ..audio.block import AudioBlock
from ..audio.files import FLAC_BEGINS, read_blocks
from ..errors import EasError
from .options import RecordingOptions
from .recording_files import Recording, RecordingError, sync_folder, to_json
from .recording_finish import finish
from .recording_parts import Found, PartFinder
from .recording_take import draft_path, growing_path, lock

LONGEST_SECONDS: Final = 1800.0
"""FLAC makes days of silence as small as one likes."""

COMING: Final = ".coming"


def adopt(
    folder: Path, draft: Recording, audio: bytes, options: RecordingOptions
) -> Recording:
    """Put a FLAC file into the folder under the draft's name, which must be free.

    Its copy and its parts are made here, of the audio itself: nothing is played
    to people that was not looked through. When the process dies or the disk
    fails meanwhile, what had not come whole is gone, and `recover` finishes the
    rest. Raises RecordingError for what is no recording, and OSError.
    """
    # What begins so is read as that alone: some formats name other files.
    if not audio.startswith(FLAC_BEGINS):
        raise _no_recording(draft.name)
    with draft_path(folder, draft.name).open("xb") as note:
        lock(note)
        coming = folder / f".{draft.name}{COMING}"
        growing = growing_path(folder, draft.name)
        try:
            note.write(to_json(draft))
            note.flush()
            _write(coming, audio)
            coming.replace(growing)
            sync_folder(folder)
            found = _look_through(growing, draft.name)
        except BaseException:
            for path in (coming, growing, draft_path(folder, draft.name)):
                with suppress(OSError):
                    path.unlink(missing_ok=True)
            raise
        return finish(folder, draft, found, options)


def _write(path: Path, audio: bytes) -> None:
    with path.open("wb") as file:
        file.write(audio)
        file.flush()
        os.fsync(file.fileno())


def _look_through(path: Path, name: str) -> Found:
    """Return what is in the audio; raises RecordingError where there is none, or too much."""
    finder: PartFinder | None = None
    try:
        for block in _bounded(read_blocks(path), name):
            finder = finder or PartFinder(block.sample_rate)
            finder.feed(block.samples)
    except RecordingError:
        raise
    except EasError as error:
        raise _no_recording(name) from error
    if finder is None:
        raise _no_recording(name)
    return finder.finish()


def _bounded(blocks: Iterator[AudioBlock], name: str) -> Iterator[AudioBlock]:
    for block in blocks:
        if block.first_sample > LONGEST_SECONDS * block.sample_rate:
            raise RecordingError(
                f"Record less at a time: {name} is longer than half an hour."
            )
        yield block


def _no_recording(name: str) -> RecordingError:
    return RecordingError(f"Choose another recording: {name} is no audio in FLAC.")
