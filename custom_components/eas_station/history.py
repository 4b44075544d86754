"""All that a station has heard, kept on disk and read by the page: docs/history.md.

The two newest files are in memory, of the others only what finds an entry, from
when they were first looked into. What is told is on disk a moment later.
"""

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.json import json_bytes

from .history_disk import HistoryDisk
from .history_files import Chunk, HistoryFiles
from .history_query import Entry, Query, Shelf, received
from .history_writer import LATE_SECONDS, SOON_SECONDS, HistoryWriter

ENTRIES_A_FILE: Final = 200
MOST_FILES: Final = 100
MOST_ENTRIES: Final = ENTRIES_A_FILE * MOST_FILES
IN_MEMORY: Final = 2

type EntryListener = Callable[[dict[str, Any]], None]


class AlertHistory:
    """The entries of one station, from `async_load` on; to be used on the event loop."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Know nothing yet."""
        self._hass = hass
        self._files = HistoryFiles(hass, entry_id)
        self._shelves: dict[int, Shelf] = {}
        self._unread: list[int] = []
        self._read_since: datetime | None = None
        self._open: dict[int, list[Entry]] = {}
        self._next_number = 0
        self._writer = HistoryWriter(hass, self._async_write)
        self._changing_old = asyncio.Lock()
        self._listeners: list[EntryListener] = []
        self.state: Mapping[str, Any] = {}
        """Counts and times that are kept with the entries; set by `async_keep`."""

    def __len__(self) -> int:
        """Return how many entries there are."""
        read = sum(len(shelf.ids) for shelf in self._shelves.values())
        return read + len(self._unread) * ENTRIES_A_FILE

    @property
    def disk(self) -> HistoryDisk:
        """What it is written to."""
        return self._files.disk

    @property
    def newest(self) -> Entry | None:
        """The entry that was added last."""
        return next(self._newest_first(), None)

    async def async_load(self, since: datetime) -> list[Entry]:
        """Find what is on disk; return what was received since then (aware), newest last."""
        self._unread = await self._files.async_numbers()
        self._next_number = max(self._unread, default=-1) + 1
        self._read_since = since
        found: list[Entry] = []
        while self._unread:
            number = self._unread.pop()
            loaded = await self._files.async_load(number)
            if loaded is None:
                continue
            chunk, shelf = loaded
            self._shelves[number] = shelf
            if len(self._open) < IN_MEMORY:
                self._open[number] = list(chunk.entries)
            self.state = self.state or chunk.state
            found[:0] = [one for one in chunk.entries if received(one) >= since]
            if shelf.last is not None and shelf.last < since:
                break
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
        for number in self._numbers(start):
            first = number * ENTRIES_A_FILE
            if before is not None and first >= before:
                continue
            shelf = self._shelves.get(number)
            if shelf is not None and not query.may_be_in(shelf):
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

    def ended_since(self, since: datetime) -> list[str]:
        """Return the ids of alerts that were received since then (aware) and whose end is known.

        They are among the newest, which are in memory.
        """
        return [
            entry["id"]
            for entry in self._newest_first()
            if entry.get("ended") and received(entry) >= since
        ]

    async def async_get(self, alert_id: str) -> dict[str, Any] | None:
        """Return the newest entry of an alert, None where there is none."""
        for number in self._numbers():
            if number in self._shelves and not self._has(number, alert_id):
                continue
            for entry in reversed(await self._async_entries(number)):
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
        self._writer.async_ask(number)
        self._tell(entry)

    @callback
    def async_note(self, alert_id: str, **fields: Any) -> None:
        """Add to the newest entry of an alert; it is written soon.

        What is no JSON raises TypeError. An alert that is not known has no entry
        to add to: nothing happens.
        """
        known = self.async_change(alert_id, fields, at_once=False)
        if not known and self._unread:
            self._hass.async_create_task(self._async_note_unread(alert_id, fields))

    @callback
    def async_change(
        self, alert_id: str, fields: Mapping[str, Any], *, at_once: bool
    ) -> bool:
        """Do as `async_note`; return whether the alert is known, where all that live are."""
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
                self._writer.async_ask(number, 0 if at_once else SOON_SECONDS)
            return True
        return False

    @callback
    def async_keep(self, state: Mapping[str, Any]) -> None:
        """Keep counts and times beside the entries; they are written with the next, or late."""
        if state == self.state:
            return
        self.state = dict(state)
        number = max(self._shelves, default=None)
        number = self._begin_file() if number is None else number
        self._writer.async_ask(number, LATE_SECONDS)

    @callback
    def async_listen(self, listener: EntryListener) -> CALLBACK_TYPE:
        """Call the listener with each entry that is new or changed; return what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def async_flush(self) -> None:
        """Write all that still waits, if the disk takes it."""
        self.disk.try_again()
        await self._writer.async_flush()

    def _newest_first(self) -> Iterator[Entry]:
        for number in sorted(self._open, reverse=True):
            yield from reversed(self._open[number])

    def _numbers(self, start: datetime | None = None) -> list[int]:
        """Return the numbers of all files that may hold what was received from then on, the newest first."""
        since = self._read_since
        all_read = since is not None and start is not None and start >= since
        unread = () if all_read else self._unread
        return sorted((*self._shelves, *unread), reverse=True)

    def _has(self, number: int, alert_id: str) -> bool:
        shelf = self._shelves.get(number)
        return shelf is not None and alert_id in shelf.ids

    async def _async_entries(self, number: int) -> Sequence[Entry]:
        """Return the entries of a file; none where it cannot be read any more."""
        entries = self._open.get(number)
        if entries is not None:
            return entries
        loaded = await self._files.async_load(number)
        if number in self._unread:
            self._unread.remove(number)
            if loaded is not None:
                self._shelves[number] = loaded[1]
        if loaded is None:
            self._shelves.pop(number, None)
            return ()
        return loaded[0].entries

    def _begin_file(self) -> int:
        number, self._next_number = self._next_number, self._next_number + 1
        self._shelves[number], self._open[number] = Shelf(), []
        for oldest in self._numbers()[MOST_FILES:]:
            if oldest in self._unread:
                self._unread.remove(oldest)
            self._shelves.pop(oldest, None)
            self._open.pop(oldest, None)
            self._writer.async_forget(oldest)
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

    async def _async_note_unread(
        self, alert_id: str, fields: Mapping[str, Any]
    ) -> None:
        if await self.async_get(alert_id) is not None:
            self.async_change(alert_id, fields, at_once=False)

    def _tell(self, entry: Entry) -> None:
        for listener in tuple(self._listeners):
            listener(dict(entry))

    async def _async_write(self, number: int) -> bool:
        entries = self._open.get(number)
        if entries is None:
            return True
        chunk = Chunk(entries=tuple(entries), state=self.state)
        written = await self._files.async_save(number, chunk)
        for old in sorted(self._open)[:-IN_MEMORY]:
            if (written or old != number) and not self._writer.waits(old):
                del self._open[old]
        return written
