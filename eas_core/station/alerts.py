"""From messages to alerts: which are new, which the same again, which still live."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
import hashlib
from typing import Final

from ..modem.decoded import UNCERTAIN, Decoded
from ..same.codes import event_name, is_test, originator_name, significance
from ..same.header import Header, parse_header
from ..same.locations import location
from ..same.sentence import describe
from ..same.times import expires_at, issued_at
from .records import Alert, AlertLocation, AlertUpdated

REPEATED_WITHIN: Final = timedelta(minutes=15)
"""The same header so soon is the same broadcast, even where its life was short."""

EVENT: Final = slice(9, 12)
ISSUED: Final = slice(-8, -1)
"""Where a header has these, without its sender: ZCZC-ORG-EEE-…+TTTT-JJJHHMM-."""


class AlertList:
    """Remembers the newest alerts, and tells a new one from one that is known.

    Messages are received on one thread; `active` may be asked on any.
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

    def receive(
        self, decoded: Decoded, channel: str, now: datetime
    ) -> Alert | AlertUpdated | None:
        """Return the alert that a message on a channel is, or its update, or None for a repeat.

        `last` is the alert that it was in any case.
        """
        alert = build_alert(decoded, channel, now)
        for index, known in enumerate(self._known):
            if now > max(known.expires, known.received + REPEATED_WITHIN):
                continue
            if not _same(known, alert):
                continue
            self.last = better = _merge(known, alert)
            if better == known:
                self.duplicates += 1
                return None
            self._known = (*self._known[:index], better, *self._known[index + 1 :])
            return AlertUpdated(alert=better)
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


def _without_sender(alert: Alert) -> str:
    sender = parse_header(alert.best_guess).sender
    return alert.header[: -len(sender) - 1]


def _same(known: Alert, alert: Alert) -> bool:
    """Whether two are one message: all but the sender agree, as far as both are sure.

    Both must be sure of the event and of the time of issue: what could be
    anything would be taken for whatever is known, and a warning be lost.
    """
    if known.id == alert.id:
        return True
    ours, theirs = _without_sender(known), _without_sender(alert)
    if len(ours) != len(theirs):
        return False
    for one in (ours, theirs):
        if UNCERTAIN in one[EVENT] or UNCERTAIN in one[ISSUED]:
            return False
    return all(
        one == other or UNCERTAIN in (one, other)
        for one, other in zip(ours, theirs, strict=True)
    )


def _merge(known: Alert, alert: Alert) -> Alert:
    """Return what both together tell, under the id that was told first."""
    senders = {known.sender, alert.sender} - {""}
    channels = (
        *known.channels,
        *(each for each in alert.channels if each not in known.channels),
    )
    whole = not known.partial and not alert.partial
    agreed = len(senders) > 1 or len(channels) > len(known.channels)
    better = (
        replace(alert, id=known.id, received=known.received, recording=known.recording)
        if alert.header.count(UNCERTAIN) < known.header.count(UNCERTAIN)
        else known
    )
    return replace(
        better, channels=channels, corroborated=known.corroborated or (whole and agreed)
    )


def build_alert(decoded: Decoded, channel: str, now: datetime) -> Alert:
    """Return the alert that a message says, received now (aware) on a channel.

    What the header leaves uncertain (`?`) is left out, not guessed.
    """
    best = parse_header(decoded.best_guess)
    sure = _certain_parts(decoded.header, best)
    issued, time_valid = _issued(sure["issued_code"], now)
    purge = best.purge_minutes if UNCERTAIN not in sure["purge_hhmm"] else 0
    # A life that is not known is taken for the hour that most warnings have.
    life = timedelta(minutes=purge or 60)
    expires = issued + life
    if time_valid and purge:
        expires = expires_at(best, issued)
    codes = [code for code in sure["locations"].split("-") if UNCERTAIN not in code]
    originator = _known_or_nothing(sure["originator"])
    event_code = _known_or_nothing(sure["event_code"])
    sender = _known_or_nothing(sure["sender"])
    places = [location(code) for code in codes]
    return Alert(
        id=_identity(best, now),
        header=decoded.header,
        best_guess=decoded.best_guess,
        partial=decoded.partial,
        confidence=decoded.confidence,
        bursts=decoded.bursts,
        originator=originator,
        originator_name=originator_name(originator),
        event_code=event_code,
        event=event_name(event_code),
        significance=significance(event_code),
        locations=tuple(
            AlertLocation(
                code=place.code,
                name=place.name,
                state=place.state,
                part=int(place.code[0]),
            )
            for place in places
        ),
        issued=issued,
        expires=expires,
        time_valid=time_valid,
        purge_minutes=purge,
        sender=sender,
        received=now,
        channels=(channel,),
        corroborated=False,
        test=is_test(event_code),
        self_test=False,
        message=describe(
            originator=originator,
            event_code=event_code,
            locations=codes,
            expires=expires,
            sender=sender,
            now=now,
        ),
    )


def _known_or_nothing(text: str) -> str:
    return "" if UNCERTAIN in text else text


def _certain_parts(header: str, best: Header) -> dict[str, str]:
    """Cut a header with uncertain characters where the best guess has its parts."""
    places = "-".join(best.locations)
    after = 13 + len(places)
    return {
        "originator": header[5:8],
        "event_code": header[9:12],
        "locations": header[13:after],
        "purge_hhmm": header[after + 1 : after + 5],
        "issued_code": header[after + 6 : after + 13],
        "sender": header[after + 14 : -1],
    }


def _issued(code: str, now: datetime) -> tuple[datetime, bool]:
    found = None if UNCERTAIN in code else issued_at(code, now)
    return (now.astimezone(UTC), False) if found is None else (found, True)


def _identity(header: Header, now: datetime) -> str:
    """Return the same for every receiver of a message, whoever relayed it."""
    issued = issued_at(header, now)
    when = header.issued_code if issued is None else issued.isoformat()
    parts = (
        header.originator,
        header.event_code,
        "-".join(sorted(header.locations)),
        header.purge_hhmm,
        when,
    )
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]
