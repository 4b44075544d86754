"""One message heard in several ways is one alert: by channels of a radio, by several stations."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from ..modem.decoded import UNCERTAIN
from ..same.header import parse_header
from .endings import Endings
from .records import (
    Alert,
    AlertUpdated,
    EndOfMessage,
    RecordingFinished,
    RecordingOffered,
)

REPEATED_WITHIN: Final = timedelta(minutes=15)
"""The same header so soon is the same broadcast, even where its life was short."""

LONGEST_MESSAGE: Final = timedelta(minutes=3)
"""What a broadcast is cut off after, where its end does not come."""

DELAYED: Final = timedelta(minutes=2)
"""By how much a stream may be behind a radio."""

EVENT: Final = slice(9, 12)
ISSUED: Final = slice(-8, -1)
"""Where a header has these, without its sender: ZCZC-ORG-EEE-…+TTTT-JJJHHMM-."""

MOST_EARLY: Final = 16
"""Ends that wait for their alerts."""

NONE_ENDED: Final[Mapping[str, datetime]] = {}

type Mergeable = (
    Alert | AlertUpdated | EndOfMessage | RecordingFinished | RecordingOffered
)


class KnownAlerts:
    """Remembers the newest alerts, and tells a new one from one that is known.

    Alerts are taken on one thread; `active` and `known` may be asked on any.
    """

    def __init__(self, history: int) -> None:
        """Take how many alerts to remember."""
        self._history = history
        self._known: tuple[Alert, ...] = ()
        self.last: Alert | None = None
        self.duplicates = 0

    def active(self, now: datetime) -> tuple[Alert, ...]:
        """Return the alerts whose life is not over, newest last."""
        return tuple(alert for alert in self._known if alert.expires > now)

    @property
    def known(self) -> tuple[Alert, ...]:
        """The alerts that are remembered, newest last."""
        return self._known

    def remember(self, alerts: Iterable[Alert]) -> None:
        """Know alerts that were told already, before a restart."""
        self._known = (*alerts, *self._known)[-self._history :]

    def take(self, alert: Alert, now: datetime) -> Alert | AlertUpdated | None:
        """Return an alert where it is new, its update where it is known, None for a repeat.

        `last` is the alert that it was in any case.
        """
        # What is told late was the same message when it was on the air.
        at = min(alert.received, now) if alert.late else now
        for index, known in enumerate(self._known):
            if _is_over(known, alert, at) or not _same(known, alert):
                continue
            self.last = better = _merge(known, alert)
            if better == known:
                self.duplicates += 1
                return None
            self._known = (*self._known[:index], better, *self._known[index + 1 :])
            only_channels = replace(better, channels=known.channels) == known
            return AlertUpdated(alert=better, only_channels=only_channels)
        self._known = (*self._known, alert)[-self._history :]
        self.last = alert
        return alert

    def recorded_as(self, name: str) -> Alert:
        """Return the last alert with the name of its recording, and remember it so."""
        last = self.last
        assert last is not None
        alert = self.last = replace(last, recording=name)
        self._known = tuple(alert if known is last else known for known in self._known)
        return alert


class Merger:
    """What several stations tell of one message, told once; all of it on one thread.

    The stations' channels must have names of their own. The first to hear a
    message makes the alert; from the others come its updates, which name all
    channels. Its end is told once, under the id that the alert was told with.
    """

    def __init__(self, history: int) -> None:
        """Take how many alerts to remember."""
        self._alerts = KnownAlerts(history)
        self._endings = Endings(DELAYED)
        self._ids: dict[str, str] = {}
        self._begun: Alert | None = None
        self._self_tests: tuple[str, ...] = ()
        self._early: tuple[EndOfMessage, ...] = ()

    def remember(
        self,
        alerts: Iterable[Alert],
        begun: Alert | None = None,
        ended: Mapping[str, datetime] = NONE_ENDED,
    ) -> None:
        """Know alerts that were told already, before a restart.

        `begun` is one whose end had not come by then: an end that comes without
        its message, while it may still last, is its. `ended` says when which
        were at their end, by their ids.
        """
        self._alerts.remember(alert for alert in alerts if not alert.self_test)
        self._begun = begun
        for alert_id, received in ended.items():
            self._endings.remember(alert_id, received)

    @property
    def known(self) -> tuple[Alert, ...]:
        """The alerts that are remembered, newest last; self-tests are none."""
        return self._alerts.known

    def take_in_order(self, record: Mergeable, now: datetime) -> Iterator[Mergeable]:
        """Yield as `take` returns; an end that comes before its alert is told after it.

        So it comes where somebody was away while the alert was told, and is told
        that again.
        """
        if isinstance(record, EndOfMessage) and self._is_early(record):
            self._early = (*self._early, record)[-MOST_EARLY:]
            return
        told = self.take(record, now)
        if told is not None:
            yield told
        due = [end for end in self._early if not self._is_early(end)]
        self._early = tuple(end for end in self._early if end not in due)
        for end in due:
            yield from self.take_in_order(end, now)

    def take(self, record: Mergeable, now: datetime) -> Mergeable | None:
        """Return what a station's record tells beyond what is known, None for nothing."""
        match record:
            case Alert(self_test=True):
                self._self_tests = (*self._self_tests, record.id)[-MOST_EARLY:]
                return record
            case Alert():
                return self._take_alert(record, now)
            case AlertUpdated():
                return self._take_alert(record.alert, now)
            case EndOfMessage():
                end = replace(record, alert_id=self._ended_by(record))
                return end if self._endings.is_new(end) else None
            case RecordingFinished():
                return replace(record, alert_id=self._known_as(record.alert_id))
            case RecordingOffered():
                known = self._known_as(record.alert_id) or record.alert_id
                return replace(record, alert_id=known)

    def _take_alert(self, alert: Alert, now: datetime) -> Alert | AlertUpdated | None:
        self._begun = None
        told = self._alerts.take(alert, now)
        assert self._alerts.last is not None
        if alert.id != self._alerts.last.id:
            self._ids[alert.id] = self._alerts.last.id
            remembered = {known.id for known in self._alerts.known}
            self._ids = {
                one: known for one, known in self._ids.items() if known in remembered
            }
        return told

    def _is_early(self, end: EndOfMessage) -> bool:
        known = (alert.id for alert in self._alerts.known)
        told = {None, *known, *self._ids, *self._self_tests}
        return end.alert_id not in told

    def _ended_by(self, end: EndOfMessage) -> str | None:
        begun = self._begun
        if end.alert_id is not None or begun is None:
            return self._known_as(end.alert_id)
        return begun.id if end.received - begun.received < LONGEST_MESSAGE else None

    def _known_as(self, alert_id: str | None) -> str | None:
        return None if alert_id is None else self._ids.get(alert_id, alert_id)


