"""A fault in the log: once when it begins and once when it is over, and never a flood."""

from collections import deque
import logging
import sys
import time
from typing import Final

MOST_LINES: Final = 10
HOUR_SECONDS: Final = 3600.0


class FaultLog:
    """Logs the faults of one thing, and what comes and goes ten times an hour at most.

    What is beyond is logged for debugging. Used on one thread at a time.
    """

    def __init__(self, logger: logging.Logger) -> None:
        """Take where to log; there is no fault yet."""
        self._logger = logger
        self._at: deque[float] = deque(maxlen=MOST_LINES)
        self._stands = False
        self._told = False
        self._bugs: set[tuple[object, ...]] = set()

    def fault(self, text: str, *values: object) -> None:
        """Tell of a fault, while there is room for its end as well."""
        self._stands = True
        self._told |= self._log_where_room(logging.WARNING, text, *values)

    def once(self, text: str, *values: object) -> None:
        """Tell of a fault where none was found since the last was over."""
        if not self._stands:
            self.fault(text, *values)

    def over(self, text: str, *values: object) -> None:
        """Tell that a fault is over that was told of."""
        self._stands = False
        if self._told:
            self._told = False
            self._logger.info(text, *values)
            self._at.append(time.time())

    def exception(self, text: str, *values: object) -> None:
        """Tell of the exception that is handled, with its trace: each kind of it once."""
        error = sys.exception()
        known = (type(error), text, *values)
        if known not in self._bugs and self._log_where_room(
            logging.ERROR, text, *values, error=error
        ):
            self._bugs.add(known)

    def _log_where_room(
        self, level: int, text: str, *values: object, error: BaseException | None = None
    ) -> bool:
        now = time.time()
        # A clock that was set back has lines of the time to come.
        lines = sum(0 <= now - at < HOUR_SECONDS for at in self._at)
        if lines >= MOST_LINES - 1:
            self._logger.debug(text, *values, exc_info=error)
            return False
        self._logger.log(level, text, *values, exc_info=error)
        self._at.append(now)
        return True
