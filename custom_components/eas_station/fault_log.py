"""A fault in the log: once when it begins and once when it is over, and never a flood."""

from collections import deque
import logging
from typing import Final

from homeassistant.core import callback
from homeassistant.util import dt as dt_util

MOST_LINES: Final = 10
HOUR_SECONDS: Final = 3600.0


class FaultLog:
    """Logs the faults of one thing, and what comes and goes ten times an hour at most."""

    def __init__(self, logger: logging.Logger) -> None:
        """Take where to log; there is no fault yet."""
        self._logger = logger
        self._at: deque[float] = deque(maxlen=MOST_LINES)
        self._told = False

    @callback
    def fault(self, text: str, *values: object) -> None:
        """Tell of a fault, while there is room for its end as well."""
        if self._lines() < MOST_LINES - 1:
            self._told = True
            self._log(logging.WARNING, text, *values)
        else:
            self._logger.debug(text, *values)

    @callback
    def over(self, text: str, *values: object) -> None:
        """Tell that a fault is over that was told of."""
        if self._told:
            self._told = False
            self._log(logging.INFO, text, *values)

    def _log(self, level: int, text: str, *values: object) -> None:
        self._logger.log(level, text, *values)
        self._at.append(dt_util.utcnow().timestamp())

    def _lines(self) -> int:
        """Return how many lines the last hour has, by a clock that may have been set back."""
        now = dt_util.utcnow().timestamp()
        return sum(0 <= now - at < HOUR_SECONDS for at in self._at)
