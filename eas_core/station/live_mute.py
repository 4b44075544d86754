"""Live audio for loudspeakers: a little late, and silent where bursts and tones are."""

from typing import Final

import numpy as np

from ..audio.encoding import Pcm, to_float
from ..modem.constants import BAUD
from ..modem.framing import LEAD_BITS, BurstFramer
from .recording_parts import MARGIN_SECONDS, ToneBand

DELAY_SECONDS: Final = 1.6
"""A tone is sure after one second and a window, and a burst after half of one."""

HOLD_SECONDS: Final = 1.5
"""After a burst: should the next one be too weak to be found, most of it is gone."""


class ToneMuter:
    """Returns what it is fed, so much later, with bursts and attention signals silenced.

    These are, whatever the size of the blocks fed.
    """

    def __init__(self, sample_rate: int) -> None:
        """Take a rate in Hz; raises SampleRateError."""
        self._rate = sample_rate
        self._framer = BurstFramer(sample_rate)
        self._tones = ToneBand(sample_rate)
        self._lead = LEAD_BITS / float(BAUD) + MARGIN_SECONDS
        self._held: Pcm = np.zeros(0, np.int16)
        self._first = 0
        self._muted: list[tuple[int, int]] = []

    def feed(self, pcm: Pcm) -> Pcm:
        """Take int16[any]; return int16 that is old enough to be known."""
        samples = to_float(pcm)
        for burst in self._framer.feed(samples):
            self._mute(burst.start_sample, burst.end_sample, HOLD_SECONDS)
        for start, stop in self._tones.feed(samples):
            self._mute(start, stop, MARGIN_SECONDS)
        self._held = np.concatenate((self._held, pcm))
        end = self._first + len(self._held)
        for going_on in (self._burst_since, self._tones.since):
            if going_on is not None:
                self._mute(going_on, end, MARGIN_SECONDS)
        return self._old(end - round(DELAY_SECONDS * self._rate))

    @property
    def _burst_since(self) -> int | None:
        since = self._framer.busy_since
        return None if since is None else max(0, since - round(self._lead * self._rate))

    def _mute(self, start: int, end: int, after: float) -> None:
        """Silence from one sample to another, with a margin."""
        margin = round(MARGIN_SECONDS * self._rate)
        self._muted.append((start - margin, end + round(after * self._rate)))

    def _old(self, until: int) -> Pcm:
        """Return all that is held up to a sample, and forget it."""
        count = max(0, until - self._first)
        old, self._held = self._held[:count].copy(), self._held[count:]
        for start, end in self._muted:
            begin = max(0, start - self._first)
            old[begin : max(begin, end - self._first)] = 0
        self._first += count
        self._muted = [each for each in self._muted if each[1] > self._first]
        return old
