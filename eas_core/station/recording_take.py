"""One recording while it grows on the disk."""

from contextlib import suppress
import fcntl
import os
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np

from ..audio.encoding import FLAC, Encoder, Pcm, to_float
from .recording_files import SIDECAR, Recording, sync_folder, to_json
from .recording_parts import Found, PartFinder

SYNC_SECONDS: Final = 5.0
"""Of audio: as much is lost when the power fails. When the process is killed it
is what waits for the disk, and one frame of FLAC: a tenth of a second."""

SILENCE_AT_ONCE: Final = 1 << 16


def draft_path(folder: Path, name: str) -> Path:
    """Return where it says what is being recorded."""
    return folder / f".{name}.draft"


def growing_path(folder: Path, name: str) -> Path:
    """Return where the audio grows."""
    return folder / f".{name}{FLAC.suffix}.part"


def lock(file: BinaryIO) -> bool:
    """Hold a draft for as long as it is open; return whether nobody else does.

    The lock goes when its process does. A file system that has none lets all.
    """
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        pass
    return True


def is_taken(folder: Path, name: str) -> bool:
    """Whether there is a recording of that name, or the beginning of one."""
    paths = (folder / f"{name}{SIDECAR}", folder / f"{name}{FLAC.suffix}")
    return any(
        path.exists()
        for path in (*paths, draft_path(folder, name), growing_path(folder, name))
    )


class Take:
    """Writes one recording under a name that begins with a dot; each method may raise OSError."""

    def __init__(self, folder: Path, draft: Recording) -> None:
        """Open the draft and the audio; raises FileExistsError where the name is taken."""
        if is_taken(folder, draft.name):
            raise FileExistsError(draft.name)
        self.draft = draft
        self._rate = draft.sample_rate
        self._note: BinaryIO = draft_path(folder, draft.name).open("xb")
        lock(self._note)
        self._file: BinaryIO | None = None
        try:
            self._note.write(to_json(draft))
            self._note.flush()
            self._file = growing_path(folder, draft.name).open("xb")
            self._encoder = Encoder(self._file, FLAC, draft.sample_rate)
        except BaseException:
            self._let_go()
            draft_path(folder, draft.name).unlink(missing_ok=True)
            raise
        self._parts = PartFinder(draft.sample_rate)
        self._synced = 0
        self.missed = 0
        sync_folder(folder)

    def write(self, pcm: Pcm, missed: int = 0) -> bool:
        """Add int16[any] after so many samples that were missed; return whether it was synced."""
        assert self._file is not None
        while missed > 0:
            self._add(np.zeros(min(missed, SILENCE_AT_ONCE), np.int16))
            self.missed += min(missed, SILENCE_AT_ONCE)
            missed -= SILENCE_AT_ONCE
        self._add(pcm)
        self._file.flush()
        if self._encoder.samples - self._synced < SYNC_SECONDS * self._rate:
            return False
        self._synced = self._encoder.samples
        os.fsync(self._file.fileno())
        return True

    def _add(self, pcm: Pcm) -> None:
        self._encoder.write(pcm)
        self._parts.feed(to_float(pcm))

    def close(self, last: Recording) -> Found:
        """Close the audio, all of it on the disk; return what was found in it.

        The draft then says how it ended, should the process die before the rest is done.
        """
        assert self._file is not None
        self._encoder.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._renew(last)
        return self._parts.finish()

    def abandon(self, last: Recording) -> None:
        """Let go of a file that can be written no more; say in the draft why, if that is possible."""
        self._encoder.abandon()
        with suppress(OSError):
            self._renew(last)
        self._let_go()

    def release(self) -> None:
        """Let go of the draft: the recording is finished."""
        self._let_go()

    def _renew(self, draft: Recording) -> None:
        self._note.seek(0)
        self._note.write(to_json(draft))
        self._note.truncate()
        self._note.flush()

    def _let_go(self) -> None:
        for file in (self._file, self._note):
            # What could not be written is tried once more, and then let go.
            with suppress(OSError):
                if file is not None:
                    file.close()
