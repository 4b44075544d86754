"""What several channels tell of one message, told once."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Final

from .records import Alert, AlertUpdated, EndOfMessage, StationRecord

SAME_END: Final = timedelta(seconds=30)
"""Transmitters of one office send at once, and stations that relay a little later."""


def coalesce(records: Iterable[StationRecord]) -> list[StationRecord]:
    """Return the records of one moment: what an alert's updates add is in the alert itself.

    So are the channels that an end of message came on.
    """
    told: list[StationRecord] = []
    alerts: dict[str, int] = {}
    ends: dict[str | None, int] = {}
    for record in records:
        if isinstance(record, AlertUpdated) and record.alert.id in alerts:
            told[alerts[record.alert.id]] = record.alert
            continue
        if isinstance(record, EndOfMessage):
            at = ends.get(record.alert_id)
            if at is not None and isinstance(first := told[at], EndOfMessage):
                told[at] = replace(first, channels=(*first.channels, *record.channels))
                continue
            ends[record.alert_id] = len(told)
        elif isinstance(record, Alert):
            alerts[record.id] = len(told)
        told.append(record)
    return told


class Endings:
    """Remembers the last end of message, which other channels end with as well."""

    def __init__(self, within: timedelta = SAME_END) -> None:
        """Know of none; ends of other channels `within` some time are the same."""
        self._within = within
        self._last: EndOfMessage | None = None

    def is_new(self, end: EndOfMessage) -> bool:
        """Whether an end was not told yet, by another channel."""
        last = self._last
        if (
            last is not None
            and last.alert_id == end.alert_id
            and end.received - last.received < self._within
            and not set(end.channels) & set(last.channels)
        ):
            self._last = replace(last, channels=(*last.channels, *end.channels))
            return False
        self._last = end
        return True
