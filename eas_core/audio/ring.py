"""The last seconds of audio, for what a recording needs from before its start."""

import threading

import numpy as np
from numpy.typing import NDArray


class Ring:
    """Keeps the newest `size` samples in one piece of memory.

    One thread may write while another reads.
    """

    def __init__(self, size: int) -> None:
        """Take the memory, float32[size], once."""
        self._kept: NDArray[np.float32] = np.zeros(max(1, size), np.float32)
        self._written = 0
        self._lock = threading.Lock()

    def write(self, samples: NDArray[np.float32]) -> None:
        """Take float32[any]; the oldest make room."""
        size = len(self._kept)
        newest = samples[-size:]
        with self._lock:
            self._written += len(samples) - len(newest)
            at = self._written % size
            head = newest[: size - at]
            self._kept[at : at + len(head)] = head
            self._kept[: len(newest) - len(head)] = newest[len(head) :]
            self._written += len(newest)

    def read(self, count: int | None = None) -> NDArray[np.float32]:
        """Return the newest `count` samples, or as many as there are, oldest first."""
        size = len(self._kept)
        with self._lock:
            held = min(self._written, size)
            wanted = held if count is None else min(count, held)
            start = (self._written - wanted) % size
            return self._kept.take(np.arange(start, start + wanted), mode="wrap")
