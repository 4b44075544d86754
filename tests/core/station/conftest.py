"""Clocks and sources for stations."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
import threading
import time

import numpy as np
import pytest

from eas_core.audio.block import AudioBlock, Block
from eas_core.clock import Clock
from eas_core.sources.source import SourceError

START = datetime(2026, 6, 8, 18, 30, tzinfo=UTC)
RATE = 16_000


class QuickClock:
    """A clock that moves when it is waited for: hours pass in seconds."""

    def __init__(self, start: datetime = START) -> None:
        self.start = start
        self.passed = 0.0

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return self.passed

    def wait(self, event: threading.Event, seconds: float) -> bool:
        self.passed += max(0.0, seconds)
        return event.wait(0.0005)


class ScriptedSource:
    """A source that does what a test says: blocks are yielded, errors raised."""

    kind = "scripted"

    def __init__(
        self, *openings: list[np.ndarray | SourceError | float], live: bool = False
    ) -> None:
        self._openings = list(openings)
        self.live = live
        self.opened = 0

    def blocks(self, clock: Clock, stop: threading.Event) -> Iterator[Block]:
        opening = self._openings[min(self.opened, len(self._openings) - 1)]
        self.opened += 1
        position = 0
        for item in opening:
            if isinstance(item, SourceError):
                raise item
            if isinstance(item, float):
                # A gap of so many seconds.
                position += round(item * RATE)
                continue
            for start in range(0, len(item), RATE // 10):
                if stop.is_set():
                    return
                part = item[start : start + RATE // 10]
                clock.wait(stop, len(part) / RATE)
                yield AudioBlock(samples=part, sample_rate=RATE, first_sample=position)
                position += len(part)


@pytest.fixture
def clock() -> QuickClock:
    """A clock that moves when it is waited for."""
    return QuickClock()


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], None]:
    """Wait for what another thread does, at most a minute."""

    def wait(happened: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 60
        while not happened():
            if time.monotonic() > deadline:
                pytest.fail("it did not happen within a minute")
            time.sleep(0.005)

    return wait


@pytest.fixture
def scripted() -> type[ScriptedSource]:
    """The source that does what a test says."""
    return ScriptedSource
