"""Blocks on their way from the source to the decoder: bounded by time."""

from collections import deque
import threading

from ..audio.block import AudioBlock


class BlockQueue:
    """Holds so many seconds; then the oldest go (live) or the source waits."""

    def __init__(self, seconds: float) -> None:
        """Take the bound in seconds of audio."""
        self._bound = seconds
        self._blocks: deque[AudioBlock] = deque()
        self._held = 0.0
        self._changed = threading.Condition()
        self._closed = False
        self._ended = False
        self.dropped = 0

    def put(self, block: AudioBlock, *, wait: bool) -> bool:
        """Add a block; return False when the queue was closed meanwhile.

        With `wait` the caller is held up while the queue is full, else the
        oldest blocks are dropped and counted: their gap is a fact for the decoder.
        """
        with self._changed:
            while wait and not self._closed and self._held >= self._bound:
                self._changed.wait()
            if self._closed:
                return False
            while self._blocks and self._held >= self._bound:
                self._held -= _seconds(self._blocks.popleft())
                self.dropped += 1
            self._blocks.append(block)
            self._held += _seconds(block)
            self._changed.notify_all()
            return True

    def get(self) -> AudioBlock | None:
        """Return the oldest block, waiting for it; None at the end or when closed."""
        with self._changed:
            while not self._blocks and not self._closed and not self._ended:
                self._changed.wait()
            if self._closed or not self._blocks:
                return None
            block = self._blocks.popleft()
            self._held -= _seconds(block)
            self._changed.notify_all()
            return block

    def end(self) -> None:
        """Let the reader have what is left, and then None."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def close(self) -> None:
        """Wake everyone: nothing more is put or got."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


def _seconds(block: AudioBlock) -> float:
    return len(block.samples) / block.sample_rate
