"""Three bursts to one message: which belong together, and what they say summed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .constants import BURSTS_PER_MESSAGE, EOM_SYNC
from .decoded import END_OF_MESSAGE, UNCERTAIN, BurstHeard, Decoded
from .encoder import to_bits
from .framing import Burst
from .grammar import Sentence, read_sentence

type Real = NDArray[np.float64]

PAUSE_SECONDS: Final = 3.5
"""Twice the pause that the rule gives, and slack: a burst between may be lost."""

ENOUGH_BURSTS: Final = 2
"""47 CFR 11.33(a)(10): two that agree are valid; one alone waits for a second."""

EOM_EVIDENCE: Final = 14.0
"""Nats of the 32 bits of NNNN, of at most 22."""

SAME_LEVEL_DB: Final = 5.0
"""The end of a burst that is weaker than the best by more is not to be trusted."""

CUT_OFF_BYTES: Final = 3.0
MAX_SLIP_BITS: Final = 24
CONTRADICTION: Final = 18.0
CONTRADICTION_SIGMA: Final = 6.0


@dataclass(slots=True)
class _Group:
    bursts: list[Burst] = field(default_factory=list)
    emitted: bool = False
    end: int = 0

    def add(self, burst: Burst) -> None:
        self.bursts.append(burst)
        self.end = burst.end_sample


class Combiner:
    """Collects bursts and gives each message once.

    A message is given as soon as two bursts make it certain, at the third, or
    when no further one can come. An end of message is one burst's affair and
    never mixes with headers.
    """

    def __init__(self, sample_rate: int, near: Callable[[], Sequence[str]]) -> None:
        """Take the rate of sample numbers in Hz, and what gives the likely times."""
        self._rate = sample_rate
        self._near = near
        self._header = _Group()
        self._eom = _Group()
        self.malformed = 0

    def add(self, burst: Burst) -> list[Decoded]:
        """Return the messages that this burst settles."""
        if burst.end_of_message:
            return self._add_end(burst)
        out = self.close(burst.start_sample)
        if self._header.bursts and not _agree(self._header.bursts, burst):
            alone = self._sentence([burst])
            if not alone.certain:
                # Damaged, as by samples that were lost: the others do without it.
                self._header.end = burst.end_sample
                self.malformed += 1
                return out
            if self._is_worse(alone):
                self.malformed += len(self._header.bursts)
                self._header = _Group()
            else:
                out += self._finish()
        self._header.add(burst)
        if not self._header.emitted and len(self._header.bursts) >= ENOUGH_BURSTS:
            last = len(self._header.bursts) >= BURSTS_PER_MESSAGE
            out += self._read(last=last)
        return out

    def close(self, now: int) -> list[Decoded]:
        """Return what is not to be bettered: no burst began before sample `now`."""
        out: list[Decoded] = []
        if self._header.bursts and now - self._header.end > self._patience():
            out = self._finish()
        if self._eom.bursts and now - self._eom.end > PAUSE_SECONDS * self._rate:
            out += self._give_up_end()
        return out

    def flush(self) -> list[Decoded]:
        """Return what is left: the audio has ended."""
        return self._finish() + self._give_up_end()

    def _patience(self) -> float:
        last = self._header.bursts[-1]
        return PAUSE_SECONDS * self._rate + (last.end_sample - last.start_sample)

    def _finish(self) -> list[Decoded]:
        out = [] if self._header.emitted else self._read(last=True)
        self._header = _Group()
        return out

    def _read(self, *, last: bool) -> list[Decoded]:
        group = self._header
        if not group.bursts:
            return []
        bursts = group.bursts[:BURSTS_PER_MESSAGE]
        sentence = self._sentence(bursts)
        if not sentence.certain and not last:
            return []
        group.emitted = True
        if sentence.header is None:
            self.malformed += len(bursts)
            return []
        return [_decoded(bursts, sentence.header, sentence)]

    def _sentence(self, bursts: Sequence[Burst]) -> Sentence:
        return read_sentence(_sum_bursts(bursts), _length(bursts), self._near())

    def _is_worse(self, sentence: Sentence) -> bool:
        """Whether what was collected is only a damaged form of a certain sentence."""
        if self._header.emitted:
            return False
        collected = self._sentence(self._header.bursts[:BURSTS_PER_MESSAGE]).header
        whole = sentence.best_guess
        return collected is None or (
            len(collected) == len(whole)
            and all(
                one in (UNCERTAIN, two)
                for one, two in zip(collected, whole, strict=True)
            )
        )

    def _add_end(self, burst: Burst) -> list[Decoded]:
        out = self._finish()
        near = PAUSE_SECONDS * self._rate
        if self._eom.bursts and burst.start_sample - self._eom.end > near:
            out += self._give_up_end()
        self._eom.add(burst)
        bursts = self._eom.bursts[-BURSTS_PER_MESSAGE:]
        if self._eom.emitted:
            return out
        signs = to_bits(EOM_SYNC).astype(float) * 2 - 1
        letters = np.zeros(len(signs))
        for one in bursts:
            part = one.llr[: len(signs)]
            letters[: len(part)] += part
        right = np.log(2) - np.logaddexp(0, -letters * signs)
        if right.sum() < EOM_EVIDENCE:
            return out
        self._eom.emitted = True
        share = 1 / (1 + np.exp(-np.abs(letters)))
        sure = tuple(
            float(round(chance, 4)) for chance in share.reshape(4, -1).prod(axis=1)
        )
        confidence = float(1 - np.exp(4.0 - right.sum()))
        sentence = Sentence(END_OF_MESSAGE, END_OF_MESSAGE, confidence, sure, True)
        return [*out, _decoded(bursts, END_OF_MESSAGE, sentence)]

    def _give_up_end(self) -> list[Decoded]:
        if self._eom.bursts and not self._eom.emitted:
            self.malformed += len(self._eom.bursts)
        self._eom = _Group()
        return []


def _decoded(bursts: Sequence[Burst], header: str, sentence: Sentence) -> Decoded:
    return Decoded(
        header=header,
        best_guess=sentence.best_guess,
        confidence=round(sentence.confidence, 4),
        bursts=len(bursts),
        start_sample=bursts[0].start_sample,
        end_sample=bursts[-1].end_sample,
        ebn0_db=round(float(np.mean([burst.ebn0_db for burst in bursts])), 1),
        baud_error=round(float(np.mean([burst.baud_error for burst in bursts])), 5),
        tone_offset=round(float(np.mean([burst.tone_offset for burst in bursts])), 2),
        character_confidence=sentence.character_confidence,
        heard=tuple(
            BurstHeard(
                start_sample=burst.start_sample,
                end_sample=burst.end_sample,
                ebn0_db=round(burst.ebn0_db, 1),
                baud_error=round(burst.baud_error, 5),
                tone_offset=round(burst.tone_offset, 2),
                coherent=burst.coherent,
            )
            for burst in bursts
        ),
    )


def _length(bursts: Sequence[Burst]) -> float:
    """Return how many bytes a message has, as far as its better bursts tell."""
    best = max(burst.ebn0_db for burst in bursts)
    lengths = [
        burst.length_bytes for burst in bursts if burst.ebn0_db > best - SAME_LEVEL_DB
    ]
    usual, longest = float(np.median(lengths)), max(lengths)
    # Fading cuts a burst off, and hardly ever makes it longer.
    return longest if longest - usual < CUT_OFF_BYTES or len(lengths) < 3 else usual


def _sum_bursts(bursts: Sequence[Burst]) -> Real:
    """Sum soft bits, each burst shifted to where it fits what is there already."""
    total = bursts[0].llr
    for burst in bursts[1:]:
        shifted = _shift(burst.llr, _slip(total, burst.llr))
        length = max(len(total), len(shifted))
        total = np.pad(total, (0, length - len(total)))
        total = total + np.pad(shifted, (0, length - len(shifted)))
    return total


def _likeness(first: Real, second: Real) -> Real:
    """Log-likelihood of each bit in nats that both burst's bits are one, over two."""
    both = np.tanh(first / 2) * np.tanh(second / 2)
    result: Real = np.log1p(np.maximum(both, -1 + 1e-9))
    return result


