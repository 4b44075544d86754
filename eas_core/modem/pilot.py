"""Time, phase, offset and drift of a burst, from the line that is at each tone.

Sunde's FSK (h = 1) keeps half of its power in two lines that no data touch
(../../docs/decoder.md): found over noise, they give the carrier's offset, the
baud and the middle of each bit before a single bit is known.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .constants import BAUD, MARK, SPACE
from .demodulator import Tones

type Complex = NDArray[np.complex128]

MAX_OFFSET: Final = 84.0
"""Hz either way for the mark's line: 40 Hz off tune and 2 % of baud error."""

MAX_DIFFERENCE: Final = 9.0
"""Hz of baud error either way: 1.7 %."""

COARSE_STEP: Final = 1.5
FINE_STEP: Final = 0.05
FINE_REACH: Final = 2.0
BLOCK_BITS: Final = 32


@dataclass(frozen=True, slots=True)
class Lines:
    """Where the two lines are, in Hz from nominal, and how far they stand out.

    `strength` is the lines' power over what noise of the same power would
    have: 1 on average for noise alone.
    """

    mark: float
    space: float
    strength: float

    @property
    def baud_error(self) -> float:
        """The share by which the bits come fast."""
        return (self.mark - self.space) / float(BAUD)

    @property
    def tone_offset(self) -> float:
        """Hz by which both tones are off beside the baud error."""
        return self.mark - float(MARK) * self.baud_error


def to_baseband(tones: Tones, rate: float) -> tuple[Complex, Complex]:
    """Turn the tones back by their nominal frequency: complex128[n] each.

    Phases refer to the first output.
    """
    time = np.arange(len(tones.mark)) / rate
    return (
        tones.mark * np.exp(-2j * np.pi * float(MARK) * time),
        tones.space * np.exp(-2j * np.pi * float(SPACE) * time),
    )


_GRID: Final = np.arange(-MAX_OFFSET, MAX_OFFSET + COARSE_STEP / 2, COARSE_STEP)
"""The offsets that are tried, in Hz."""


@lru_cache(maxsize=4)
def _waves(length: int, rate: float) -> Complex:
    """Return a wave for each offset of the grid, complex128[grid, length]; some MB.

    The channels of a radio share them.
    """
    time = (np.arange(length) - length / 2) / rate
    waves: Complex = np.exp(-2j * np.pi * np.outer(_GRID, time))
    waves /= length
    waves.flags.writeable = False
    return waves


class LineFinder:
    """Finds both lines at once, on a grid of offset and baud error."""

    def __init__(self, rate: float, bits: int) -> None:
        """Prepare for stretches of that many bits at a rate in Hz."""
        self.length = round(bits * rate / float(BAUD))
        self._bits = bits
        self._waves = _waves(self.length, rate)
        reach = int(MAX_DIFFERENCE / COARSE_STEP)
        self._differences = np.arange(-reach, reach + 1)

    def find(self, mark: Complex, space: Complex) -> Lines:
        """Return the strongest pair of lines in complex128[length] each."""
        power_mark = np.abs(self._waves @ mark) ** 2
        power_space = np.abs(self._waves @ space) ** 2
        count = len(_GRID)
        reach = len(self._differences) // 2
        padded = np.pad(power_space, reach)
        # total[d, f]: mark at f, space at f - difference d.
        total = np.stack(
            [
                power_mark + padded[reach - step : reach - step + count]
                for step in self._differences
            ]
        )
        best = np.unravel_index(np.argmax(total), total.shape)
        at_mark = _GRID[best[1]]
        noise = float(np.mean(np.abs(mark) ** 2 + np.abs(space) ** 2)) / self._bits
        return Lines(
            float(at_mark),
            float(at_mark - self._differences[best[0]] * COARSE_STEP),
            float(total[best]) / (noise + 1e-30),
        )


@dataclass(frozen=True, slots=True)
class Timing:
    """The middle of each bit and the tones there.

    `first` and `step`: the centre of bit k is at first + k·step outputs.
    """

    lines: Lines
    first: float
    step: float
    phases: tuple[float, float]


def line_strength(mark: Complex, space: Complex, lines: Lines, rate: float) -> float:
    """Return how far lines at known frequencies stand out of complex128[n] each."""
    time = np.arange(len(mark)) / rate
    power = (
        abs(np.mean(mark * np.exp(-2j * np.pi * lines.mark * time))) ** 2
        + abs(np.mean(space * np.exp(-2j * np.pi * lines.space * time))) ** 2
    )
    noise = float(np.mean(np.abs(mark) ** 2 + np.abs(space) ** 2))
    bits = len(mark) * float(BAUD) / rate
    return float(power * bits / (noise + 1e-30))


def recover_timing(mark: Complex, space: Complex, lines: Lines, rate: float) -> Timing:
    """Refine the lines over a whole burst, complex128[n] each, and place the bits."""
    mark_line, mark_phase = _refine(mark, lines.mark, rate)
    space_line, space_phase = _refine(space, lines.space, rate)
    refined = Lines(mark_line, space_line, lines.strength)
    baud = float(BAUD) + mark_line - space_line
    # In the middle of a bit mark has turned twice, space one and a half times.
    turn = 0.5 - (mark_phase - space_phase) / (2 * np.pi)
    return Timing(
        refined, (turn % 1.0) / baud * rate, rate / baud, (mark_phase, space_phase)
    )


def _refine(tone: Complex, near: float, rate: float) -> tuple[float, float]:
    """Return a line's frequency in Hz and its phase at output 0."""
    block = round(BLOCK_BITS * rate / float(BAUD))
    count = max(1, len(tone) // block)
    used = tone[: count * block] if len(tone) >= block else tone
    time = np.arange(len(used)) / rate
    turned = used * np.exp(-2j * np.pi * near * time)
    blocks = turned.reshape(count, -1).mean(axis=1)
    centres = time.reshape(count, -1).mean(axis=1)
    grid = np.arange(-FINE_REACH, FINE_REACH + FINE_STEP / 2, FINE_STEP)
    lines = np.exp(-2j * np.pi * np.outer(grid, centres)) @ blocks
    best = int(np.argmax(np.abs(lines)))
    return near + float(grid[best]), float(np.angle(lines[best]))


def sample_bits(
    tone: Complex,
    offset: float,
    phase: float,
    centres: NDArray[np.float64],
    rate: float,
) -> Complex:
    """Return the filter's output in the middle of each bit, turned to the real axis.

    `centres` in outputs, float64[bits]; between outputs by a line, which is
    what a matched filter's output is made of.
    """
    time = np.arange(len(tone)) / rate
    turned = tone * np.exp(-1j * (2 * np.pi * offset * time + phase))
    left = np.clip(centres.astype(np.int64), 0, len(tone) - 2)
    share = centres - left
    result: Complex = turned[left] * (1 - share) + turned[left + 1] * share
    return result
