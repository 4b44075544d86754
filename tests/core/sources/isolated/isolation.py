"""What the tests of isolated sources share: a child that knows odd sources, and waits."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
import os
from pathlib import Path
import shutil
import threading
import time

import eas_core
from eas_core.audio.block import Block
from eas_core.clock import SystemClock
from eas_core.sources.isolated import IsolatedSource
from eas_core.sources.source import SourceError
from tests.core.sources.isolated.odd import MODULE

LIBRARY = Path(eas_core.__file__).parent
ODD = Path(__file__).with_name("odd.py")


def make_tree(folder: Path) -> Path:
    """Lay out the library in a folder, with the odd source in it; return its `child_main.py`."""
    library = folder / "eas_core"
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(LIBRARY, library, copy_function=os.symlink, ignore=ignore)
    text = ODD.read_text(encoding="utf-8").replace("from eas_core.", "from ..")
    text = text.replace(f'"{MODULE}"', "__name__")
    (library / "sources" / "odd.py").write_text(text, encoding="utf-8")
    return library / "sources" / "child_main.py"


def until(happened: Callable[[], bool], seconds: float = 20.0) -> float:
    """Wait for what another process or thread does; return how long it took."""
    began = time.monotonic()
    while not happened():
        if time.monotonic() - began > seconds:
            raise TimeoutError(f"It did not happen within {seconds} s.")
        time.sleep(0.005)
    return time.monotonic() - began


def alive(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except OSError:
        return False
    return stat.rpartition(") ")[2][0] not in "ZX"


def children() -> set[int]:
    """Return the processes that are this one's, zombies too."""
    found = set[int]()
    for task in Path("/proc/self/task").iterdir():
        # A thread may end meanwhile.
        with suppress(FileNotFoundError, ProcessLookupError):
            pids = (task / "children").read_text(encoding="ascii").split()
            found.update(map(int, pids))
    return found


class Hearing:
    """A thread that hears an isolated source, as a station's does."""

    def __init__(self, source: IsolatedSource) -> None:
        self.source = source
        self.blocks: list[Block] = []
        self.error: SourceError | None = None
        self.stop = threading.Event()
        self.block_at = time.monotonic()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            for block in self.source.blocks(SystemClock(), self.stop):
                self.block_at = time.monotonic()
                self.blocks.append(block)
        except SourceError as error:
            self.error = error

    @property
    def pid(self) -> int:
        until(lambda: self.source.pid is not None)
        assert self.source.pid is not None
        return self.source.pid

    @property
    def failure(self) -> SourceError:
        """Wait for the error that the source ends with."""
        self.until_ended()
        assert self.error is not None
        return self.error

    def until_heard(self, blocks: int = 1) -> None:
        until(lambda: len(self.blocks) >= blocks or not self._thread.is_alive())
        assert self.error is None

    def until_ended(self, seconds: float = 20.0) -> float:
        """Return how long it took."""
        return until(lambda: not self._thread.is_alive(), seconds)


@contextmanager
def heard(source: IsolatedSource) -> Iterator[Hearing]:
    """Hear a source on a thread, and stop it at the end."""
    hearing = Hearing(source)
    try:
        yield hearing
    finally:
        hearing.stop.set()
        hearing.until_ended()
