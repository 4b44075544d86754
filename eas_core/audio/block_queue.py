"""Blocks on their way from the source to the decoder: bounded by time."""

from collections import deque
import threading

from .block import AudioBlock, Block, IqBlock


class BlockQueue[Note]:
    """Holds so many seconds; then the oldest go (live) or the source waits.

    What happens to the source is posted as notes between its blocks, so that it
    is told in order and by one thread. A note is anything that is no block.
    """

    def __init__(self, seconds: float) -> None:
        """Take the bound in seconds of audio."""
        self._bound = seconds
        self._items: deque[Block | Note] = deque()
        self._held = 0.0
        self._changed = threading.Condition()
        self._closed = False
        self._ended = False
        self.dropped = 0

    def put(self, block: Block, *, wait: bool) -> bool:
        """Add a block; return False when the queue was closed meanwhile.

        With `wait` the caller is held up while the queue is full, else the
        oldest blocks are dropped and counted: their gap is a fact for the decoder.
        """
        with self._changed:
            while wait and not self._closed and self._held >= self._bound:
                self._changed.wait()
            if self._closed:
                return False
            while not wait and self._held >= self._bound:
                self._drop_oldest()
            self._items.append(block)
            self._held += _seconds(block)
            self._changed.notify_all()
            return True

    def post(self, note: Note) -> None:
        """Add what happened to the source after the blocks before it; never waits."""
        with self._changed:
            self._items.append(note)
            self._changed.notify_all()

    @property
    def held_seconds(self) -> float:
        """How much waits to be got."""
        return self._held

    def get(self, timeout: float | None = None) -> Block | Note | None:
        """Return the oldest item, waiting for it; None at the end or when closed.

        Raises TimeoutError where nothing comes within `timeout` seconds.
        """
        with self._changed:
            while not self._items and not self._closed and not self._ended:
                if not self._changed.wait(timeout) and not self._items:
                    raise TimeoutError
            if self._closed or not self._items:
                return None
            item = self._items.popleft()
            self._take_off(item)
            self._changed.notify_all()
            return item

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

    def _drop_oldest(self) -> None:
        for index, item in enumerate(self._items):
            if isinstance(item, AudioBlock | IqBlock):
                del self._items[index]
                self._take_off(item)
                self.dropped += 1
                return
        self._held = 0.0

    def _take_off(self, item: Block | Note) -> None:
        if isinstance(item, AudioBlock | IqBlock):
            self._held -= _seconds(item)
        if not self._items:
            # What adding and taking off fractions leaves over is nothing that waits.
            self._held = 0.0


def _seconds(block: Block) -> float:
    return len(block.samples) / block.sample_rate
