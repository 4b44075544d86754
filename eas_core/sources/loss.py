"""How many samples a receiver lost that does not tell."""

from math import inf
from typing import Final

WINDOW_SECONDS: Final = 0.5
"""Over which the promptest arrival is looked for; rtl_tcp sends every 0.55 s at 240 kS/s,
and each window ends with an arrival."""

LOSS_SECONDS: Final = 0.05
"""What is less is not told from jitter until it adds up."""

STEADY_SECONDS: Final = 0.02
"""A delay that shrinks by more from window to window is being made up for: nothing is lost."""

DRIFT: Final = 200e-6
"""By how much the sample rate may be off: crystals of cheap dongles are within 100 ppm."""


class SampleClock:
    """Compares what came with the time that has passed.

    librtlsdr and rtl_tcp say nothing of samples that they drop. Those that
    come do so at the sample rate, each block some delay after its last sample
    was taken. Scheduling and networks lengthen the delay of some blocks and
    shorten none below what it is at best. So when even the least delay in two
    windows on end is longer than before, and does not shrink, that much time
    of samples is missing.

    A loss is told one to two windows after it happened, and only from
    `loss_seconds` on; smaller ones add up. A pause that is made up for is no
    loss. A rate that is off by up to `drift` is followed.
    """

    def __init__(
        self,
        sample_rate: int,
        *,
        window_seconds: float = WINDOW_SECONDS,
        loss_seconds: float = LOSS_SECONDS,
        drift: float = DRIFT,
    ) -> None:
        """Take the rate in samples a second, how patient to be, and how much that rate may be off."""
        self._rate = sample_rate
        self._window = window_seconds
        self._loss = loss_seconds
        self._drift = drift
        self._position = 0
        self._usual = inf
        self._before = inf
        self._least = inf
        self._since: float | None = None

    def missing(self, samples: int, now: float) -> int:
        """Take a block that arrived `now` (monotonic, s); return how many samples are found missing before it."""
        self._position += samples
        delay = now - self._position / self._rate
        self._least = min(self._least, delay)
        if self._since is None:
            self._since = now
        if now - self._since < self._window:
            return 0
        return self._judge(now - self._since)

    def _judge(self, seconds: float) -> int:
        """End a window of so many seconds."""
        least, before = self._least, self._before
        self._before, self._least, self._since = least, inf, None
        excess = min(least, before) - self._usual
        if excess > self._loss and least > before - STEADY_SECONDS:
            lost = round(excess * self._rate)
            self._position += lost
            self._before -= excess
            return lost
        if least < self._usual + self._loss:
            self._usual = min(least, self._usual + self._drift * seconds)
        return 0
