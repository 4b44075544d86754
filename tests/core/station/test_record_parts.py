"""What is found in a recording's own audio, and what of it may be played to people."""

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from eas_core.modem.encoder import encode_message
from eas_core.station.recording_parts import (
    Found,
    PartFinder,
    parts_of,
    speakable_spans,
)
from tests.core.station.hearing import TORNADO


def sent(rate: int, noise: float = 0.0) -> np.ndarray:
    rng = np.random.default_rng(1)
    voice = 0.05 * rng.standard_normal(4 * rate, np.float32)
    audio = encode_message(TORNADO, rate, attention="broadcast", voice=voice)
    hiss = noise * rng.standard_normal(len(audio), np.float32)
    return (audio + hiss).astype(np.float32)


def found(audio: np.ndarray, rate: int, size: int = 4000) -> Found:
    finder = PartFinder(rate)
    for start in range(0, len(audio), size):
        finder.feed(audio[start : start + size])
    return finder.finish()


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 44_100])
def test_bursts_and_tones_are_found_in_their_places_at_any_rate(rate: int) -> None:
    heard = found(sent(rate), rate)
    assert len(heard.headers) == 3
    assert len(heard.ends) == 3
    assert heard.headers[0] == pytest.approx((0.0, 1.0), abs=0.05)
    (tone,) = heard.tones
    assert tone == pytest.approx((6.0, 14.0), abs=0.21)
    assert [each.part for each in parts_of(heard)] == ["header", "tone", "voice", "end"]
    (span,) = speakable_spans(heard, after_header=True)
    assert span == pytest.approx((14.25, 19.75), abs=0.21)


AUDIO = sent(8_000)
WHOLE = found(AUDIO, 8_000, len(AUDIO))


@settings(max_examples=5, deadline=None)
@given(st.integers(1_000, 30_000))
def test_pieces_of_any_size_give_the_same(size: int) -> None:
    assert found(AUDIO, 8_000, size) == WHOLE


@pytest.mark.parametrize("noise", [0.05, 0.2])
def test_tones_in_noise_are_found_as_long_as_they_are(noise: float) -> None:
    heard = found(sent(16_000, noise), 16_000)
    assert sum(end - start for start, end in heard.tones) == pytest.approx(8, abs=0.3)


@given(
    st.lists(st.tuples(st.floats(0, 100), st.floats(0, 20)), max_size=8),
    st.booleans(),
)
def test_nothing_that_was_found_is_ever_played(
    cuts: list[tuple[float, float]], after_header: bool
) -> None:
    spans = tuple(sorted((start, start + length) for start, length in cuts))
    heard = Found(
        sample_rate=16_000,
        duration_s=120.0,
        headers=spans[::3],
        ends=spans[1::3],
        tones=spans[2::3],
    )
    last = 0.0
    for start, end in speakable_spans(heard, after_header=after_header):
        assert last <= start < end <= 120.0
        last = end
        assert all(end < first or start > stop for first, stop in spans)


def test_silence_and_speech_alone_may_be_played_whole() -> None:
    rng = np.random.default_rng(1)
    heard = found(0.1 * rng.standard_normal(160_000, np.float32), 16_000)
    assert heard.silent
    assert parts_of(heard) == ()
    assert speakable_spans(heard, after_header=True) == ((0.0, 10.0),)
