"""A rate that was stated wrongly is found out, and a right one is left alone."""

import socket

from hypothesis import given, strategies as st
import pytest

from eas_core.sources import pcm_rate
from eas_core.sources.pcm import PcmSource
from eas_core.sources.pcm_rate import RateMeter
from eas_core.sources.source import SourceErrorReason
from script.ports import free_port
from tests.core.sources.streams import Listener
from tests.core.sources.test_pcm import HERE, gqrx


def measured(stated: int, sent: float, seconds: float, chunk: float) -> float | None:
    """Return what is found out of chunks of so many seconds."""
    meter = RateMeter(stated)
    for n in range(round(seconds / chunk)):
        found = meter.feed(sent * chunk, n * chunk)
        if found is not None:
            return found
    return None


@given(
    stated=st.sampled_from([8_000, 24_000, 48_000]),
    factor=st.floats(0.91, 1.09),
    chunk=st.floats(0.01, 2.0),
)
def test_a_rate_that_is_right_is_left_alone_however_it_is_cut(
    stated: int, factor: float, chunk: float
) -> None:
    assert measured(stated, stated * factor, 60, chunk) is None


@given(
    stated=st.sampled_from([8_000, 24_000, 48_000]),
    factor=st.one_of(st.floats(0.1, 0.89), st.floats(1.11, 10)),
    chunk=st.floats(0.01, 2.0),
)
def test_a_rate_that_is_wrong_is_measured_within_fifteen_seconds(
    stated: int, factor: float, chunk: float
) -> None:
    found = measured(stated, stated * factor, 15, chunk)
    assert found == pytest.approx(stated * factor)


def test_what_was_held_up_comes_at_once_and_is_no_rate() -> None:
    meter = RateMeter(48_000)
    for second in range(60):
        # Nine seconds are held up in every twenty.
        if second % 20 < 9:
            continue
        samples = 48_000 * (10 if second % 20 == 9 else 1)
        assert meter.feed(samples, second) is None


def test_a_wrong_rate_is_told_with_the_right_one(
    loopback: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pcm_rate, "SPAN_SECONDS", 1.0)
    port = free_port(socket.SOCK_DGRAM)
    with gqrx().to(port):
        source = PcmSource(mode="udp", host=HERE, port=port, sample_rate=24_000)
        error = Listener(source).hear_to_its_end()
    assert error.reason is SourceErrorReason.INVALID_OPTION
    said = [int(word) for word in error.hint.split() if word.isdigit()]
    # In spans of one second, and on a machine that may be busy.
    assert 42_000 < said[0] < 54_000
