"""The tones between header and voice: NWR's 1050 Hz, and broadcast's 853 + 960 Hz."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .constants import BROADCAST_ATTENTION, NWR_ATTENTION, check_sample_rate

WINDOW_SECONDS: Final = 0.1
SHARE_OF_POWER: Final = 0.6
"""Of all power in a window, what the tones must have: voice never holds a note so well."""

PARTNER_DB: Final = 9.0
"""How far the two tones may lie apart in level."""

SHORTEST_SECONDS: Final = 1.0
BRIDGED_WINDOWS: Final = 2
"""A drop-out so short does not end a tone."""

FLOOR: Final = 1e-7
LOUDEST: Final = 1e8
"""Mean squares, full scale 1; what is louder, or no number, is no audio."""

KINDS: Final = {"nwr": NWR_ATTENTION, "broadcast": BROADCAST_ATTENTION}


@dataclass(frozen=True, slots=True, kw_only=True)
class AttentionSignal:
    """An attention signal that has ended.

    `kind` is `nwr` or `broadcast`, the samples count the detector's input, and
    `level_dbfs` is its RMS in dB of full scale.
    """

    kind: str
    start_sample: int
    end_sample: int
    level_dbfs: float


@dataclass(slots=True)
class _Running:
    kind: str
    start: int
    last: int
    windows: int = 0
    missed: int = 0
    power: float = 0.0


class AttentionDetector:
    """Weighs the tones' share of the power, a tenth of a second at a time."""

    def __init__(self, sample_rate: int) -> None:
        """Take a rate in Hz; raises SampleRateError."""
        rate = check_sample_rate(sample_rate)
        self._size = round(WINDOW_SECONDS * rate)
        tones = NWR_ATTENTION + BROADCAST_ATTENTION
        phase = 2 * np.pi * np.outer(np.arange(self._size), tones) / rate
        shape = np.hanning(self._size + 2)[1:-1]
        # In a Hann window a tone has this share of its power at its frequency.
        scale = np.sqrt(2.0) / shape.sum()
        waves = np.concatenate((np.cos(phase), np.sin(phase)), axis=1)
        self._matrix = (waves * shape[:, None] * scale).astype(np.float32)
        self._pending: NDArray[np.float32] = np.zeros(0, np.float32)
        self._window = 0
        self._running: _Running | None = None

    @property
    def active(self) -> str | None:
        """The kind of signal that goes on now."""
        running = self._running
        long_enough = SHORTEST_SECONDS / WINDOW_SECONDS
        if running is None or running.windows < long_enough:
            return None
        return running.kind

    @property
    def active_since(self) -> int | None:
        """The sample at which the signal began that goes on now."""
        running = self._running
        if running is None or self.active is None:
            return None
        return running.start * self._size

    def feed(self, samples: NDArray[np.float32]) -> list[AttentionSignal]:
        """Take float32[any]; return the signals that ended."""
        audio = np.concatenate((self._pending, samples))
        count = len(audio) // self._size
        self._pending = audio[count * self._size :]
        windows = audio[: count * self._size].reshape(count, self._size)
        ended = []
        for window in windows:
            signal = self._take(window)
            if signal is not None:
                ended.append(signal)
            self._window += 1
        return ended

    def flush(self) -> list[AttentionSignal]:
        """Return the signal that the end of the audio cuts off."""
        signal = self._end() if self._running else None
        return [signal] if signal else []

    def _take(self, window: NDArray[np.float32]) -> AttentionSignal | None:
        total = float(np.mean(np.square(window, dtype=np.float64)))
        kind, power = None, 0.0
        if FLOOR < total < LOUDEST:
            parts = (window @ self._matrix).reshape(2, -1)
            kind, power = _classify(np.sum(np.square(parts), axis=0), total)
        running, ended = self._running, None
        if running is not None and kind != running.kind:
            running.missed += 1
            if running.missed > BRIDGED_WINDOWS or kind is not None:
                ended = self._end()
                running = None
        if kind is None:
            return ended
        if running is None:
            running = self._running = _Running(kind, self._window, self._window)
        running.windows += 1
        running.last = self._window
        running.missed = 0
        running.power += power
        return ended

    def _end(self) -> AttentionSignal | None:
        running, self._running = self._running, None
        if running is None or running.windows * WINDOW_SECONDS < SHORTEST_SECONDS:
            return None
        return AttentionSignal(
            kind=running.kind,
            start_sample=running.start * self._size,
            end_sample=(running.last + 1) * self._size,
            level_dbfs=round(float(10 * np.log10(running.power / running.windows)), 1),
        )


def _classify(powers: NDArray[np.float32], total: float) -> tuple[str | None, float]:
    """Return the kind and the tones' power: float32[3] of 1050, 853 and 960 Hz."""
    alone, low, high = (float(power) for power in powers)
    if alone >= SHARE_OF_POWER * total:
        return "nwr", alone
    both = low + high
    near = max(low, high) < 10 ** (PARTNER_DB / 10) * (min(low, high) + 1e-30)
    if near and both >= SHARE_OF_POWER * total:
        return "broadcast", both
    return None, 0.0
