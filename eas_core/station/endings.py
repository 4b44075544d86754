"""What several channels tell of one message, told once."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from .records import Alert, AlertUpdated, EndOfMessage, StationRecord

SAME_END: Final = timedelta(seconds=30)
"""Transmitters of one office send at once, and stations that relay a little later."""

MOST_MESSAGES: Final = 64
MOST_ENDS: Final = 16
"""Of one message, or without one."""


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
    """Remembers the ends of the last messages, which other channels end with as well."""

    def __init__(self, within: timedelta = SAME_END) -> None:
        """Know of none; ends of other channels `within` some time are the same."""
        self._within = within
        self._told: dict[str | None, _Told] = {}

    def remember(self, alert_id: str, received: datetime) -> None:
        """Know an end that was told before a restart."""
        self._of(alert_id).moments.append(received)

    def is_new(self, end: EndOfMessage) -> bool:
        """Whether an end was not told yet: by another channel, or in the same words."""
        if end.alert_id is None and self._is_told_elsewhere(end):
            # Its channel missed the beginning.
            return False
        told = self._of(end.alert_id)
        own = [at for channel in end.channels for at in told.channels.get(channel, ())]
        if end.received in own:
            # It was delivered twice.
            return False
        for channel in end.channels:
            told.channels.setdefault(channel, set()).add(end.received)
        if self._near(end, told.moments) and not self._near(end, own):
            return False
        if len(told.moments) >= MOST_ENDS:
            told.moments.clear()
            told.channels.clear()
        told.moments.append(end.received)
        return True

    def _is_told_elsewhere(self, end: EndOfMessage) -> bool:
        return any(
            self._near(end, told.moments)
            and told.channels.keys().isdisjoint(end.channels)
            for alert_id, told in self._told.items()
            if alert_id is not None
        )

    def _near(self, end: EndOfMessage, moments: Iterable[datetime]) -> bool:
        return any(abs(end.received - at) < self._within for at in moments)

    def _of(self, alert_id: str | None) -> _Told:
        told = self._told.setdefault(alert_id, _Told())
        if len(self._told) > MOST_MESSAGES:
            del self._told[next(iter(self._told))]
        return told


@dataclass(slots=True)
class _Told:
    """When an end of a message was told, and when each channel's came."""

    moments: list[datetime] = field(default_factory=list)
    channels: dict[str, set[datetime]] = field(default_factory=dict)
