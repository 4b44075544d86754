"""What the log says of a station that hears badly, once, and once when it hears again."""

import logging
from typing import Final

from ..fault_log import FaultLog
from ..masking import mask_secrets
from .records import Health, RecordingProblem, SourceState, SourceStatus

HEARS_BADLY: Final = {
    SourceState.DOWN: "%s hears nothing: %s",
    SourceState.DEGRADED: "%s hears badly: %s",
    SourceState.QUIET: "%s hears silence: %s",
    SourceState.NO_SIGNAL: "%s hears no station: %s",
}
HEARS_AGAIN: Final = "%s hears again"
CANNOT_RECORD: Final = "%s cannot record: %s"
RECORDS_AGAIN: Final = "%s records again"

OVER_AFTER_SECONDS: Final = 60.0
"""A source that hears for less between two failures has not recovered: it would fill the log."""


class TroubleLog:
    """Logs a station's troubles for whoever looks at it now and then, such as an agent."""

    def __init__(self, logger: logging.Logger, name: str) -> None:
        """Take where to log, and what the station is called there."""
        self._name = name
        self._hears, self._records = FaultLog(logger), FaultLog(logger)
        self._hears_since: float | None = None
        self._problem: RecordingProblem | None = None

    def look(self, health: Health, now: float) -> None:
        """See how the station does at a monotonic time."""
        self._look_at_source(health.status, now)
        problem = health.recording_problem
        if problem == self._problem:
            return
        self._problem = problem
        if problem is None:
            self._records.over(RECORDS_AGAIN, self._name)
        else:
            self._records.fault(
                CANNOT_RECORD, self._name, problem.hint or problem.reason
            )

    def _look_at_source(self, status: SourceStatus, now: float) -> None:
        text = HEARS_BADLY.get(status.state)
        if text is not None:
            self._hears_since = None
            self._hears.once(text, self._name, mask_secrets(status.hint or ""))
        elif status.state is SourceState.HEARING and self._hears.stands:
            if self._hears_since is None:
                self._hears_since = now
            if now - self._hears_since >= OVER_AFTER_SECONDS:
                self._hears_since = None
                self._hears.over(HEARS_AGAIN, self._name)
