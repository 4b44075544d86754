"""From the tones to bursts: where one starts, what it says softly, where it ends."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .constants import (
    BAUD,
    BITS_PER_BYTE,
    EOM_SYNC,
    HEADER_SYNC,
    MAX_HEADER_BYTES,
    PREAMBLE,
)
from .demodulator import Demodulator, Tones
from .encoder import to_bits
from .pilot import (
    LineFinder,
    Lines,
    line_strength,
    recover_timing,
    sample_bits,
    to_baseband,
)
from .preamble import THRESHOLD_SIGMA, PreambleDetector
from .soft_bits import SoftBits, soft_bits

type Real = NDArray[np.float64]

ACQUISITION_BITS: Final = 128
BEFORE_TRIGGER_BITS: Final = 36
LEAD_BITS: Final = 150
"""A whole preamble and a little lie before what triggered, at most."""

ALIVE_BITS: Final = 32
ALIVE_STEP_BITS: Final = 6
LINES_FOUND: Final = 18.0
"""Over noise of 1; once in a million looks by chance."""

LINES_ALIVE: Final = 4.0
PREAMBLE_FOUND: Final = 7.0
"""Sigmas at which a preamble counts even where its phase wanders."""

BALANCE_ALIVE: Final = 0.8
"""Noise has 0.5 ± 0.05."""

POWER_ALIVE: Final = 0.02
SYNC_EVIDENCE: Final = 13.0
"""Nats for ZCZC or NNNN over random bits."""

SYNC_PREAMBLE_BYTES: Final = 4
EDGE_BITS: Final = 4
REFUTED_BITS: Final = 32
"""After a trigger without a sync, the next is worth a look so much later."""

ENDLESS_BITS: Final = 160
"""And so much later after one that went on for longer than any burst.

