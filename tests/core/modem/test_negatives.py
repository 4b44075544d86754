"""A short cut of bench/negatives.py: what holds no message gives none."""

import numpy as np
import pytest

from bench.negatives import KINDS
from eas_core.modem.decoder import SameDecoder

RATE = 16_000
SECONDS = 20


@pytest.mark.parametrize("kind", KINDS)
def test_no_message_comes_of_it(kind: str) -> None:
    rng = np.random.default_rng(1234)
    decoder = SameDecoder(RATE)
    audio = KINDS[kind](SECONDS * RATE, RATE, rng)
    assert len(audio) == SECONDS * RATE
    found = decoder.feed(audio) + decoder.flush()
    assert [one.header for one in found if not one.end_of_message] == []
