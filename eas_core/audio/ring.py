"""The last minutes of audio, for what a recording needs from before its start."""

import mmap
import threading

import numpy as np

from .encoding import Pcm


class Ring:
    """Keeps the newest `size` samples in one piece of memory, two bytes each.

    One thread may write while another reads.
    """

    def __init__(self, size: int) -> None:
        """Take the memory, int16[size], once; what is not written yet costs none."""
        # Straight from the system, which has it back at once: minutes of seven channels are
        # 60 MB, and the allocator would keep as much for each thread that ever took them.
        memory = mmap.mmap(
            -1, 2 * max(1, size), flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
        )
        self._kept: Pcm = np.frombuffer(memory, np.int16)
        self._written = 0
        self._lock = threading.Lock()

    def write(self, samples: Pcm) -> None:
        """Take int16[any]; the oldest make room."""
        size = len(self._kept)
        newest = samples[-size:]
        with self._lock:
            self._written += len(samples) - len(newest)
            at = self._written % size
            head = newest[: size - at]
            self._kept[at : at + len(head)] = head
            self._kept[: len(newest) - len(head)] = newest[len(head) :]
            self._written += len(newest)

    def read(self, count: int | None = None) -> Pcm:
        """Return the newest `count` samples, or as many as there are, oldest first."""
        size = len(self._kept)
        with self._lock:
            held = min(self._written, size)
            wanted = held if count is None else max(0, min(count, held))
            start = (self._written - wanted) % size
            first = self._kept[start : start + wanted]
            return np.concatenate((first, self._kept[: wanted - len(first)]))
