"""What a Home Assistant's log says of a soak: floods, complaints of its own checks, slow callbacks.

Between two starts, and between two steps of the clock, its times run as they should:
within such a stretch the lines of a message are counted hour by hour.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
import re
from typing import Any, Final

OURS: Final = "custom_components.eas_station"
MOST_AN_HOUR: Final = 10
"""Lines of one message, whatever lasts or comes and goes."""

STEPPED: Final = timedelta(minutes=30)
SLOW_SECONDS: Final = 1.0
"""Of a callback of ours; asyncio tells those of 0.1 s."""

_LINE: Final = re.compile(
    r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+) ([A-Z]+) \((.*?)\) \[(.*?)\] (.*)$"
)
_BEGINS: Final = re.compile(r"(?=\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ [A-Z]+ \()")
"""Not only where a line does: a full disk took no more of the one before."""

_NUMBERS: Final = re.compile(r"\d+(\.\d+)?|0x[0-9a-f]+|'[^']*'|/\S+")
_START: Final = "Skipping pip installation"
_SLOW: Final = re.compile(r"Executing .*eas_.* took ([\d.]+) seconds")
_CHECKS: Final = (
    "Detected blocking call",
    "from a thread other than the event loop",
    "was never awaited",
    "never retrieved",
    "Unclosed",
)


@dataclass(slots=True, kw_only=True)
class Line:
    """A line of the log, with the traceback under it."""

    at: datetime
    level: str
    logger: str
    said: str
    under: str = ""

    @property
    def is_ours(self) -> bool:
        """Whether the integration says it, or is in its traceback."""
        return self.logger.startswith(OURS) or "/eas_station/" in self.said + self.under

    @property
    def kind(self) -> tuple[str, str, str]:
        """What it says, whatever its numbers and names are."""
        return self.level, self.logger, _NUMBERS.sub("#", self.said)[:160]


@dataclass(slots=True, kw_only=True)
class LogVerdict:
    """What the log of a Home Assistant has that it should not."""

    starts: int = 0
    stretches: int = 0
    most_an_hour: int = 0
    """Of one message of ours."""
    slow: int = 0
    slowest_s: float = 0.0
    floods: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether it is as it should be."""
        return not (self.floods or self.complaints or self.errors)


def read_log(text: str) -> Iterator[Line]:
    """Yield the lines of a log."""
    line: Line | None = None
    for each in _lines(text):
        if found := _LINE.match(each):
            if line is not None:
                yield line
            at, level, _, logger, said = found.groups()
            line = Line(
                at=datetime.fromisoformat(at), level=level, logger=logger, said=said
            )
        elif line is not None:
            line.under += each + "\n"
    if line is not None:
        yield line


def _lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        yield from filter(None, _BEGINS.split(line))


def judge_log(text: str) -> LogVerdict:
    """Weigh a log."""
    verdict = LogVerdict()
    times: dict[tuple[str, str, str], list[datetime]] = defaultdict(list)
    before: datetime | None = None
    for line in read_log(text):
        starts = line.said.startswith(_START)
        verdict.starts += starts
        if before is None or starts or abs(line.at - before) > STEPPED:
            _count(verdict, times)
            times.clear()
            verdict.stretches += 1
        before = line.at
        if slow := _SLOW.search(line.said):
            verdict.slow += 1
            verdict.slowest_s = max(verdict.slowest_s, float(slow[1]))
        if not line.is_ours:
            continue
        if line.logger.startswith(OURS):
            times[line.kind].append(line.at)
            if line.level in ("ERROR", "CRITICAL"):
                verdict.errors.append(line.said)
        if any(one in line.said + line.under for one in _CHECKS):
            verdict.complaints.append(line.said)
    _count(verdict, times)
    if verdict.slowest_s > SLOW_SECONDS:
        verdict.complaints.append(f"a callback took {verdict.slowest_s} s")
    return verdict


def _count(
    verdict: LogVerdict, times: dict[tuple[str, str, str], list[datetime]]
) -> None:
    """Look for the busiest hour of each message in a stretch of time."""
    for (_, _, said), found in times.items():
        found.sort()
        most = max(
            number + 1 - bisect_left(found, at - timedelta(hours=1))
            for number, at in enumerate(found)
        )
        verdict.most_an_hour = max(verdict.most_an_hour, most)
        if most > MOST_AN_HOUR:
            verdict.floods.append(f"{most} × {said}")


def log_lines(text: str) -> list[dict[str, Any]]:
    """Return the warnings and errors of a log by what they say, with their counts."""
    counts = Counter(
        line.kind
        for line in read_log(text)
        if line.level in ("WARNING", "ERROR", "CRITICAL")
    )
    return [
        {"kind": "log", "level": level, "logger": logger, "said": said, "count": count}
        for (level, logger, said), count in counts.most_common()
    ]
