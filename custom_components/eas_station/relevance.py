"""Whether an alert concerns the user's places."""

from collections.abc import Sequence
from enum import StrEnum

from .eas_core.station import Alert

NATION = "000000"


class Reason(StrEnum):
    """Why an alert is relevant, or is not."""

    NATIONAL = "national"
    LOCATION = "location"
    NO_FILTER = "no_filter"
    OTHER_LOCATION = "other_location"


def covers(alerted: str, place: str) -> bool:
    """Whether a code that was sent (PSSCCC) takes in a place of the user's.

    A part of a county concerns who named the whole of it, and the reverse;
    two different parts do not concern each other.
    """
    if alerted == NATION:
        return True
    if alerted[1:3] != place[1:3]:
        return False
    parts = {alerted[0], place[0]}
    if "0" not in parts and len(parts) > 1:
        return False
    return "000" in (alerted[3:], place[3:]) or alerted[3:] == place[3:]


def weigh(alert: Alert, places: Sequence[str]) -> tuple[bool, Reason]:
    """Return whether an alert is relevant for places PSSCCC, and why."""
    if alert.significance == "national" or alert.event_code == "NPT":
        return True, Reason.NATIONAL
    if not places:
        return True, Reason.NO_FILTER
    for location in alert.locations:
        if any(covers(location.code, place) for place in places):
            return True, Reason.LOCATION
    return False, Reason.OTHER_LOCATION
