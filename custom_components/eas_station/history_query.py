"""What is looked for in the history, and where it may be."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from sys import intern
from typing import Any, Final

from .eas_core.station.filters import covers

LONGEST_LIFE: Final = timedelta(days=7)
"""A header can say no more than 100 hours."""

type Entry = Mapping[str, Any]
"""What `eas_alert` told, and what became known later; it is replaced, never changed."""


def received(entry: Entry) -> datetime:
    """Return when an entry was received; raises KeyError, TypeError, ValueError."""
    return datetime.fromisoformat(entry["received"])


def codes(entry: Entry) -> list[str]:
    """Return the codes of an entry's places; raises KeyError, TypeError."""
    return [place["code"] for place in entry["locations"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which entries are asked for: all that is set must hold.

    `start` and `end` are of the time received, both included; `places` are codes
    PSSCCC, and a message for the state or the nation is for each place in it.
    """

    start: datetime | None = None
    end: datetime | None = None
    events: frozenset[str] = frozenset()
    places: tuple[str, ...] = ()
    tests: bool | None = None
    where: Callable[[Entry], bool] | None = None

    def takes(self, entry: Entry) -> bool:
        """Whether an entry is asked for."""
        return (
            (not self.events or entry["event_code"] in self.events)
            and self.tests in (None, entry["test"])
            and (self.start is None or received(entry) >= self.start)
            and (self.end is None or received(entry) <= self.end)
            and self._takes_place(codes(entry))
            and (self.where is None or self.where(entry))
        )

    def may_be_in(self, shelf: Shelf) -> bool:
        """Whether one of a shelf's entries may be asked for."""
        return (
            shelf.first is not None
            and shelf.last is not None
            and (self.start is None or shelf.last >= self.start)
            and (self.end is None or shelf.first <= self.end)
            and (not self.events or not self.events.isdisjoint(shelf.events))
            and (self.tests is None or self.tests in shelf.tests)
            and self._takes_place(shelf.places)
        )

    def _takes_place(self, alerted: Iterable[str]) -> bool:
        return not self.places or any(
            covers(code, place) for code in alerted for place in self.places
        )


@dataclass(slots=True)
class Shelf:
    """What is known in memory of the entries in one file; it only grows."""

    ids: list[str] = field(default_factory=list)
    first: datetime | None = None
    last: datetime | None = None
    events: set[str] = field(default_factory=set)
    places: set[str] = field(default_factory=set)
    tests: set[bool] = field(default_factory=set)

    def add(self, entry: Entry) -> None:
        """Take a new entry; raises KeyError, TypeError, ValueError for what is none."""
        at = received(entry)
        if at.tzinfo is None:
            raise ValueError("The time has no zone.")
        datetime.fromisoformat(entry["expires"])
        self.learn(entry)
        self.first = at if self.first is None else min(self.first, at)
        self.last = at if self.last is None else max(self.last, at)
        self.ids.append(str(entry["id"]))

    def learn(self, entry: Entry) -> None:
        """Take what has changed in an entry that is here."""
        self.events.add(intern(entry["event_code"]))
        self.places.update(map(intern, codes(entry)))
        self.tests.add(bool(entry["test"]))