def _is_over(known: Alert, alert: Alert, at: datetime) -> bool:
    """Whether a known alert's life is over, and that of one issued in the same minute as well.

    Where the one did not make out how long it is, the other may have.
    """
    expires = known.expires
    if known.time_valid and known.issued == alert.issued:
        expires = max(expires, alert.expires)
    return at > max(expires, known.received + REPEATED_WITHIN)


@lru_cache(maxsize=1024)
def _without_sender(header: str, best_guess: str) -> str:
    # Hundreds that hear the same ask the same.
    return header[: -len(parse_header(best_guess).sender) - 1]


def _same(known: Alert, alert: Alert) -> bool:
    """Whether two are one message: all but the sender agree, as far as both are sure.

    Both must be sure of the event and of the time of issue: what could be
    anything would be taken for whatever is known, and a warning be lost.
    """
    if known.id == alert.id:
        return True
    for one in (known, alert):
        header = _without_sender(one.header, one.best_guess)
        if UNCERTAIN in header[EVENT] or UNCERTAIN in header[ISSUED]:
            return False
    return agree(known, alert)


def agree(one: Alert, other: Alert) -> bool:
    """Whether two headers differ in nothing but the sender and what one of them is not sure of."""
    ours = _without_sender(one.header, one.best_guess)
    theirs = _without_sender(other.header, other.best_guess)
    return len(ours) == len(theirs) and all(
        one == other or UNCERTAIN in (one, other)
        for one, other in zip(ours, theirs, strict=True)
    )


def _merge(known: Alert, alert: Alert) -> Alert:
    """Return what both together tell, under the id that was told first."""
    channels = (
        *known.channels,
        *(each for each in alert.channels if each not in known.channels),
    )
    whole = not known.partial and not alert.partial
    # Another sender on the same channel proves nothing: whoever spoofs one can name two.
    agreed = len(channels) > len(known.channels)
    better = (
        replace(alert, id=known.id, received=known.received)
        if alert.header.count(UNCERTAIN) < known.header.count(UNCERTAIN)
        else known
    )
    sure = known.corroborated or alert.corroborated or (whole and agreed)
    return replace(
        better,
        channels=channels,
        corroborated=sure,
        recording=known.recording or alert.recording,
    )
