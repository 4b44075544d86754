"""The pace of the world, for sources that make their audio themselves."""

import threading

from ..audio.block import AudioBlock
from ..clock import Clock


class Pace:
    """Lets each block through when its last sample would have been heard."""

    def __init__(self, clock: Clock, stop: threading.Event) -> None:
        """Begin with the first block."""
        self._clock = clock
        self._stop = stop
        self._due: float | None = None

    def wait(self, block: AudioBlock) -> bool:
        """Wait for a block's time; return False when stopped."""
        now = self._clock.monotonic()
        seconds = len(block.samples) / block.sample_rate
        # After a long sleep of the machine the lost time is not made up for.
        due = now if self._due is None or now - self._due > 5.0 else self._due
        self._due = due + seconds
        if self._due <= now:
            return not self._stop.is_set()
        return not self._clock.wait(self._stop, self._due - now)
