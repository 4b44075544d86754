"""A fault in the log: once when it begins and once when it is over, and never a flood."""

from collections import deque
import logging
import sys
import time
from typing import Final

MOST_LINES: Final = 10
HOUR_SECONDS: Final = 3600.0


class Room:
    """The lines of the last hour, and how many ends of what was told are still to be."""

    def __init__(self) -> None:
        """Begin without any."""
        self.at: deque[float] = deque(maxlen=MOST_LINES)
        self.ends = 0

    def takes(self, ends: int) -> bool:
        """Whether there is room for a line, and so many ends of what it tells."""
        now = time.time()
        # A clock that was set back has lines of the time to come.
        lines = sum(0 <= now - at < HOUR_SECONDS for at in self.at)
        return lines + 1 + self.ends + ends <= MOST_LINES


class FaultLog:
    """Logs the faults of one thing, and what comes and goes ten times an hour at most.

    What is beyond is logged for debugging. Where many can have the same fault, such
    as agents, each has a log, and all share the room. Used on one thread at a time.
    """

    def __init__(self, logger: logging.Logger, room: Room | None = None) -> None:
        """Take where to log, and the room that it shares; there is no fault yet."""
        self._logger = logger
        self._room = Room() if room is None else room
        self._stands: set[str] = set()
        self._told: set[str] = set()
        self._bugs: set[tuple[object, ...]] = set()

    @property
    def stands(self) -> bool:
        """Whether there is a fault, told or not."""
        return bool(self._stands)

    def fault(self, text: str, *values: object) -> None:
        """Tell of a fault, while there is room for its end as well."""
        self._stands.add(text)
        ends = 0 if self._told else 1
        if self._log_where_room(logging.WARNING, text, *values, ends=ends):
            self._told.add(text)
            self._room.ends += ends

    def once(self, text: str, *values: object) -> None:
        """Tell of a fault unless it was told since the last was over, by this text."""
        if text in self._told:
            return
        # What there was no room for is told as soon as there is.
        if text not in self._stands or self._room.takes(0 if self._told else 1):
            self.fault(text, *values)

    def over(self, text: str, *values: object) -> None:
        """Tell that a fault is over that was told of."""
        if self._told:
            self._logger.info(text, *values)
            self._room.at.append(time.time())
        self.forget()

    def forget(self) -> None:
        """Take it that there is no fault, without a word."""
        if self._told:
            self._room.ends -= 1
        self._stands.clear()
        self._told.clear()

    def exception(self, text: str, *values: object) -> None:
        """Tell of the exception that is handled, with its trace: each kind of it once."""
        error = sys.exception()
        known = (type(error), text, *values)
        if known not in self._bugs and self._log_where_room(
            logging.ERROR, text, *values, error=error
        ):
            self._bugs.add(known)

    def _log_where_room(
        self,
        level: int,
        text: str,
        *values: object,
        ends: int = 0,
        error: BaseException | None = None,
    ) -> bool:
        if not self._room.takes(ends):
            self._logger.debug(text, *values, exc_info=error)
            return False
        self._logger.log(level, text, *values, exc_info=error)
        self._room.at.append(time.time())
        return True
