"""All that a station has heard, kept on disk and read by the page: docs/history.md.

The two newest files are in memory, of the others only what finds an entry. What
is told is on disk a moment later; the writes of one moment are one.
"""

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
import logging
from typing import Any, Final

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.json import json_bytes

from .history_files import Chunk, HistoryFiles
from .history_query import Entry, Query, Shelf

_LOGGER = logging.getLogger(__name__)

ENTRIES_A_FILE: Final = 200
MOST_FILES: Final = 100
MOST_ENTRIES: Final = ENTRIES_A_FILE * MOST_FILES
IN_MEMORY: Final = 2
SOON_SECONDS: Final = 2.0
LATE_SECONDS: Final = 900.0
"""For counts, which change while nothing is heard: a failing source must not wear a memory card.

So soon is tried again, too, what the disk did not take.
"""

type EntryListener = Callable[[dict[str, Any]], None]


class AlertHistory:
    """The entries of one station, from `async_load` on; to be used on the event loop."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Know nothing yet."""
        self._hass = hass
        self._files = HistoryFiles(hass, entry_id)
        self._shelves: dict[int, Shelf] = {}
        self._open: dict[int, list[Entry]] = {}
        self._next_number = 0
        self._unwritten: set[int] = set()
        self._writer: asyncio.Task[None] | None = None
        self._wait: CALLBACK_TYPE | None = None
        self._due = 0.0
        self._changing_old = asyncio.Lock()
        self._listeners: list[EntryListener] = []
        self.state: Mapping[str, Any] = {}
        """Counts and times that are kept with the entries; set by `async_keep`."""

    def __len__(self) -> int:
        """Return how many entries there are."""
        return sum(len(shelf.ids) for shelf in self._shelves.values())

    @property
    def newest(self) -> Entry | None:
        """The entry that was added last."""
        return next(self._newest_first(), None)

    async def async_load(self, wanted: Callable[[Entry], bool]) -> list[Entry]:
        """Read what is on disk; return the entries that are wanted, the newest last."""
        found: list[Entry] = []
        for number in await self._files.async_numbers():
            self._next_number = number + 1
            loaded = await self._files.async_load(number)
            if loaded is None:
                continue
            chunk, self._shelves[number] = loaded
            self._open[number] = list(chunk.entries)
            self._close_old()
            self.state = chunk.state or self.state
            found += filter(wanted, chunk.entries)
        return found

    async def async_page(
        self,
        limit: int,
        before: int | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        events: Collection[str] = (),
        places: Sequence[str] = (),
        tests: bool | None = None,
        where: Callable[[Entry], bool] | None = None,
    ) -> dict[str, Any]:
        """Return `{"entries": […], "next": …}`, newest first; `next` is the next page's `before`.

        `next` is None at the last page. All that is asked for must hold: times
        received (aware, both included), event codes, places (PSSCCC, a message
        for the state is for each of its counties), tests or none, and `where`.
        """
        query = Query(
            start=start,
            end=end,
            events=frozenset(events),
            places=tuple(places),
            tests=tests,
            where=where,
        )
        found: list[dict[str, Any]] = []
        last = 0
        for number in sorted(self._shelves, reverse=True):
            first = number * ENTRIES_A_FILE
            shelf = self._shelves.get(number)
            if shelf is None or (before is not None and first >= before):
                continue
            if not query.may_be_in(shelf):
                continue
            entries = await self._async_entries(number)
            upto = len(entries) if before is None else min(len(entries), before - first)
            for index in range(upto - 1, -1, -1):
                if not query.takes(entries[index]):
                    continue
                if len(found) >= limit:
                    return {"entries": found, "next": last}
                found.append(dict(entries[index]))
                last = first + index
        return {"entries": found, "next": None}

    def knows(self, alert_id: str) -> bool:
        """Whether there is an entry of an alert."""
        return any(self._has(number, alert_id) for number in self._shelves)

    async def async_get(self, alert_id: str) -> dict[str, Any] | None:
        """Return the newest entry of an alert, None where there is none."""
        for number in sorted(self._shelves, reverse=True):
            for entry in reversed(
                await self._async_entries(number) if self._has(number, alert_id) else ()
            ):
                if entry["id"] == alert_id:
                    return dict(entry)
        return None

    @callback
    def async_add(self, entry: Entry) -> None:
        """Take a new entry and write it at once.

        It needs `id`, `received`, `expires`, `event_code`, `test` and
        `locations`, and must be JSON; raises KeyError, TypeError, ValueError.
        """
        entry = dict(entry)
        json_bytes(entry)
        number = max(self._shelves, default=None)
        if number is None or len(self._shelves[number].ids) >= ENTRIES_A_FILE:
            number = self._begin_file()
        self._shelves[number].add(entry)
        self._open[number].append(entry)
        self._write(number, 0)
        self._tell(entry)

    @callback
    def async_note(self, alert_id: str, **fields: Any) -> None:
        """Add to the newest entry of an alert; it is written soon.

        What is no JSON raises TypeError. An alert that is not known has no entry
        to add to: nothing happens.
        """
        self.async_change(alert_id, fields, at_once=False)

    @callback
    def async_change(
        self, alert_id: str, fields: Mapping[str, Any], *, at_once: bool
    ) -> bool:
        """Do as `async_note`; return whether the alert is known."""
        json_bytes(fields)
        for number in sorted(self._shelves, reverse=True):
            if not self._has(number, alert_id):
                continue
            entries = self._open.get(number)
            if entries is None:
                self._hass.async_create_task(
                    self._async_change_old(number, alert_id, fields)
                )
            else:
                self._change(number, entries, alert_id, fields)
                self._write(number, 0 if at_once else SOON_SECONDS)
            return True
        return False

    @callback
    def async_keep(self, state: Mapping[str, Any]) -> None:
        """Keep counts and times beside the entries; they are written with the next, or late."""
        if state == self.state:
            return
        self.state = dict(state)
        number = max(self._shelves, default=None)
        self._write(self._begin_file() if number is None else number, LATE_SECONDS)

    @callback
    def async_listen(self, listener: EntryListener) -> CALLBACK_TYPE:
        """Call the listener with each entry that is new or changed; return what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def async_flush(self) -> None:
        """Write all that still waits, if the disk takes it."""
        if self._writer is not None:
            await asyncio.wait([self._writer])
        self._write_now()
        if self._writer is not None:
            await asyncio.wait([self._writer])
        self._cancel_wait()

    def _newest_first(self) -> Iterator[Entry]:
        for number in sorted(self._open, reverse=True):
            yield from reversed(self._open[number])

    def _has(self, number: int, alert_id: str) -> bool:
        shelf = self._shelves.get(number)
        return shelf is not None and alert_id in shelf.ids

    async def _async_entries(self, number: int) -> Sequence[Entry]:
        """Return the entries of a file; none where it cannot be read any more."""
        entries = self._open.get(number)
        if entries is not None:
            return entries
        loaded = await self._files.async_load(number)
        if loaded is None:
            self._shelves.pop(number, None)
            return ()
        return loaded[0].entries

    def _begin_file(self) -> int:
        number, self._next_number = self._next_number, self._next_number + 1
        self._shelves[number], self._open[number] = Shelf(), []
        while len(self._shelves) > MOST_FILES:
            oldest = min(self._shelves)
            del self._shelves[oldest]
            self._open.pop(oldest, None)
            self._unwritten.discard(oldest)
            self._hass.async_create_task(self._files.async_remove(oldest))
        return number

    def _change(
        self,
        number: int,
        entries: list[Entry],
        alert_id: str,
        fields: Mapping[str, Any],
    ) -> None:
        for index in range(len(entries) - 1, -1, -1):
            if entries[index]["id"] == alert_id:
                entries[index] = entry = {**entries[index], **fields}
                self._shelves[number].learn(entry)
                self._tell(entry)
                return

    async def _async_change_old(
        self, number: int, alert_id: str, fields: Mapping[str, Any]
    ) -> None:
        async with self._changing_old:
            loaded = await self._files.async_load(number)
            if loaded is None or number not in self._shelves:
                return
            entries = list(loaded[0].entries)
            self._change(number, entries, alert_id, fields)
            chunk = Chunk(entries=tuple(entries), state=loaded[0].state)
            await self._files.async_save(number, chunk)

    def _tell(self, entry: Entry) -> None:
        for listener in tuple(self._listeners):
            listener(dict(entry))

    def _write(self, number: int, seconds: float) -> None:
        """Write a file in so many seconds at the latest."""
        self._unwritten.add(number)
        due = self._hass.loop.time() + seconds
        if not seconds:
            self._write_now()
        elif self._wait is None or due < self._due:
            self._cancel_wait()
            self._due = due
            job = HassJob(self._async_is_due, cancel_on_shutdown=True)
            self._wait = async_call_later(self._hass, seconds, job)

    @callback
    def _async_is_due(self, now: datetime) -> None:
        self._wait = None
        self._write_now()

    def _cancel_wait(self) -> None:
        if self._wait is not None:
            self._wait()
            self._wait = None

    def _write_now(self) -> None:
        self._cancel_wait()
        if self._writer is None and self._unwritten:
            # Not eager: who is told now is told before the disk is asked for anything.
            self._writer = self._hass.async_create_task(
                self._async_write(), "EAS Station history", eager_start=False
            )

    async def _async_write(self) -> None:
        try:
            while self._unwritten:
                number = max(self._unwritten)
                self._unwritten.discard(number)
                entries = tuple(self._open.get(number, ()))
                chunk = Chunk(entries=entries, state=self.state)
                if not await self._files.async_save(number, chunk):
                    self._write(number, LATE_SECONDS)
                    break
            self._close_old()
        finally:
            self._writer = None

    def _close_old(self) -> None:
        for number in sorted(self._open)[:-IN_MEMORY]:
            if number not in self._unwritten:
                del self._open[number]
