"""Samples that an rtl_tcp elsewhere did not send are told from those that are late."""

from contextlib import suppress
import socket
import threading
import time

import numpy as np
import pytest

from eas_core.clock import SystemClock
from eas_core.sources.loss import SampleClock
from eas_core.sources.rtl_tcp import LOSS_SECONDS, WINDOW_SECONDS
from eas_core.sources.source import SourceError
from tests.peers.rtl_tcp import GREETING, TUNING, peer, source

RATE = TUNING.sample_rate
BURST = 131_072
"""Samples that Debian's rtl_tcp sends at a time: 16 · 16384 bytes, DEFAULT_BUF_LENGTH."""


def losses(late: np.ndarray, lost: set[int]) -> list[float]:
    """Return the losses, in seconds, that are found in bursts that come late by so much."""
    clock = SampleClock(RATE, window_seconds=WINDOW_SECONDS, loss_seconds=LOSS_SECONDS)
    on_time = np.arange(1, len(late) + 1) * BURST / RATE
    # TCP keeps the order: none comes before the one that was sent before it.
    arrivals = np.maximum.accumulate(on_time + late)
    found = [
        clock.missing(BURST, float(when))
        for index, when in enumerate(arrivals)
        if index not in lost
    ]
    return [each / RATE for each in found if each]


@pytest.mark.parametrize("seconds", [0.001, 0.02, 0.05, 0.1])
def test_an_hour_over_an_uneven_network_loses_nothing(seconds: float) -> None:
    late = np.random.default_rng(7).exponential(seconds, round(3600 * RATE / BURST))
    assert losses(late, set()) == []


@pytest.mark.parametrize("seconds", [0.001, 0.02, 0.05])
def test_a_buffer_that_was_not_sent_is_found_on_an_uneven_network(
    seconds: float,
) -> None:
    late = np.random.default_rng(8).exponential(seconds, 200)
    assert losses(late, {100}) == [pytest.approx(BURST / RATE, abs=0.06)]


def gaps(port: int) -> list[float]:
    """Hear until the server ends the connection; return what is missing, in seconds."""
    found = []
    position = 0
    with suppress(SourceError):
        for block in source(port).blocks(SystemClock(), threading.Event()):
            found.append((block.first_sample - position) / RATE)
            position = block.first_sample + len(block.samples)
    return [each for each in found if each]


def send(client: socket.socket, seconds: float, left_out: range = range(0)) -> None:
    """Send samples at their pace, all but those of some twentieths of a second."""
    samples = bytes([127, 127]) * (RATE // 20)
    due = time.monotonic()
    for number in range(round(20 * seconds)):
        due += 0.05
        if number not in left_out:
            client.sendall(samples)
        time.sleep(max(0.0, due - time.monotonic()))


def test_samples_that_did_not_come_are_a_gap() -> None:
    def talk(client: socket.socket) -> None:
        client.sendall(GREETING)
        send(client, 10, left_out=range(80, 100))

    with peer(talk) as port:
        assert sum(gaps(port)) == pytest.approx(1.0, abs=0.15)


def test_samples_that_come_at_another_rate_before_it_is_set_are_no_gap() -> None:
    def talk(client: socket.socket) -> None:
        client.sendall(GREETING + bytes(2 * BURST))
        send(client, 6)

    with peer(talk) as port:
        assert gaps(port) == []


def test_a_network_that_was_away_for_a_while_loses_nothing() -> None:
    def talk(client: socket.socket) -> None:
        client.sendall(GREETING)
        send(client, 3)
        time.sleep(2)
        client.sendall(bytes([127, 127]) * (2 * RATE))
        send(client, 4)

    with peer(talk) as port:
        assert gaps(port) == []
