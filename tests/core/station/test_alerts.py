"""Partial messages, and the id that all receivers share."""

from datetime import UTC, datetime, timedelta
from functools import partial as partly

import pytest

from eas_core.station.alerts import AlertList, build_alert
from eas_core.station.records import Alert, AlertUpdated
from tests.core.station.decoded import decoded as clear

NOW = datetime(2026, 6, 8, 18, 30, tzinfo=UTC)
WHOLE = "ZCZC-WXR-TOR-039173-039051+0030-1591829-KCLE/NWS-"


decoded = partly(clear, confidence=0.9, ebn0_db=6.0)


def test_a_partial_message_tells_only_what_is_certain() -> None:
    partial = "ZCZC-WX?-TOR-039173-03?051+00?0-159182?-KC?E/NWS-"
    alert = build_alert(decoded(partial, WHOLE), "main", NOW)
    assert alert.partial
    assert alert.originator == ""
    assert alert.event == "Tornado Warning"
    assert [place.code for place in alert.locations] == ["039173"]
    assert not alert.time_valid
    assert alert.issued == NOW
    assert alert.purge_minutes == 0
    assert alert.sender == ""
    assert alert.best_guess == WHOLE
    assert "Tornado Warning for Wood County, OH" in alert.message


def test_the_id_does_not_depend_on_receiver_sender_or_hour_of_reception() -> None:
    one = build_alert(decoded(WHOLE), "main", NOW)
    relayed = WHOLE.replace("KCLE/NWS", "WJON/TV ")
    two = build_alert(decoded(relayed), "other", NOW + timedelta(hours=3))
    assert one.id == two.id
    next_year = build_alert(decoded(WHOLE), "main", NOW + timedelta(days=365))
    assert next_year.id != one.id


def test_what_was_partial_is_mended_by_the_whole_message() -> None:
    alerts = AlertList(8)
    # The guess at the uncertain digit was wrong: the id would be another.
    partial = "ZCZC-WXR-TOR-039173-03?051+0030-1591829-KCLE/NWS-"
    first = alerts.receive(
        decoded(partial, WHOLE.replace("039051", "038051")), "main", NOW
    )
    assert isinstance(first, Alert)
    mended = alerts.receive(decoded(WHOLE), "main", NOW + timedelta(seconds=20))
    assert isinstance(mended, AlertUpdated)
    assert mended.alert.id == first.id
    assert not mended.alert.partial
    assert mended.alert.received == NOW
    assert alerts.receive(decoded(WHOLE), "main", NOW + timedelta(seconds=40)) is None


def test_of_two_partial_messages_the_better_one_is_kept() -> None:
    alerts = AlertList(8)
    worse = WHOLE.replace("039051", "0390??").replace("0030", "0?30")
    first = alerts.receive(
        decoded(worse, WHOLE.replace("039051", "039095")), "main", NOW
    )
    assert isinstance(first, Alert)
    better = alerts.receive(
        decoded(WHOLE.replace("039051", "03905?"), WHOLE), "main", NOW
    )
    assert isinstance(better, AlertUpdated)
    assert better.alert.id == first.id
    assert better.alert.purge_minutes == 30
    assert alerts.receive(decoded(worse, WHOLE), "main", NOW) is None
    assert alerts.duplicates == 1


def test_a_partial_message_that_could_be_any_is_not_taken_for_one_that_is_known() -> (
    None
):
    alerts = AlertList(8)
    alerts.receive(decoded(WHOLE), "main", NOW)
    # Another county at another time, most of which was not heard.
    vague = "ZCZC-WXR-TOR-??????-??????+????-???????-????????-"
    guess = WHOLE.replace("039173", "039035").replace("1829", "1841")
    assert isinstance(alerts.receive(decoded(vague, guess), "main", NOW), Alert)


@pytest.mark.parametrize("sender", ["A", "KCLE/NWS", "AB-CD/TV", "ABCDEFGHIJKLMNOP"])
def test_a_sender_of_any_form_is_not_of_the_messages_identity(sender: str) -> None:
    alerts = AlertList(8)
    relayed = WHOLE.replace("KCLE/NWS", sender)
    first = alerts.receive(
        decoded(relayed.replace("0030", "?030"), relayed), "main", NOW
    )
    assert isinstance(first, Alert)
    mended = alerts.receive(decoded(WHOLE), "main", NOW)
    assert isinstance(mended, AlertUpdated)
    assert mended.alert.id == first.id
    assert alerts.last == mended.alert


def test_the_list_is_bounded() -> None:
    alerts = AlertList(4)
    for minute in range(10):
        alerts.receive(decoded(WHOLE.replace("1829", f"18{minute:02d}")), "main", NOW)
    assert len(alerts.active(NOW)) <= 4