def _shift(llr: Real, slip: int) -> Real:
    return np.pad(llr, (slip, 0)) if slip >= 0 else llr[-slip:]


def _slip(first: Real, second: Real) -> int:
    """Return by how many bits the second is late: none, unless that is far likelier."""
    scores = {}
    for slip in range(-MAX_SLIP_BITS, MAX_SLIP_BITS + 1):
        moved = _shift(second, slip)
        length = min(len(first), len(moved))
        scores[slip] = float(_likeness(first[:length], moved[:length]).sum())
    best = max(scores, key=lambda slip: scores[slip])
    return best if scores[best] > scores[0] + 20.0 else 0


def _agree(bursts: Sequence[Burst], burst: Burst) -> bool:
    """Whether a burst may be of the same message: it contradicts in no sure bit."""
    total = np.clip(_sum_bursts(bursts), -12, 12)
    moved = _shift(burst.llr, _slip(total, burst.llr))
    length = min(len(total), len(moved))
    heard = _likeness(total[:length], moved[:length])
    both = np.abs(np.tanh(total[:length] / 2) * np.tanh(moved[:length] / 2))
    both = np.minimum(both, 1 - 1e-9)
    plus, minus = np.log1p(both), np.log1p(-both)
    mean = (1 + both) / 2 * plus + (1 - both) / 2 * minus
    spread = (1 + both) / 2 * plus**2 + (1 - both) / 2 * minus**2 - mean**2
    short = float(np.sum(mean) - np.sum(heard))
    return short < CONTRADICTION or short < CONTRADICTION_SIGMA * float(
        np.sqrt(np.sum(spread))
    )
