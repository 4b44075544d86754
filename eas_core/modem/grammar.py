"""The most likely header behind soft bits, and how sure each part of it is.

For each count of locations and length of sender the places of all fields are
known, and the fields are independent: the posterior is a product of small
searches (fields.py), summed over the structures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .constants import BITS_PER_BYTE
from .decoded import UNCERTAIN
from .fields import (
    ALPHABET,
    Component,
    Reading,
    event_field,
    location_field,
    originator_field,
    purge_field,
    read_field,
    sender_field,
    time_field,
)

type Real = NDArray[np.float64]

FIRST_LOCATION: Final = 13
LOCATION_STEP: Final = 7
MAX_LOCATIONS: Final = 31
USUAL_SENDER: Final = 8
SENDER_LENGTHS: Final = tuple(range(1, 17))
USUAL_SENDER_WEIGHT: Final = 0.97

CERTAIN: Final = 5e-4
"""Chance of error up to which a whole header is called certain: on average over
all messages of a level it is then wrong in less than one of 10,000 (bench/limit.py)."""

PART_CERTAIN: Final = 4e-4
"""The same for the event and one place together, without which there is no alert."""

REST_CERTAIN: Final = 3e-5
"""The same for all else that a partial header shows: it is not worth more."""

LOOKALIKE: Final = 14.0
"""Nats against: what has a preamble and ZCZC, and is no message."""

DAMAGED: Final = 9.0
"""Nats against a burst whose end is anything at all: samples may have been lost."""

END_SLACK: Final = 0.8
"""Bytes by which the end that was heard may lie off."""

GOES_ON: Final = 10.0
"""Nats a byte against an end while the signal plainly goes on."""

FADED: Final = 3.0
"""Nats a byte against an end that was not heard: the signal may have faded."""

MOST_AGAINST: Final = 40.0
"""Nats; some encoders send a few bytes more than the header."""

TAIL_EVIDENCE: Final = 7.0
"""Nats that must speak for time and sender: a message that is cut off has none."""

DASH_EVIDENCE: Final = 1.0
"""Nats that must speak for the last dash where the burst seems to end before it."""

_LETTERS = np.arange(ALPHABET, dtype=np.uint8)
_BITS = np.unpackbits(_LETTERS[:, None], axis=1, bitorder="little").astype(float)


@dataclass(frozen=True, slots=True)
class Sentence:
    """The best header, its probability and that of each character.

    `header` has `?` for what is not certain; it is None where it would not
    even name the event and a place. `cut` says that the end was missing.
    """

    best_guess: str
    header: str | None
    confidence: float
    character_confidence: tuple[float, ...]
    certain: bool


def read_sentence(llr: Real, length_bytes: float, near: Sequence[str]) -> Sentence:
    """Return the best header in soft bits, float64[8·n], of a burst that long.

    `near` are times JJJHHMM that are likely.
    """
    evidence = _character_evidence(llr)
    search = _Search(evidence, length_bytes, time_field(near))
    return search.best()


def _character_evidence(llr: Real) -> Real:
    """Return log-likelihoods of each letter over random bits, float64[n, ALPHABET].

    Past the end of what was heard all letters are as likely.
    """
    need = FIRST_LOCATION + LOCATION_STEP * MAX_LOCATIONS + 40
    count = min(len(llr) // BITS_PER_BYTE, need)
    bits = np.zeros((need, BITS_PER_BYTE))
    bits[:count] = llr[: count * BITS_PER_BYTE].reshape(count, BITS_PER_BYTE)
    one = np.log(2) - np.logaddexp(0, -bits)
    zero = np.log(2) - np.logaddexp(0, bits)
    result: Real = (one - zero) @ _BITS.T + zero.sum(axis=1, keepdims=True)
    return result


class _Search:
    def __init__(
        self, evidence: Real, length_bytes: float, times: Sequence[Component]
    ) -> None:
        self._evidence = evidence
        self._length = length_bytes
        self._times = times
        self._head = [
            self._fixed(0, "ZCZC-"),
            self._field(5, 3, originator_field()),
            self._fixed(8, "-"),
            self._field(9, 3, event_field()),
            self._fixed(12, "-"),
        ]
        limit = min(
            MAX_LOCATIONS, int((length_bytes + 14 - FIRST_LOCATION) // LOCATION_STEP)
        )
        self._places = [
            self._field(FIRST_LOCATION + LOCATION_STEP * index, 6, location_field())
            for index in range(max(1, limit))
        ]

    def _fixed(self, position: int, text: str) -> Reading:
        codes = np.frombuffer(text.encode(), np.uint8)
        rows = self._evidence[position : position + len(text)]
        return Reading(
            text,
            float(rows[np.arange(len(text)), codes].sum()),
            1.0,
            np.ones(len(text)),
        )

    def _field(
        self, position: int, width: int, components: Sequence[Component]
    ) -> Reading:
        return read_field(self._evidence[position : position + width], components)

    def _tail(self, places: int) -> list[Reading]:
        """Read all that follows the locations, but the sender and its dash."""
        position = FIRST_LOCATION + LOCATION_STEP * places - 1
        return [
            self._fixed(position, "+"),
            self._field(position + 1, 4, purge_field()),
            self._fixed(position + 5, "-"),
            self._field(position + 6, 7, self._times),
            self._fixed(position + 13, "-"),
        ]

    def _end(self, places: int, sender: int) -> list[Reading]:
        position = FIRST_LOCATION + LOCATION_STEP * places + 13
        return [
            self._field(position, sender, sender_field(sender)),
            self._fixed(position + sender, "-"),
        ]

    def _off(self, length: int) -> float:
        """Nats against a structure that ends elsewhere than the burst."""
        short = self._length - length
        if short > 0:
            return min(MOST_AGAINST, GOES_ON * max(0.0, short - END_SLACK))
        return FADED * max(0.0, -short - END_SLACK)

    def best(self) -> Sentence:
        head = sum(reading.evidence for reading in self._head)
        scores: dict[tuple[int, int], float] = {}
        tails: dict[int, list[Reading]] = {}
        running = head
        damaged = LOOKALIKE
        for places in range(1, len(self._places) + 1):
            running += self._places[places - 1].evidence
            tails[places] = self._tail(places)
            before = running + sum(reading.evidence for reading in tails[places])
            before -= float(np.log(MAX_LOCATIONS))
            damaged = max(damaged, before - DAMAGED)
            for sender in SENDER_LENGTHS:
                length = FIRST_LOCATION + LOCATION_STEP * places + 14 + sender
                if abs(length - self._length) > 14 and scores:
                    continue
                prior = (
                    USUAL_SENDER_WEIGHT
                    if sender == USUAL_SENDER
                    else (1 - USUAL_SENDER_WEIGHT) / (len(SENDER_LENGTHS) - 1)
                )
                end = self._end(places, sender)
                scores[places, sender] = (
                    before
                    + sum(reading.evidence for reading in end)
                    + float(np.log(prior))
                    - self._off(length)
                )
            running += self._fixed(
                FIRST_LOCATION + LOCATION_STEP * places - 1, "-"
            ).evidence
        (places, sender), score = max(scores.items(), key=lambda item: item[1])
        every = float(np.logaddexp.reduce(list(scores.values())))
        structure = float(np.exp(score - np.logaddexp(every, damaged)))
        end = tails[places] + self._end(places, sender)
        return self._sentence(structure, places, end)

    def _sentence(
        self, structure: float, places: int, end: Sequence[Reading]
    ) -> Sentence:
        dash = Reading("-", 0.0, 1.0, np.ones(1))
        middle: list[Reading] = []
        for index, place in enumerate(self._places[:places]):
            middle += [dash, place] if index else [place]
        readings = [*self._head, *middle, *end]
        text = "".join(reading.text for reading in readings)
        confidence = structure * float(
            np.prod([reading.probability for reading in readings])
        )
        characters = structure * np.concatenate(
            [reading.characters for reading in readings]
        )
        certain = 1 - confidence < CERTAIN
        heard = sum(reading.evidence for reading in end[3:]) > TAIL_EVIDENCE and (
            len(text) - self._length <= END_SLACK or end[-1].evidence > DASH_EVIDENCE
        )
        header: str | None = None
        if certain and heard:
            header = text
        elif heard and self._settled(structure, places):
            surest = max(self._places[:places], key=lambda reading: reading.probability)
            header = _with_doubts(readings, shown=(self._head[3], surest))
        return Sentence(
            text,
            header,
            confidence,
            tuple(float(round(share, 4)) for share in characters),
            certain and heard,
        )

    def _settled(self, structure: float, places: int) -> bool:
        """Whether the event and one place at least are certain."""
        event = self._head[3].probability
        place = max(reading.probability for reading in self._places[:places])
        return 1 - structure * event * place < PART_CERTAIN


def _with_doubts(readings: Sequence[Reading], shown: Sequence[Reading]) -> str:
    """Put `?` for characters with more doubt than may be let by.

    `shown` are the readings that are known to be certain enough.
    """
    budget = REST_CERTAIN
    texts: dict[int, str] = {}
    # The surest fields first: what they leave of the doubt allowed is for the next.
    for index in sorted(
        range(len(readings)), key=lambda index: -readings[index].probability
    ):
        reading = readings[index]
        if any(reading is one for one in shown):
            texts[index] = reading.text
            continue
        doubt = 1 - reading.probability
        if doubt <= budget:
            budget -= doubt
            texts[index] = reading.text
            continue
        letters = []
        for letter, sure in zip(reading.text, reading.characters, strict=True):
            if 1 - sure <= budget:
                budget -= 1 - sure
                letters.append(letter)
            else:
                letters.append(UNCERTAIN)
        texts[index] = "".join(letters)
    return "".join(texts[index] for index in range(len(readings)))
