"""A header as a sentence that a person reads."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from itertools import groupby
from zoneinfo import ZoneInfo

from .codes import event_name, originator_name
from .locations import Location, location
from .offices import office_of

LISTED = 8
"""More places than these are counted, not named."""


def describe(
    *,
    originator: str,
    event_code: str,
    locations: Sequence[str],
    expires: datetime,
    sender: str,
    now: datetime | None = None,
) -> str:
    """Return who has issued what for where, until when in the local time there.

    `expires` and `now` are aware; `now` tells whether the day needs saying,
    `expires` itself where it is None. Codes of no table stand for themselves.
    """
    places = [location(code) for code in locations]
    zone = _zone(places)
    until = _until(expires.astimezone(zone), (now or expires).astimezone(zone))
    event = event_name(event_code)
    who = _issuer(originator, sender)
    have = "have" if originator == "CIV" else "has"
    return (
        f"{who} {have} issued {_article(event)} {event} for {_where(places)}, {until}."
    )


def _issuer(originator: str, sender: str) -> str:
    name = originator_name(originator)
    office = office_of(sender)
    if not originator:
        return "An originator that was not understood"
    if originator == "WXR":
        if office:
            return f"The {name} in {office}"
        return f"The {name} ({sender.strip()})" if sender.strip() else f"The {name}"
    lead = {"EAS": "An EAS participant", "CIV": "Civil authorities"}.get(
        originator, f"The {name}" if name != originator else f"Originator {name}"
    )
    return f"{lead} ({sender.strip()})" if sender.strip() else lead


def _article(noun: str) -> str:
    # "An EAS…", "a 911…", "an Extreme Wind Warning".
    return "an" if noun[:1] in "AEIO" else "a"


def _join(words: Sequence[str]) -> str:
    if len(words) < 3:
        return " and ".join(words)
    return ", ".join(words[:-1]) + ", and " + words[-1]


def _where(places: Sequence[Location]) -> str:
    if not places:
        return "places that were not understood"
    counties = [place for place in places if place.kind == "county"]
    if len(places) > LISTED:
        first = _join_by_state(places[: LISTED - 2]).replace(", and ", ", ")
        return f"{first}, and {len(places) - LISTED + 2} more places"
    if len(counties) == len(places):
        return _join_by_state(places)
    return _join([_full(place) for place in places])


def _full(place: Location) -> str:
    if place.kind == "county" and place.state:
        return f"{place.name}, {place.state}"
    return place.name


def _join_by_state(places: Sequence[Location]) -> str:
    """Name the state once after the places that lie in it."""
    groups = []
    for state, members in groupby(places, key=lambda place: place.state):
        names = _join([place.name for place in members])
        groups.append(f"{names}, {state}" if state else names)
    return "; ".join(groups)


def _zone(places: Sequence[Location]) -> tzinfo:
    for place in places:
        if place.time_zone:
            try:
                return ZoneInfo(place.time_zone)
            except KeyError, OSError, ValueError:
                # The system may have no time zone database.
                continue
    return UTC


def _until(expires: datetime, now: datetime) -> str:
    hour = expires.hour % 12 or 12
    half = "AM" if expires.hour < 12 else "PM"
    clock = f"{hour}:{expires.minute:02d} {half} {expires.tzname()}"
    if expires.date() == now.date():
        return f"until {clock}"
    day = f"{expires:%A}, {expires:%B} {expires.day}"
    return f"until {clock} on {day}"
