"""The fields of a header as prior knowledge: what may stand there, and how likely.

Every field weighs all texts that it may hold against the soft characters. Known
codes are likelier, but whatever has the field's form is possible.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..same.codes import EVENTS, ORIGINATORS
from ..same.locations import all_codes

type Real = NDArray[np.float64]

ALPHABET: Final = 128
DIGITS: Final = b"0123456789"
LETTERS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
UNKNOWN_WEIGHT: Final = 0.003
"""The share of codes that no table has: newer than the tables, or misspelt."""

PART_WEIGHT: Final = 0.05
"""The share of locations that are parts of a county."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a field most likely holds.

    `evidence` is the log-likelihood in nats of the field as a whole over
    random bits; `probability` that of `text`, `characters` that of each
    character alone, float64[len(text)].
    """

    text: str
    evidence: float
    probability: float
    characters: Real


@dataclass(frozen=True, slots=True)
class Component:
    """One way of filling a field: independent blocks of alternatives, side by side.

    Each block is uint8[choices, width] with float64[choices] log-weights.
    """

    weight: float
    blocks: tuple[tuple[NDArray[np.uint8], Real], ...]


def block(
    texts: Sequence[bytes], weights: Sequence[float] | None = None
) -> tuple[NDArray[np.uint8], Real]:
    """Return alternatives of one length with their log-weights, even by default."""
    share = np.ones(len(texts)) if weights is None else np.asarray(weights, float)
    letters = np.frombuffer(b"".join(texts), np.uint8).reshape(len(texts), -1)
    return letters, np.log(share / share.sum())


def free(alphabet: bytes, count: int) -> tuple[tuple[NDArray[np.uint8], Real], ...]:
    """Return a component's blocks for any `count` characters of an alphabet."""
    one = block([bytes([letter]) for letter in alphabet])
    return (one,) * count


def read_field(evidence: Real, components: Sequence[Component]) -> Reading:
    """Weigh a field's components against float64[width, ALPHABET] character evidence."""
    width = len(evidence)
    totals, texts, parts = [], [], []
    for component in components:
        total, position = float(np.log(component.weight)), 0
        text: list[NDArray[np.uint8]] = []
        marginals = np.zeros((width, ALPHABET))
        for letters, weights in component.blocks:
            span = letters.shape[1]
            columns = np.arange(position, position + span)
            score = weights + evidence[columns, letters].sum(axis=1)
            top = score.max()
            posterior = np.exp(score - top)
            mass = posterior.sum()
            total += float(top + np.log(mass))
            text.append(letters[int(np.argmax(score))])
            for column in range(span):
                marginals[position + column] = np.bincount(
                    letters[:, column], posterior / mass, ALPHABET
                )
            position += span
        totals.append(total)
        texts.append(np.concatenate(text))
        parts.append(marginals)
    whole = float(np.logaddexp.reduce(totals))
    shares = np.exp(np.asarray(totals) - whole)
    marginals = np.einsum("c,cwa->wa", shares, np.stack(parts))
    chances = [_probability(text, evidence, components) - whole for text in texts]
    best = int(np.argmax(chances))
    characters = marginals[np.arange(width), texts[best]]
    return Reading(
        texts[best].tobytes().decode("ascii"),
        whole,
        float(min(1.0, np.exp(chances[best]))),
        np.minimum(characters, 1.0),
    )


def _probability(
    text: NDArray[np.uint8], evidence: Real, components: Sequence[Component]
) -> float:
    """Log-weight in nats of one text, by whichever components can make it."""
    likelihood = float(evidence[np.arange(len(text)), text].sum())
    ways = [-np.inf]
    for component in components:
        prior, position = float(np.log(component.weight)), 0
        for letters, weights in component.blocks:
            span = letters.shape[1]
            same = (letters == text[position : position + span]).all(axis=1)
            prior += (
                float(np.logaddexp.reduce(weights[same])) if same.any() else -np.inf
            )
            position += span
        ways.append(prior + likelihood)
    return float(np.logaddexp.reduce(ways))


def _known(codes: Sequence[str], anything: bytes) -> tuple[Component, ...]:
    texts = [code.encode() for code in codes]
    return (
        Component(1 - UNKNOWN_WEIGHT, (block(texts),)),
        Component(UNKNOWN_WEIGHT, free(anything, len(texts[0]))),
    )


@cache
def originator_field() -> tuple[Component, ...]:
    """Three letters."""
    return _known(tuple(ORIGINATORS), LETTERS)


@cache
def event_field() -> tuple[Component, ...]:
    """Three letters or digits."""
    return _known(tuple(EVENTS), LETTERS + DIGITS)


@cache
def location_field() -> tuple[Component, ...]:
    """P, then SSCCC of the tables or five digits."""
    part = block(
        [bytes([digit]) for digit in DIGITS],
        [1 - PART_WEIGHT] + [PART_WEIGHT / 9] * 9,
    )
    places = block([code[1:].encode() for code in all_codes()])
    return (
        Component(1 - UNKNOWN_WEIGHT, (part, places)),
        Component(UNKNOWN_WEIGHT, free(DIGITS, 6)),
    )


@cache
def purge_field() -> tuple[Component, ...]:
    """TTTT: quarters of an hour to one hour, then halves to six, 47 CFR 11.31(c)."""
    minutes = [15, 30, 45, *range(60, 361, 30)]
    later = [*range(390, 1441, 30), *range(1500, 5941, 60)]
    texts = [b"%02d%02d" % divmod(count, 60) for count in minutes + later]
    weights = [0.9 / len(minutes)] * len(minutes) + [0.1 / len(later)] * len(later)
    return (
        Component(1 - UNKNOWN_WEIGHT, (block(texts, weights),)),
        Component(UNKNOWN_WEIGHT, free(DIGITS, 4)),
    )


@cache
def _any_time() -> tuple[Component, ...]:
    days = block([b"%03d" % day for day in range(1, 367)])
    hours = block([b"%02d" % hour for hour in range(24)])
    minutes = block([b"%02d" % minute for minute in range(60)])
    return (
        Component(1 - UNKNOWN_WEIGHT, (days, hours, minutes)),
        Component(UNKNOWN_WEIGHT, free(DIGITS, 7)),
    )


def time_field(near: Sequence[str] = ()) -> tuple[Component, ...]:
    """JJJHHMM, with some that are likelier than the rest: times near now."""
    if not near:
        return _any_time()
    likely = block([code.encode() for code in near])
    others = [
        Component(component.weight / 10, component.blocks) for component in _any_time()
    ]
    return (Component(0.9, (likely,)), *others)


@cache
def sender_field(length: int) -> tuple[Component, ...]:
    """LLLLLLLL: a weather office, or call letters, or what is printable."""
    usual = LETTERS + DIGITS + b"/ "
    printable = bytes(range(0x20, 0x7F)).replace(b"-", b"")
    one = block(
        [bytes([letter]) for letter in printable],
        [0.99 / len(usual) if letter in usual else 0.01 / 57 for letter in printable],
    )
    anything = Component(1.0, (one,) * length)
    if length != 8:
        return (anything,)
    office = (
        block([b"K", b"P", b"T", b"W"], [0.9, 0.04, 0.02, 0.04]),
        *free(LETTERS, 3),
        block([b"/NWS"]),
    )
    return (Component(0.5, office), Component(0.5, anything.blocks))
