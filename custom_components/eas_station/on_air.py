"""Which messages are on the air: begun, and not ended yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from .eas_core.station import Alert, EndOfMessage
from .eas_core.station.merging import LONGEST_MESSAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class OnAir:
    """The ids of messages that have begun and not ended, and when each is over at the latest."""

    until: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def next_change(self) -> datetime | None:
        """When time alone changes something, None where nothing waits."""
        return min(self.until.values(), default=None)

    def at(self, now: datetime) -> OnAir:
        """Return what is left of it at a time."""
        return OnAir(until={one: end for one, end in self.until.items() if end > now})

    def take(self, moment: Alert | EndOfMessage, now: datetime) -> OnAir:
        """Return what it is after a message's beginning or end."""
        until = dict(self.until)
        if isinstance(moment, Alert):
            until[moment.id] = now + LONGEST_MESSAGE
        else:
            until.pop(moment.alert_id or "", None)
        return OnAir(until=until).at(now)


NOTHING_ON_AIR: Final = OnAir()
