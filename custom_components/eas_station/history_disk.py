"""Whether the disk takes the history, asked so that no lasting refusal fills the log."""

from dataclasses import dataclass
import errno
import math
import os
from pathlib import Path
import tempfile
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from .const import DOMAIN

ROOM: Final = 1 << 20
"""Bytes; twice what a full file of the history has."""

UNEXPLAINED_SECONDS: Final = 900.0
"""How often is tried what the disk refuses though it has room."""


@dataclass(slots=True)
class _Refused:
    """A file that could not be written; when it is to be tried whatever a scratch file says."""

    error: str
    try_at: float
    had_no_room: bool = False


class HistoryDisk:
    """What could not be written, file by file.

    Home Assistant logs each write that fails, with a trace. So a file that was refused is
    tried again when a scratch file beside it, of which nobody hears, is taken.
    """

    def __init__(self, hass: HomeAssistant) -> None:
        """Begin without a problem."""
        self._hass = hass
        self._listeners: list[CALLBACK_TYPE] = []
        self._refused: dict[Path, _Refused] = {}

    @property
    def problem(self) -> str | None:
        """Why something cannot be written; None where all is."""
        return next((one.error for one in self._refused.values()), None)

    @callback
    def async_listen(self, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call the listener when a problem comes or goes; return what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def async_takes(self, path: Path) -> bool:
        """Return whether to write a file is worth a try."""
        problem = self.problem
        if problem is None:
            return True
        takes = await self._hass.async_add_executor_job(_has_room, path.parent)
        # What others were refused is no reason yet not to try this one.
        refused = self._refused.setdefault(path, _Refused(problem, -math.inf))
        now = self._hass.loop.time()
        if takes and (refused.had_no_room or now >= refused.try_at):
            refused.had_no_room, refused.try_at = False, now + UNEXPLAINED_SECONDS
            return True
        refused.had_no_room |= not takes
        return False

    def try_again(self) -> None:
        """Have the next writes tried in any case: there may be no others."""
        for refused in self._refused.values():
            refused.try_at = -math.inf

    def note(self, path: Path, error: Exception | None) -> None:
        """Know how a write ended."""
        before = self.problem
        if error is None:
            self._refused.pop(path, None)
        elif path in self._refused:
            self._refused[path].error = str(error)
        else:
            try_at = self._hass.loop.time() + UNEXPLAINED_SECONDS
            self._refused[path] = _Refused(str(error), try_at, _is_full(error))
        if (before is None) != (self.problem is None):
            for listener in tuple(self._listeners):
                listener()


def _is_full(error: Exception) -> bool:
    """Whether a write failed for want of room, which may be there again at any time."""
    why = error.__cause__ or error
    return isinstance(why, OSError) and why.errno in (errno.ENOSPC, errno.EDQUOT)


def _has_room(folder: Path) -> bool:
    """Return whether a folder takes a file; not for the event loop."""
    try:
        with tempfile.TemporaryFile(prefix=f"{DOMAIN}.", dir=folder) as file:
            os.posix_fallocate(file.fileno(), 0, ROOM)
    except OSError:
        return False
    return True
