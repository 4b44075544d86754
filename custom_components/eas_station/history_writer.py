"""When the files of the history are written: at once, soon or late; the writes of one moment are one."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

SOON_SECONDS: Final = 2.0
LATE_SECONDS: Final = 900.0
"""For counts, which change while nothing is heard: a failing source must not wear a memory card.
"""

AGAIN_SECONDS: Final = 60.0
"""What the disk did not take is tried again so soon."""


class HistoryWriter:
    """Writes files by their numbers, the newest first, one after the other."""

    def __init__(
        self, hass: HomeAssistant, write: Callable[[int], Awaitable[bool]]
    ) -> None:
        """Take what writes a file, and returns whether the disk has taken it."""
        self._hass = hass
        self._write = write
        self._unwritten: set[int] = set()
        self._task: asyncio.Task[None] | None = None
        self._wait: CALLBACK_TYPE | None = None
        self._due = 0.0

    @callback
    def async_ask(self, number: int, seconds: float = 0) -> None:
        """Have a file written in so many seconds at the latest."""
        self._unwritten.add(number)
        due = self._hass.loop.time() + seconds
        if not seconds:
            self._begin()
        elif self._wait is None or due < self._due:
            self._cancel_wait()
            self._due = due
            job = HassJob(self._async_is_due, cancel_on_shutdown=True)
            self._wait = async_call_later(self._hass, seconds, job)

    @callback
    def async_forget(self, number: int) -> None:
        """Write a file no more."""
        self._unwritten.discard(number)

    def waits(self, number: int) -> bool:
        """Whether a file is still to be written."""
        return number in self._unwritten

    async def async_flush(self) -> None:
        """Write all that still waits, if the disk takes it."""
        if self._task is not None:
            await asyncio.wait([self._task])
        self._begin()
        if self._task is not None:
            await asyncio.wait([self._task])
        self._cancel_wait()

    @callback
    def _async_is_due(self, now: datetime) -> None:
        self._wait = None
        self._begin()

    def _cancel_wait(self) -> None:
        if self._wait is not None:
            self._wait()
            self._wait = None

    def _begin(self) -> None:
        self._cancel_wait()
        if self._task is None and self._unwritten:
            # Not eager: who is told now is told before the disk is asked for anything.
            self._task = self._hass.async_create_task(
                self._async_work(), "EAS Station history", eager_start=False
            )

    async def _async_work(self) -> None:
        try:
            while self._unwritten:
                number = max(self._unwritten)
                self._unwritten.discard(number)
                if not await self._write(number):
                    self.async_ask(number, AGAIN_SECONDS)
                    break
        finally:
            self._task = None
