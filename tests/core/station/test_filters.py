"""Which alerts concern the user, and which rule says so."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis.strategies import from_regex, sampled_from
import pytest

from eas_core.same.codes import EVENTS, is_test, significance
from eas_core.station.alerts import build_alert
from eas_core.station.filters import AlertFilter, EventRule, Reason, covers, weigh
from eas_core.station.records import Alert
from tests.core.station.test_alerts import WHOLE, decoded

NOW = datetime(2026, 6, 8, 18, 30, tzinfo=UTC)
CODES = from_regex(r"[0-9]{6}", fullmatch=True)


def alert(event: str = "TOR", header: str = WHOLE, guess: str | None = None) -> Alert:
    sent = header.replace("TOR", event)
    return build_alert(decoded(sent, guess), "main", NOW)


@pytest.mark.parametrize(
    ("alerted", "place", "concerns"),
    [
        ("039035", "039035", True),
        ("039035", "039173", False),
        ("039035", "017035", False),
        ("000000", "039035", True),
        ("039000", "039035", True),
        ("039035", "039000", True),
        ("139035", "039035", True),
        ("039035", "139035", True),
        ("139035", "139035", True),
        ("139035", "939035", False),
        ("096000", "096146", True),
        ("096146", "096000", True),
        ("039035", "000000", True),
    ],
)
def test_a_code_covers_a_place(alerted: str, place: str, concerns: bool) -> None:
    assert covers(alerted, place) is concerns


@given(CODES, CODES)
def test_covering_goes_both_ways(one: str, other: str) -> None:
    assert covers(one, one)
    assert covers(one, other) is covers(other, one)


def test_no_filter_lets_everything_pass_and_says_so() -> None:
    for event in EVENTS:
        verdict = weigh(alert(event), AlertFilter())
        assert verdict.relevant
        assert verdict.reason in (Reason.NO_FILTER, Reason.NATIONAL)


@pytest.mark.parametrize("place", ["039173", "139173", "039000", "000000"])
def test_an_alert_for_a_place_of_the_users_passes(place: str) -> None:
    verdict = weigh(alert(), AlertFilter(places=("017031", place)))
    assert (verdict.relevant, verdict.reason) == (True, Reason.LOCATION)


def test_an_alert_for_other_places_is_held_back() -> None:
    verdict = weigh(alert(), AlertFilter(places=("017031", "039035")))
    assert (verdict.relevant, verdict.reason) == (False, Reason.OTHER_LOCATION)


def test_a_place_that_came_in_too_weak_holds_nothing_back() -> None:
    weak = WHOLE.replace("039051", "0390?1")
    verdict = weigh(alert("TOR", weak, WHOLE), AlertFilter(places=("039061",)))
    assert (verdict.relevant, verdict.reason) == (True, Reason.UNCERTAIN)
    # A sender that is not certain says nothing of the places.
    weak = WHOLE.replace("KCLE", "K?LE")
    verdict = weigh(alert("TOR", weak, WHOLE), AlertFilter(places=("039061",)))
    assert not verdict.relevant


def test_a_national_message_passes_every_filter() -> None:
    strict = AlertFilter(
        places=("017031",),
        event_rule=EventRule.LISTED,
        tests=False,
    )
    for event in ("EAN", "NIC", "NPT"):
        assert weigh(alert(event), strict).reason is Reason.NATIONAL


@given(sampled_from(sorted(EVENTS)))
def test_warnings_and_above_hold_back_watches_and_statements(event: str) -> None:
    verdict = weigh(alert(event), AlertFilter(event_rule=EventRule.WARNINGS))
    lesser = significance(event) in ("watch", "statement", "advisory")
    assert verdict.relevant is not lesser
    assert (verdict.reason is Reason.BELOW_WARNING) is lesser


def test_an_event_that_no_list_has_may_be_the_gravest() -> None:
    assert weigh(alert("ZZZ"), AlertFilter(event_rule=EventRule.WARNINGS)).relevant


def test_a_list_of_events_lets_only_those_pass() -> None:
    wanted = AlertFilter(event_rule=EventRule.LISTED, events=frozenset({"TOR", "FFW"}))
    assert weigh(alert("FFW"), wanted).relevant
    assert weigh(alert("SVR"), wanted).reason is Reason.OTHER_EVENT


@given(sampled_from(sorted(code for code in EVENTS if is_test(code))))
def test_tests_go_by_a_switch_of_their_own(event: str) -> None:
    listed = AlertFilter(event_rule=EventRule.LISTED, events=frozenset({"TOR"}))
    assert weigh(alert(event), listed).relevant
    verdict = weigh(alert(event), AlertFilter(tests=False))
    assert verdict.reason is (Reason.NATIONAL if event == "NPT" else Reason.TEST)
