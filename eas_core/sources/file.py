"""A file as a source: once or for ever, at its own pace or as fast as can be."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
import threading
from typing import ClassVar, Final

from ..audio.block import AudioBlock
from ..audio.files import AudioFileError, FileProblem, read_blocks
from ..clock import Clock
from .pace import Pace
from .source import SourceError, SourceErrorReason

_REASONS: Final = {
    FileProblem.MISSING: SourceErrorReason.NOT_FOUND,
    FileProblem.FORBIDDEN: SourceErrorReason.NO_PERMISSION,
    FileProblem.NOT_AUDIO: SourceErrorReason.NOT_AUDIO,
}


def file_error(error: AudioFileError) -> SourceError:
    """Return what a file's problem is to a source."""
    return SourceError(_REASONS[error.problem], str(error))


class FileSource:
    """Any audio that ffmpeg reads. `live` plays it at its own pace."""

    kind: Final = "file"

    def __init__(
        self, path: str | Path, *, loop: bool = False, live: bool = False
    ) -> None:
        """Take the path; it is opened when it is read."""
        self.path = Path(path)
        self.live = live
        self._loop = loop

    def check(self) -> None:
        """Raise SourceError where the file cannot be heard."""
        for _ in self._read():
            return

    def blocks(self, clock: Clock, stop: threading.Event) -> Iterator[AudioBlock]:
        """Yield the file's blocks; a file that is looped has no end."""
        pace = Pace(clock, stop)
        position = 0
        while not stop.is_set():
            end = position
            for block in self._read():
                if stop.is_set():
                    return
                if self.live and not pace.wait(block):
                    return
                end = position + block.first_sample + len(block.samples)
                yield AudioBlock(
                    samples=block.samples,
                    sample_rate=block.sample_rate,
                    first_sample=position + block.first_sample,
                )
            position = end
            if not self._loop:
                return

    def _read(self) -> Iterator[AudioBlock]:
        try:
            yield from read_blocks(self.path)
        except AudioFileError as error:
            raise file_error(error) from error


@dataclass(frozen=True, kw_only=True)
class StrangersFile:
    """A file once, as fast as can be, by IsolatedSource: whoever made it may have meant to harm.

    A kilobyte can make ffmpeg ask for gigabytes, or crash.
    """

    kind: ClassVar = "file"
    live: ClassVar = False

    path: str

    def blocks(self, clock: Clock, stop: threading.Event) -> Iterator[AudioBlock]:
        """Yield the file's blocks."""
        return FileSource(self.path).blocks(clock, stop)
