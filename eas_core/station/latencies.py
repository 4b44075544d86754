"""How long something takes: the newest times, and what half and nearly all of them are below."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
import math
from typing import Final

KEPT: Final = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """How many times were taken, and of the newest the median, the 99th percentile and the most, in seconds."""

    count: int = 0
    p50_s: float | None = None
    p99_s: float | None = None
    most_s: float | None = None


class Latencies:
    """Keeps the newest times; taken on one thread, asked on any."""

    def __init__(self) -> None:
        """Begin with none."""
        self._newest: deque[float] = deque(maxlen=KEPT)
        self._count = 0

    def add(self, seconds: float) -> None:
        """Take one."""
        self._newest.append(seconds)
        self._count += 1

    @property
    def latency(self) -> Latency:
        """What they are like."""
        return Latency(count=self._count, **_quantiles(self._newest.copy()))


def _quantiles(times: Iterable[float]) -> dict[str, float]:
    ordered = sorted(times)
    if not ordered:
        return {}

    def quantile(share: float) -> float:
        """Return the least that so many are not above."""
        return round(ordered[math.ceil(share * len(ordered)) - 1], 4)

    return {"p50_s": quantile(0.5), "p99_s": quantile(0.99), "most_s": quantile(1.0)}
