"""The ffmpeg program: started, listened to, and ended with us."""

from collections.abc import Sequence
from contextlib import suppress
import os
from pathlib import Path
import select
import shutil
import subprocess
import sys
from typing import IO, Final

from .source import SourceError, SourceErrorReason

CLOSE_SECONDS: Final = 0.5
LAST_WORDS: Final = 4000
"""Bytes of its error output that are kept."""

_LEASH: Final = Path(__file__).with_name("sound_leash.py")


def find_ffmpeg() -> str:
    """Return where ffmpeg is; raises SourceError(NO_LIBRARY)."""
    if path := shutil.which("ffmpeg"):
        return path
    raise SourceError(
        SourceErrorReason.NO_LIBRARY,
        "Install ffmpeg: sound is recorded through it where PortAudio is missing, and from PulseAudio.",
    )


class Ffmpeg:
    """The program while it runs: what it gives, and its last words.

    It ends when the thread that starts it does, and so with its process,
    also when that is killed (`sound_leash`).
    """

    def __init__(self, arguments: Sequence[str]) -> None:
        """Start it; raises SourceError(NO_LIBRARY, BROKEN)."""
        path = find_ffmpeg()
        try:
            self._process = subprocess.Popen(  # noqa: S603 - No shell, no typed text but a device's name.
                [
                    sys.executable,
                    "-I",
                    "-S",
                    _LEASH,
                    str(os.getpid()),
                    path,
                    *arguments,
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        except OSError as error:
            raise SourceError(
                SourceErrorReason.BROKEN,
                f"Free memory and processes of this machine: ffmpeg could not be started ({error}).",
            ) from error
        self._pipes = _pipe(self._process.stdout), _pipe(self._process.stderr)
        self._poll = select.poll()
        for pipe in self._pipes:
            self._poll.register(pipe, select.POLLIN)
        self._last_words = b""
        self._overrun = False

    @property
    def last_words(self) -> str:
        """The end of what it wrote to its error output."""
        return self._last_words.decode(errors="replace")

    def take_overrun(self) -> bool:
        """Whether it has said since the last time that samples were lost; how many it does not say."""
        overrun, self._overrun = self._overrun, False
        return overrun

    def read(self, seconds: float) -> bytes | None:
        """Return what came, b"" at the end, and None where nothing did within the seconds."""
        output, errors = (pipe.fileno() for pipe in self._pipes)
        ready = {descriptor for descriptor, _ in self._poll.poll(1000 * seconds)}
        if errors in ready:
            self._listen(errors)
        if output not in ready:
            return None
        data = os.read(output, 1 << 18)
        if not data:
            self._poll.unregister(output)
            while self._poll.poll(1000 * CLOSE_SECONDS) and self._listen(errors):
                pass
        return data

    def close(self) -> None:
        """End it."""
        self._process.kill()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(CLOSE_SECONDS)
        for pipe in self._pipes:
            pipe.close()

    def _listen(self, errors: int) -> bool:
        words = os.read(errors, 1 << 16)
        if not words:
            with suppress(KeyError):
                self._poll.unregister(errors)
        # ALSA's word for samples that nobody fetched in time.
        self._overrun = self._overrun or b"xrun" in words
        self._last_words = (self._last_words + words)[-LAST_WORDS:]
        return bool(words)


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe
