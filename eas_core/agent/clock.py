"""An agent's clock beside the one here, and what that makes of the times that it tells."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from ..modem.decoded import UNCERTAIN
from ..same.times import issued_at
from ..station.alerts import issued_code, retimed
from ..station.records import Alert

CLOCK_OFF: Final = timedelta(minutes=2)
"""A clock that is off by more is wrong."""

CLOCK_RIGHT: Final = timedelta(minutes=1)
"""One that was wrong is right again from here on."""

COMPARED: Final = 3
"""The newest messages that tell of a clock: the one that was least on the way tells most."""

BEHIND_AFTER: Final = 2
"""One message alone may have been long on the way; none comes before it was sent."""

TOGETHER: Final = timedelta(seconds=3)
"""What comes so soon after another may have waited with it on the way: both are one."""

ON_THE_WAY: Final = timedelta(seconds=60)
"""What takes longer from an agent to here is late."""

EARLY: Final = timedelta(minutes=3)
HELD_BACK: Final = timedelta(minutes=15)
"""No message is heard so long before it is issued, and hardly one so long after."""

LONGEST_HELD_BACK: Final = timedelta(days=1)
"""One whose own time is further from when it was heard was heard with a wrong clock."""


@dataclass(frozen=True, slots=True)
class AgentClock:
    """By how much an agent's clock is ahead of the one here; negative where it is behind.

    `off` is None for one that is right, and while nothing is known; `compared`
    are the newest comparisons, by when they were made.
    """

    off: timedelta | None = None
    compared: tuple[tuple[datetime, timedelta], ...] = ()

    def take(self, told: datetime, now: datetime) -> AgentClock:
        """Take the agent's time in a message that it has sent just now, as far as is known."""
        ahead = told - now
        if abs(ahead) <= CLOCK_RIGHT:
            return RIGHT
        before = self.compared
        if before and now - before[-1][0] < TOGETHER:
            now, ahead = before[-1][0], max(before[-1][1], ahead)
            before = before[:-1]
        compared = (*before, (now, ahead))[-COMPARED:]
        best, off = max(one for _, one in compared), self.off
        if best > CLOCK_OFF or (best < -CLOCK_OFF and len(compared) >= BEHIND_AFTER):
            off = best
        return AgentClock(off=off, compared=compared)


RIGHT: Final = AgentClock()


def placed(alert: Alert, clock: AgentClock, now: datetime) -> Alert:
    """Return an agent's alert with its times by the clock here, by which it came `now` (aware).

    `late` becomes true for what was long on the way. The time in the message
    itself is the referee: an agent's wrong clock must neither make a warning
    look over that lives, nor one look new that is over.
    """
    told = alert.received
    received = min(told - (clock.off or timedelta()), now)
    issued = _issued(alert, received)
    if (
        issued is not None
        and now - received > ON_THE_WAY
        and abs(issued - received) > LONGEST_HELD_BACK
    ):
        # The clock was yet another one when it heard this, as after a start without network.
        received = min(_issued(alert, now) or now, now)
    placed_alert = retimed(alert, received)
    if alert.late or now - received > ON_THE_WAY:
        return replace(placed_alert, late=True)
    if clock.off is not None and placed_alert.expires <= now:
        # It may have been on the way for as long as the clock is ahead, but where
        # the message agrees with the agent: then the clock here is the wrong one.
        own = _issued(alert, told)
        agrees = own is not None and -EARLY <= told - own <= HELD_BACK
        return replace(placed_alert, late=not agrees)
    return placed_alert


def _issued(alert: Alert, near: datetime) -> datetime | None:
    code = issued_code(alert)
    return None if UNCERTAIN in code else issued_at(code, near)
