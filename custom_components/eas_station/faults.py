"""What shows that a station would miss a warning, though its source seems well."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from .eas_core.station import Alert

TEST_WITHIN: Final = timedelta(days=8)
"""A required test comes each week (47 CFR 11.61), a day later where there was weather."""

EARLY: Final = timedelta(minutes=3)
"""No message comes before it is issued: a sender's clock is off by less."""

LATE: Final = timedelta(minutes=15)
"""Some stations hold a message back for a while, each for another time."""

AGREE: Final = timedelta(minutes=5)
EARLY_MESSAGES: Final = 2
LATE_MESSAGES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """Whether a required test is overdue, and by how much the system's clock is ahead.

    `clock_ahead` is negative for a clock that is behind, None for one that is right.
    """

    weekly_test_overdue: bool = False
    clock_ahead: timedelta | None = None


NO_FAULTS: Final = Faults()


class ClockWatch:
    """Compares the times in messages with the system's: several that agree are right."""

    def __init__(self) -> None:
        """Trust the clock."""
        self._ahead: list[timedelta] = []
        self.ahead: timedelta | None = None

    def take(self, alert: Alert) -> None:
        """Take a message that was just received off the air."""
        if not alert.time_valid or alert.self_test:
            return
        ahead = alert.received - alert.issued
        if -EARLY <= ahead <= LATE:
            self._ahead.clear()
            self.ahead = None
            return
        if self._ahead and abs(ahead - self._ahead[-1]) > AGREE:
            self._ahead.clear()
        self._ahead.append(ahead)
        needed = EARLY_MESSAGES if ahead < timedelta() else LATE_MESSAGES
        if len(self._ahead) >= needed:
            self.ahead = ahead


def test_is_due(since: datetime, last: datetime | None) -> datetime:
    """Return by when a required test must come, after the last or since the set-up."""
    return max(since, last or since) + TEST_WITHIN
