"""What a process holds while it is soaked, and how a fault went."""

from dataclasses import dataclass, field
import os
from pathlib import Path
import threading
import time

PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A process at a moment: seconds since the beginning, MB resident, counts."""

    seconds: float
    rss_mb: float
    threads: int
    files: int
    children: int
    tasks: int | None = None


@dataclass(slots=True, kw_only=True)
class Fault:
    """One that happened: at which second of air and of the run, what it took (s), whether all was well again."""

    kind_of_fault: str
    air: float
    wall_s: float = 0.0
    until: float = 0.0
    recovered_s: float | None = None
    survived: bool = False
    lost: int = 0

    @property
    def spares_air(self) -> bool:
        """Whether nothing of the air is lost by it."""
        return any(word in self.kind_of_fault for word in ("clock", "disk", "late"))


def children(pid: int) -> list[int]:
    """Return the processes that a process has started; raises OSError where it is gone."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [
        int(one) for task in tasks for one in (task / "children").read_text().split()
    ]


def look(pid: int, seconds: float, tasks: int | None = None) -> Sample | None:
    """Return what a process holds now, None where it is gone."""
    folder = Path(f"/proc/{pid}")
    try:
        pages = int((folder / "statm").read_text().split()[1])
        status = (folder / "status").read_text()
        files = len(list((folder / "fd").iterdir()))
        count = len(children(pid))
    except OSError:
        return None
    threads = next(
        int(line.split()[1])
        for line in status.splitlines()
        if line.startswith("Threads")
    )
    return Sample(
        seconds=round(seconds, 1),
        rss_mb=round(pages * PAGE / 1e6, 1),
        threads=threads,
        files=files,
        children=count,
        tasks=tasks,
    )


@dataclass
class Watch:
    """Looks at this process every so often, on a thread."""

    every: float = 5.0
    samples: list[Sample] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin."""
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        began = time.monotonic()
        while not self._ended.is_set():
            sample = look(os.getpid(), time.monotonic() - began)
            if sample:
                self.samples.append(sample)
            self._ended.wait(self.every)

    def close(self) -> None:
        """End."""
        self._ended.set()
        self._thread.join()
