"""What the messages so far come to at a moment: which alerts live, which are on the air."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from .eas_core.station import Alert, AlertUpdated, EndOfMessage

LONGEST_MESSAGE: Final = timedelta(minutes=3)
"""A message whose end was not heard is over by then."""

WEEKLY_TEST: Final = "RWT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Alerts whose life is not over, newest last, and when the last weekly test came.

    `on_air` are the ids of messages that have begun and not ended, and when
    each is over at the latest.
    """

    active: tuple[Alert, ...] = ()
    on_air: Mapping[str, datetime] = field(default_factory=dict)
    weekly_test: datetime | None = None

    @property
    def next_change(self) -> datetime | None:
        """When time alone changes something, None where nothing waits."""
        ends = [alert.expires for alert in self.active]
        return min((*ends, *self.on_air.values()), default=None)

    def at(self, now: datetime) -> Heard:
        """Return what is left of it at a time."""
        return replace(
            self,
            active=tuple(alert for alert in self.active if alert.expires > now),
            on_air={
                message: until for message, until in self.on_air.items() if until > now
            },
        )

    def take(self, moment: Alert | AlertUpdated | EndOfMessage, now: datetime) -> Heard:
        """Return what it is after a moment."""
        match moment:
            case Alert() as alert:
                return self._with(alert, now + LONGEST_MESSAGE).at(now)
            case AlertUpdated():
                return self._with(moment.alert, None).at(now)
            case EndOfMessage():
                on_air = {**self.on_air}
                on_air.pop(moment.alert_id or "", None)
                return replace(self, on_air=on_air).at(now)

    def silenced(self) -> Heard:
        """Return it with nothing on the air."""
        return replace(self, on_air={})

    def _with(self, alert: Alert, until: datetime | None) -> Heard:
        others = tuple(one for one in self.active if one.id != alert.id)
        weekly = alert.event_code == WEEKLY_TEST and not alert.self_test
        begun = {} if until is None else {alert.id: until}
        return replace(
            self,
            active=(*others, alert),
            on_air={**self.on_air, **begun},
            weekly_test=alert.received if weekly else self.weekly_test,
        )


NOTHING_HEARD: Final = Heard()
