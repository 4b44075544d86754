"""Whether an alert concerns the user: by place, by event, and which rule says so."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ..modem.decoded import UNCERTAIN
from .records import Alert

NATION: Final = "000000"
WARNING_OR_ABOVE: Final = frozenset({"warning", "national", "unknown"})
"""An event that no list has may be the gravest."""


class EventRule(StrEnum):
    """Which events concern the user."""

    ALL = "all"
    WARNINGS = "warnings"
    LISTED = "listed"


class Reason(StrEnum):
    """The rule that let an alert pass, or held it back."""

    NATIONAL = "national"
    NO_FILTER = "no_filter"
    LOCATION = "location"
    UNCERTAIN = "uncertain"
    """It may be for the user: what would tell came in too weak."""

    OTHER_LOCATION = "other_location"
    OTHER_EVENT = "other_event"
    BELOW_WARNING = "below_warning"
    TEST = "test"
    NOT_CORROBORATED = "not_corroborated"
    """Nobody else has heard it, or not yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFilter:
    """What the user asked for. Nothing set lets everything pass.

    `places` are codes PSSCCC of counties, parts of them, waters or whole
    states; `events` the codes where `event_rule` is `listed`. Without `tests`
    no test passes; where they are to be `corroborated`, no alert of one channel.
    """

    places: tuple[str, ...] = ()
    event_rule: EventRule = EventRule.ALL
    events: frozenset[str] = frozenset()
    tests: bool = True
    corroborated: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an alert is relevant, and by which rule."""

    relevant: bool
    reason: Reason


def covers(alerted: str, place: str) -> bool:
    """Whether a code that was sent (PSSCCC) takes in a place of the user's.

    A message for the nation or the state concerns each county in it, and one
    for a county whoever named the state. A part of a county concerns who named
    the whole of it, and the reverse; two different parts do not concern each
    other.
    """
    if NATION in (alerted, place):
        return True
    if alerted[1:3] != place[1:3]:
        return False
    parts = {alerted[0], place[0]}
    if "0" not in parts and len(parts) > 1:
        return False
    return "000" in (alerted[3:], place[3:]) or alerted[3:] == place[3:]


def weigh(alert: Alert, wanted: AlertFilter) -> Verdict:
    """Return whether an alert is what the user asked for, and why.

    What is not certain is never held back for it: a warning missed is worse
    than one too many. Who asks that two agree fears what one alone says, of the
    nation above all; what the station made itself is beyond doubt.
    """
    if wanted.corroborated and not (alert.corroborated or alert.self_test):
        return Verdict(relevant=False, reason=Reason.NOT_CORROBORATED)
    if alert.significance == "national" or alert.event_code == "NPT":
        return Verdict(relevant=True, reason=Reason.NATIONAL)
    held = _held_by_event(alert, wanted)
    if held is not None:
        return Verdict(relevant=False, reason=held)
    return _weigh_places(alert, wanted.places)


def _held_by_event(alert: Alert, wanted: AlertFilter) -> Reason | None:
    if not alert.event_code:
        return None
    if alert.test:
        # Tests go by their own switch: a list of warnings says nothing of them.
        return None if wanted.tests else Reason.TEST
    match wanted.event_rule:
        case EventRule.WARNINGS if alert.significance not in WARNING_OR_ABOVE:
            return Reason.BELOW_WARNING
        case EventRule.LISTED if alert.event_code not in wanted.events:
            return Reason.OTHER_EVENT
        case _:
            return None


def _weigh_places(alert: Alert, places: tuple[str, ...]) -> Verdict:
    if not places:
        return Verdict(relevant=True, reason=Reason.NO_FILTER)
    for location in alert.locations:
        if any(covers(location.code, place) for place in places):
            return Verdict(relevant=True, reason=Reason.LOCATION)
    sent = alert.best_guess[: alert.best_guess.index("+")]
    if UNCERTAIN in alert.header[: len(sent)]:
        return Verdict(relevant=True, reason=Reason.UNCERTAIN)
    return Verdict(relevant=False, reason=Reason.OTHER_LOCATION)
