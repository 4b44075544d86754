"""One message that several stations hear is told once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from eas_core.station.alerts import build_alert
from eas_core.station.merging import Merger
from eas_core.station.records import (
    Alert,
    AlertUpdated,
    EndOfMessage,
    RecordingEnd,
    RecordingFinished,
)
from tests.core.station.decoded import decoded

NOW = datetime(2026, 6, 8, 18, 30, tzinfo=UTC)
LATER = NOW + timedelta(seconds=50)
WHOLE = "ZCZC-WXR-TOR-039173-039051+0030-1591829-KCLE/NWS-"
PARTIAL = WHOLE.replace("039051", "03?051")
WRONG_GUESS = WHOLE.replace("039051", "038051")


def heard(
    channel: str, header: str = WHOLE, guess: str = WHOLE, at: datetime = NOW
) -> Alert:
    """Return an alert as a station of its own tells it."""
    message = decoded(header, guess, confidence=0.9, ebn0_db=6.0)
    return build_alert(message, channel, at)


def end_of(alert: Alert, at: datetime = NOW) -> EndOfMessage:
    return EndOfMessage(
        received=at, channels=alert.channels, alert_id=alert.id, duration_s=30.0
    )


def test_the_second_station_updates_the_alert_of_the_first() -> None:
    merger = Merger(8)
    first = heard("162.550")
    assert merger.take(first, NOW) == first
    told = merger.take(heard("Stream", at=LATER), LATER)
    assert isinstance(told, AlertUpdated)
    assert told.alert.id == first.id
    assert told.alert.received == NOW
    assert told.alert.channels == ("162.550", "Stream")
    assert told.alert.corroborated
    assert merger.known == (told.alert,)


def test_an_update_says_whether_only_channels_are_new() -> None:
    merger = Merger(8)
    merger.take(heard("162.550"), NOW)
    told = [merger.take(heard(name), NOW) for name in ("Stream", "Third")]
    # The second receiver makes it sure, the third adds only itself.
    assert [isinstance(one, AlertUpdated) and one.only_channels for one in told] == [
        False,
        True,
    ]


def test_the_same_channel_again_tells_nothing() -> None:
    merger = Merger(8)
    merger.take(heard("162.550"), NOW)
    assert merger.take(heard("162.550", at=LATER), LATER) is None


def test_what_a_station_knows_better_now_updates_the_alert_of_all() -> None:
    merger = Merger(8)
    first = heard("162.550", PARTIAL, WRONG_GUESS)
    merger.take(first, NOW)
    mended = replace(heard("162.550"), id=first.id)
    told = merger.take(AlertUpdated(alert=mended), LATER)
    assert isinstance(told, AlertUpdated)
    assert told.alert.id == first.id
    assert not told.alert.partial
    assert not told.alert.corroborated


def test_a_partial_message_is_the_known_one_that_it_fits() -> None:
    merger = Merger(8)
    merger.take(heard("162.550"), NOW)
    partial = heard("Stream", PARTIAL, WRONG_GUESS)
    told = merger.take(partial, NOW)
    assert isinstance(told, AlertUpdated)
    assert told.alert.header == WHOLE
    assert told.alert.channels == ("162.550", "Stream")
    # A part of a message proves nothing.
    assert not told.alert.corroborated


def test_a_life_that_was_not_made_out_is_as_long_as_a_later_hearing_says() -> None:
    merger = Merger(8)
    lasting = WHOLE.replace("+0030", "+0300")
    first = heard("162.550", lasting.replace("+0300", "+0?00"), lasting)
    assert merger.take(first, NOW) == first
    # Its life counts as an hour, which is over by then.
    later = NOW + timedelta(hours=2)
    told = merger.take(heard("162.400", lasting, lasting, later), later)
    assert isinstance(told, AlertUpdated)
    assert (told.alert.id, told.alert.header) == (first.id, lasting)
    next_year = NOW + timedelta(days=365)
    anew = heard("162.550", lasting, lasting, next_year)
    assert merger.take(anew, next_year) == anew


def test_what_comes_after_goes_by_the_id_that_was_told() -> None:
    merger = Merger(8)
    first, partial = heard("162.550"), heard("Stream", PARTIAL, WRONG_GUESS)
    assert partial.id != first.id
    merger.take(first, NOW)
    merger.take(partial, NOW)
    end = merger.take(end_of(partial), NOW)
    assert isinstance(end, EndOfMessage)
    assert end.alert_id == first.id
    recorded = RecordingFinished(
        at=LATER,
        name="20260608T183012345Z-TOR-0",
        alert_id=partial.id,
        channel="Stream",
        path="/",
        copy_path=None,
        duration_s=30.0,
        ended_by=RecordingEnd.END_OF_MESSAGE,
        complete=True,
        lost_s=0.0,
    )
    finished = merger.take(recorded, LATER)
    assert isinstance(finished, RecordingFinished)
    assert finished.alert_id == first.id


def test_the_end_is_told_once_however_late_a_stream_is() -> None:
    merger = Merger(8)
    first, second = heard("162.550"), heard("Stream", at=LATER)
    merger.take(first, NOW)
    merger.take(second, LATER)
    assert merger.take(end_of(first), NOW) is not None
    assert merger.take(end_of(second, LATER), LATER) is None
    # The same channel's next is another one.
    assert merger.take(end_of(first, LATER), LATER) is not None


def test_an_alert_keeps_its_recording_and_gets_one_where_it_had_none() -> None:
    merger = Merger(8)
    merger.take(heard("162.550"), NOW)
    told = merger.take(replace(heard("Stream"), recording="one"), NOW)
    assert isinstance(told, AlertUpdated)
    assert told.alert.recording == "one"
    told = merger.take(replace(heard("Third"), recording="two"), NOW)
    assert isinstance(told, AlertUpdated)
    assert told.alert.recording == "one"


def test_what_was_told_before_a_restart_is_not_new() -> None:
    merger = Merger(8)
    merger.remember([heard("162.550")])
    assert merger.take(heard("162.550", at=LATER), LATER) is None


def test_a_self_test_is_nobody_elses() -> None:
    merger = Merger(8)
    merger.take(heard("162.550"), NOW)
    own = replace(heard("self-test"), id="test", self_test=True, test=True)
    assert merger.take(own, NOW) == own
    assert merger.take(end_of(own), NOW) == end_of(own)
    assert len(merger.known) == 1


def test_an_end_without_its_message_is_that_of_the_message_before_a_restart() -> None:
    before = heard("162.550")
    cut = replace(end_of(before, LATER), alert_id=None, duration_s=None)
    merger = Merger(8)
    merger.remember([before], before)
    assert merger.take(cut, LATER) == replace(cut, alert_id=before.id)


def test_an_end_without_a_message_is_nobodys_when_it_is_late_or_another_has_come() -> (
    None
):
    before = heard("162.550")
    late = NOW + timedelta(minutes=4)
    cut = replace(end_of(before, late), alert_id=None)
    merger = Merger(8)
    merger.remember([before], before)
    assert merger.take(cut, late) == cut
    other = heard("162.550", WHOLE.replace("TOR", "SVR"), WHOLE.replace("TOR", "SVR"))
    soon = replace(cut, received=LATER)
    merger = Merger(8)
    merger.remember([before], before)
    merger.take(other, LATER)
    assert merger.take(soon, LATER) == soon


def test_an_end_that_is_delivered_twice_is_told_once_whoever_ended_meanwhile() -> None:
    merger = Merger(8)
    severe = WHOLE.replace("TOR", "SVR")
    first, other = heard("162.550"), heard("Stream", severe, severe)
    for alert in (first, other):
        merger.take(alert, NOW)
    ends = [end_of(first), end_of(other), replace(end_of(first), channels=("barn",))]
    told = [merger.take(end, LATER) for end in (*ends, *ends)]
    assert told == [ends[0], ends[1], None, None, None, None]


def test_an_end_that_was_told_before_a_restart_is_not_new() -> None:
    before = heard("162.550")
    merger = Merger(8)
    merger.remember([before], ended={before.id: LATER})
    assert merger.take(end_of(before, LATER), LATER) is None
    again = LATER + timedelta(minutes=5)
    assert merger.take(end_of(before, again), again) is not None


def test_an_end_that_overtakes_its_message_is_told_after_it() -> None:
    merger = Merger(8)
    alert, own = heard("162.550"), replace(heard("self-test"), id="own", self_test=True)
    end = end_of(alert)
    assert [*merger.take_in_order(end, NOW)] == []
    # Nobody else's message is what it waits for.
    assert [*merger.take_in_order(own, NOW)] == [own]
    assert [*merger.take_in_order(end_of(own), NOW)] == [end_of(own)]
    assert [*merger.take_in_order(alert, LATER)] == [alert, end]
    assert [*merger.take_in_order(end, LATER)] == []


def test_what_is_told_late_is_the_message_that_was_heard_then() -> None:
    merger = Merger(8)
    first, other = heard("162.550"), heard("barn", PARTIAL, WRONG_GUESS, at=LATER)
    merger.take(first, NOW)
    over = first.expires + timedelta(hours=5)
    told = merger.take(replace(other, late=True), over)
    assert isinstance(told, AlertUpdated)
    assert (told.alert.id, told.alert.channels) == (first.id, ("162.550", "barn"))
    # Heard only now, it is another one.
    assert isinstance(merger.take(replace(other, received=over), over), Alert)
