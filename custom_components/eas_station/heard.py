"""What the messages so far come to at a moment: which alerts live."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from .eas_core.station import Alert, AlertUpdated, Counters
from .eas_core.station.filters import AlertFilter

WEEKLY_TEST: Final = "RWT"
REQUIRED_TESTS: Final = (WEEKLY_TEST, "RMT")
"""The monthly test takes the place of that week's (47 CFR 11.61)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Alerts whose life is not over, newest last, and when the last tests came.

    `required_test` is the last that a station must send, weekly or monthly.
    """

    active: tuple[Alert, ...] = ()
    weekly_test: datetime | None = None
    required_test: datetime | None = None

    @property
    def next_change(self) -> datetime | None:
        """When time alone changes something, None where nothing waits."""
        return min((alert.expires for alert in self.active), default=None)

    def at(self, now: datetime) -> Heard:
        """Return what is left of it at a time."""
        active = tuple(alert for alert in self.active if alert.expires > now)
        return replace(self, active=active)

    def take(self, moment: Alert | AlertUpdated, now: datetime) -> Heard:
        """Return what it is after an alert or its update."""
        alert = moment.alert if isinstance(moment, AlertUpdated) else moment
        others = tuple(one for one in self.active if one.id != alert.id)
        heard = replace(self, active=(*others, alert))
        if alert.event_code in REQUIRED_TESTS and not alert.self_test:
            # What an agent kept may come after what it heard later.
            newest = max(alert.received, self.required_test or alert.received)
            heard = replace(heard, required_test=newest)
            if alert.event_code == WEEKLY_TEST:
                newest = max(alert.received, self.weekly_test or alert.received)
                heard = replace(heard, weekly_test=newest)
        return heard.at(now)


NOTHING_HEARD: Final = Heard()


@dataclass(frozen=True, slots=True)
class Relevant:
    """Which of the alerts that live are wanted, and what that was made of."""

    active: tuple[Alert, ...]
    wanted: AlertFilter
    alerts: tuple[Alert, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What a station knows of the time before it was started.

    `known` are the alerts whose message may come again, newest last; `counters`
    are what it had counted by then, since it was set up. `begun` is the alert
    whose message was on the air, `ended` says when which of the others were at
    their end, by their ids.
    """

    set_up_at: datetime
    heard: Heard = NOTHING_HEARD
    known: tuple[Alert, ...] = ()
    last_alert: Alert | None = None
    begun: Alert | None = None
    ended: Mapping[str, datetime] = field(default_factory=dict)
    counters: Counters = field(default_factory=Counters)
