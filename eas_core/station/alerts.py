"""From messages to alerts: what each says, and which are new."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
import hashlib

from ..modem.decoded import UNCERTAIN, Decoded
from ..same.codes import event_name, is_test, originator_name, significance
from ..same.header import Header, parse_header
from ..same.locations import location
from ..same.sentence import describe
from ..same.times import issued_at
from .merging import KnownAlerts
from .records import Alert, AlertLocation, AlertUpdated


class AlertList(KnownAlerts):
    """Remembers the newest alerts of a station, and makes new ones of messages."""

    def receive(
        self, decoded: Decoded, channel: str, now: datetime
    ) -> Alert | AlertUpdated | None:
        """Return the alert that a message on a channel is, or its update, or None for a repeat.

        `last` is the alert that it was in any case.
        """
        return self.take(build_alert(decoded, channel, now), now)


def build_alert(decoded: Decoded, channel: str, now: datetime) -> Alert:
    """Return the alert that a message says, received now (aware) on a channel.

    What the header leaves uncertain (`?`) is left out, not guessed.
    """
    return replace(
        _said(decoded.header, decoded.best_guess, now),
        confidence=decoded.confidence,
        bursts=decoded.bursts,
        channels=(channel,),
    )


def by_its_header(alert: Alert) -> Alert:
    """Return an alert that somebody else wrote, with all that a header says as its own says it.

    What is left are its channels, and when and how well they heard it. One channel
    alone has corroborated nothing.
    """
    # Hundreds that hear the same tell it within the same minute.
    minute = alert.received.replace(second=0, microsecond=0)
    said = _said_then(alert.header, alert.best_guess, minute)
    if not said.time_valid:
        said = _said(alert.header, alert.best_guess, alert.received)
    return replace(
        said,
        received=alert.received,
        channels=alert.channels,
        confidence=alert.confidence,
        bursts=alert.bursts,
        late=alert.late,
        recording=alert.recording,
        corroborated=alert.corroborated and len(alert.channels) > 1,
        test=said.test or alert.self_test,
        self_test=alert.self_test,
    )


def _said(header: str, best_guess: str, now: datetime) -> Alert:
    """Return what a header says, of no channel, received now (aware)."""
    best = parse_header(best_guess)
    sure = _certain_parts(header, best)
    issued, time_valid = _issued(sure["issued_code"], now)
    purge = best.purge_minutes if UNCERTAIN not in sure["purge_hhmm"] else 0
    expires = _expires(issued, purge)
    codes = [code for code in sure["locations"].split("-") if UNCERTAIN not in code]
    originator = _known_or_nothing(sure["originator"])
    event_code = _known_or_nothing(sure["event_code"])
    sender = _known_or_nothing(sure["sender"])
    places = [location(code) for code in codes]
    return Alert(
        id=_identity(best, now),
        header=header,
        best_guess=best_guess,
        partial=UNCERTAIN in header,
        confidence=0.0,
        bursts=0,
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
        channels=(),
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


_said_then = lru_cache(maxsize=256)(_said)


def retimed(alert: Alert, received: datetime) -> Alert:
    """Return an alert as it is where it was received then (aware), by a clock that is right.

    The year of its issue follows from that, and so do its life and its id.
    """
    best = parse_header(alert.best_guess)
    issued, time_valid = _issued(issued_code(alert), received)
    expires = _expires(issued, alert.purge_minutes)
    if (issued, expires, time_valid) == (alert.issued, alert.expires, alert.time_valid):
        return replace(alert, received=received)
    usual = alert.id == _identity(best, alert.issued)
    return replace(
        alert,
        received=received,
        issued=issued,
        expires=expires,
        time_valid=time_valid,
        id=_identity(best, received) if usual else alert.id,
        message=describe(
            originator=alert.originator,
            event_code=alert.event_code,
            locations=[place.code for place in alert.locations],
            expires=expires,
            sender=alert.sender,
            now=received,
        ),
    )


def issued_code(alert: Alert) -> str:
    """Return when an alert was issued as it says it, JJJHHMM, with `?` for what is not certain."""
    return _certain_parts(alert.header, parse_header(alert.best_guess))["issued_code"]


def _expires(issued: datetime, purge_minutes: int) -> datetime:
    """Return the end of a life; one that is not known is taken for the hour that most have."""
    return issued + timedelta(minutes=purge_minutes or 60)


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