So far its sync was looked for; a preamble that does not end would cost five times as much.
"""


class _Candidate(NamedTuple):
    start: int
    power: float
    score: float
    lines: Lines


@dataclass(frozen=True, slots=True)
class Burst:
    """One burst heard: soft bits from its first letter on.

    `llr` is float64[8·n], positive for ones, byte-aligned; what follows the
    burst's end is zero. Sample numbers count the decoder's input.
    """

    end_of_message: bool
    llr: Real
    length_bytes: float
    start_sample: int
    end_sample: int
    ebn0_db: float
    baud_error: float
    tone_offset: float
    coherent: bool


def _signs(text: bytes) -> Real:
    return to_bits(text).astype(np.float64) * 2 - 1


_LEAD = _signs(PREAMBLE[:SYNC_PREAMBLE_BYTES])
_HEADER_SYNC = np.concatenate((_LEAD, _signs(HEADER_SYNC)))
_EOM_SYNC = np.concatenate((_LEAD, _signs(EOM_SYNC)))


class BurstFramer:
    """Watches for preambles, follows each burst to its end, and hands it on.

    What is decided at which output depends on the output's number only: never
    on the size of the blocks fed.
    """

    def __init__(self, sample_rate: int) -> None:
        """Take a rate in Hz; raises SampleRateError."""
        self._demodulator = Demodulator(sample_rate)
        self.rate = self._demodulator.rate
        self._bit = self.rate / float(BAUD)
        self._detector = PreambleDetector(self.rate)
        self._finder = LineFinder(self.rate, ACQUISITION_BITS)
        self._keep = self._outputs(LEAD_BITS + BEFORE_TRIGGER_BITS)
        empty = np.zeros(0, np.complex64)
        self._tones = Tones(empty, empty)
        self._scores: NDArray[np.float32] = np.zeros(0, np.float32)
        self._origin = 0
        self._position = 0
        self._candidate: _Candidate | None = None
        self._alive_at = 0

    def _outputs(self, bits: float) -> int:
        return round(bits * self._bit)

    @property
    def busy_since(self) -> int | None:
        """The input sample at which a burst began that is still going on."""
        if self._candidate is None:
            return None
        return self._candidate.start * self._demodulator.decimation

    @property
    def tail_samples(self) -> int:
        """How much silence brings out what is still being followed."""
        bits = ACQUISITION_BITS + 2 * ALIVE_BITS
        outputs = self._outputs(bits) + 2 * self._demodulator.hop
        return outputs * self._demodulator.decimation + self._demodulator.sample_rate

    @property
    def position(self) -> int:
        """The input sample up to which all bursts have been handed on."""
        return self._position * self._demodulator.decimation

    def feed(self, samples: NDArray[np.float32]) -> Iterator[Burst]:
        """Take float32[any] and yield the bursts that ended in it."""
        tones = self._demodulator.feed(samples)
        if len(tones.mark):
            scores = self._detector.feed(tones)
            self._tones = Tones(
                np.concatenate((self._tones.mark, tones.mark)),
                np.concatenate((self._tones.space, tones.space)),
            )
            self._scores = np.concatenate((self._scores, scores))
            while True:
                position = self._position
                if self._candidate is None:
                    self._scan()
                elif (burst := self._follow()) is not None:
                    yield burst
                if self._position == position and self._stuck():
                    break
            self._trim()

    def _stuck(self) -> bool:
        end = self._origin + len(self._scores)
        need = self._position + self._outputs(ACQUISITION_BITS)
        if self._candidate is not None:
            need = self._alive_at
        return need > end

    def _stretch(self, start: int, stop: int) -> Tones:
        window = slice(max(0, start - self._origin), stop - self._origin)
        return Tones(self._tones.mark[window], self._tones.space[window])

    def _scan(self) -> None:
        """Move on to the next output that looks like a preamble, and weigh it."""
        window = self._outputs(ACQUISITION_BITS)
        end = self._origin + len(self._scores)
        scores = self._scores[self._position - self._origin :]
        over = np.flatnonzero(scores > THRESHOLD_SIGMA) if len(scores) else scores
        if not len(over):
            self._position = end
            return
        trigger = self._position + int(over[0])
        start = max(0, trigger - self._outputs(BEFORE_TRIGGER_BITS))
        if start + window > end:
            self._position = trigger
            return
        candidate = self._weigh(trigger, start, window)
        if candidate is None:
            self._position = trigger + self._outputs(BITS_PER_BYTE / 2)
            return
        self._candidate = candidate
        self._position = trigger
        self._alive_at = start + window + self._outputs(ALIVE_STEP_BITS)

    def _weigh(self, trigger: int, start: int, window: int) -> _Candidate | None:
        mark, space = to_baseband(self._stretch(start, start + window), self.rate)
        if len(mark) < self._finder.length:
            pad = self._finder.length - len(mark)
            mark, space = np.pad(mark, (pad, 0)), np.pad(space, (pad, 0))
        lines = self._finder.find(mark, space)
        at = trigger - self._origin
        score = float(self._scores[at : at + self._outputs(24)].max())
        if lines.strength < LINES_FOUND and score < PREAMBLE_FOUND:
            return None
        power = float(np.mean(np.abs(mark) ** 2 + np.abs(space) ** 2))
        return _Candidate(trigger, power, score, lines)

    def _follow(self) -> Burst | None:
        """Look whether the burst still goes on, step by step; return it at its end."""
        candidate = self._candidate
        assert candidate is not None
        longest = self._outputs((MAX_HEADER_BYTES + len(PREAMBLE)) * BITS_PER_BYTE)
        while self._alive_at <= self._origin + len(self._scores):
            stop = self._alive_at
            too_long = stop - candidate.start > longest
            if too_long or not self._alive(candidate, stop):
                self._candidate = None
                burst = self._demodulate(candidate, stop)
                refuted = ENDLESS_BITS if too_long else REFUTED_BITS
                self._position = max(
                    candidate.start + self._outputs(refuted),
                    stop if burst is not None else candidate.start,
                )
                return burst
            self._alive_at += self._outputs(ALIVE_STEP_BITS)
        return None

    def _alive(self, candidate: _Candidate, stop: int) -> bool:
        tones = self._stretch(stop - self._outputs(ALIVE_BITS), stop)
        mark, space = to_baseband(tones, self.rate)
        high, low = np.abs(mark) ** 2, np.abs(space) ** 2
        power = high + low
        if np.mean(power) < POWER_ALIVE * candidate.power:
            return False
        if line_strength(mark, space, candidate.lines, self.rate) > LINES_ALIVE:
            return True
        return float(np.mean(np.abs(high - low) / (power + 1e-30))) > BALANCE_ALIVE

    def _demodulate(self, candidate: _Candidate, stop: int) -> Burst | None:
        start = max(self._origin, candidate.start - self._outputs(LEAD_BITS))
        mark, space = to_baseband(self._stretch(start, stop), self.rate)
        # The lines are to be had from where the burst surely is.
        sure = max(0, candidate.start - self._outputs(BEFORE_TRIGGER_BITS) - start)
        timing = recover_timing(mark[sure:], space[sure:], candidate.lines, self.rate)
        first = (timing.first + sure) % timing.step
        centres: Real = np.arange(first, len(mark) - 1, timing.step, np.float64)
        shift = sure / self.rate
        bits = [
            sample_bits(
                tone, line, phase - 2 * np.pi * line * shift, centres, self.rate
            )
            for tone, line, phase in (
                (mark, timing.lines.mark, timing.phases[0]),
                (space, timing.lines.space, timing.phases[1]),
            )
        ]
        soft = soft_bits(bits[0], bits[1])
        found = _find_sync(soft.llr, int((sure - first) / timing.step))
        if found is None:
            return None
        end_of_message, letters = found
        begin = max(0, letters - len(PREAMBLE) * BITS_PER_BYTE)
        end = letters + _presence_end(soft.presence[letters:])
        # Once more without what came before and after: it blurs the first and last bits.
        kept = slice(begin, min(len(centres), max(end, letters + 1) + EDGE_BITS))
        soft = soft_bits(bits[0][kept], bits[1][kept])
        return self._burst(
            soft, end_of_message, letters - begin, start + centres[kept], timing.lines
        )

    def _burst(
        self,
        soft: SoftBits,
        end_of_message: bool,
        letters: int,
        centres: Real,
        lines: Lines,
    ) -> Burst:
        end = letters + _presence_end(soft.presence[letters:])
        llr = np.where(np.arange(len(soft.llr)) < end, soft.llr, 0.0)[letters:]
        used = slice(0, max(end, 1))
        ratio = np.mean(soft.signal[used]) / np.mean(soft.noise[used])
        scale = self._demodulator.decimation
        half = self._bit / 2
        return Burst(
            end_of_message,
            llr,
            (end - letters) / BITS_PER_BYTE,
            max(0, round((centres[0] - half) * scale)),
            round((centres[max(end, 1) - 1] + half) * scale),
            float(10 * np.log10(ratio)),
            lines.baud_error,
            lines.tone_offset,
            soft.coherent,
        )

    def _trim(self) -> None:
        """Forget what no burst can need any more."""
        oldest = self._position - self._keep
        if self._candidate is not None:
            oldest = self._candidate.start - self._keep
        drop = oldest - self._origin
        if drop > self._keep:
            self._tones = Tones(
                self._tones.mark[drop:].copy(), self._tones.space[drop:].copy()
            )
            self._scores = self._scores[drop:].copy()
            self._origin += drop


def _presence_end(presence: Real) -> int:
    """Return the bit at which a burst most likely ended, of float64[bits]."""
    total = np.concatenate((np.zeros(1), np.cumsum(presence)))
    return int(np.argmax(total))


def _find_sync(llr: Real, trigger: int) -> tuple[bool, int] | None:
    """Return whether it is NNNN, and the bit at which the letters begin."""
    count = len(_HEADER_SYNC)
    first = max(0, trigger - 2 * BITS_PER_BYTE - len(_LEAD))
    last = min(len(llr) - count, trigger + (len(PREAMBLE) + 6) * BITS_PER_BYTE)
    if last < first:
        return None
    windows = np.lib.stride_tricks.sliding_window_view(llr[: last + count], count)
    windows = windows[first:]
    # Log-likelihood of the bits as they ought to be, over random ones.
    right = np.log(2) - np.logaddexp(0, -windows * _HEADER_SYNC)
    lead = right[:, : len(_LEAD)].sum(axis=1)
    header = lead + right[:, len(_LEAD) :].sum(axis=1)
    letters = windows[:, len(_LEAD) :] * _EOM_SYNC[len(_LEAD) :]
    eom = lead + (np.log(2) - np.logaddexp(0, -letters)).sum(axis=1)
    at_header, at_eom = int(np.argmax(header)), int(np.argmax(eom))
    if max(header[at_header], eom[at_eom]) < SYNC_EVIDENCE:
        return None
    if eom[at_eom] > header[at_header]:
        return True, first + at_eom + len(_LEAD)
    return False, first + at_header + len(_LEAD)
