"""What several channels tell of one message is told once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from eas_core.station.alerts import AlertList
from eas_core.station.endings import MOST_MESSAGES, SAME_END, Endings, coalesce
from eas_core.station.records import Alert, AlertUpdated, EndOfMessage, StationRecord
from tests.core.station.test_alerts import WHOLE, decoded

NOW = datetime(2026, 6, 8, 18, 30, tzinfo=UTC)


def end(channel: str, alert_id: str | None = "one", seconds: float = 0) -> EndOfMessage:
    return EndOfMessage(
        received=NOW + timedelta(seconds=seconds),
        channels=(channel,),
        alert_id=alert_id,
        duration_s=9.0,
    )


def test_a_message_on_two_channels_in_one_moment_is_one_alert_with_both() -> None:
    alerts = AlertList(8)
    records: list[StationRecord] = []
    for channel in ("162.400", "162.550"):
        record = alerts.receive(decoded(WHOLE), channel, NOW)
        assert record is not None
        records.append(record)
    (told,) = coalesce(records)
    assert isinstance(told, Alert)
    assert told.channels == ("162.400", "162.550")
    assert told.corroborated


def test_a_channel_that_is_later_updates_the_alert_and_corroborates_it() -> None:
    alerts = AlertList(8)
    first = alerts.receive(decoded(WHOLE), "162.400", NOW)
    assert isinstance(first, Alert)
    assert not first.corroborated
    later = alerts.receive(decoded(WHOLE), "162.550", NOW + timedelta(seconds=3))
    assert isinstance(later, AlertUpdated)
    assert later.alert.id == first.id
    assert later.alert.channels == ("162.400", "162.550")
    assert later.alert.corroborated
    again = alerts.receive(decoded(WHOLE), "162.550", NOW + timedelta(seconds=60))
    assert again is None
    assert alerts.duplicates == 1


def test_a_partial_message_on_another_channel_corroborates_nothing() -> None:
    alerts = AlertList(8)
    alerts.receive(decoded(WHOLE), "162.400", NOW)
    partial = WHOLE.replace("039051", "03905?")
    update = alerts.receive(decoded(partial, WHOLE), "162.550", NOW)
    assert isinstance(update, AlertUpdated)
    assert not update.alert.corroborated
    assert update.alert.header == WHOLE


def test_ends_of_one_moment_are_one_end_with_all_channels() -> None:
    one, other = end("162.400"), end("162.550")
    assert coalesce([one, other]) == [replace(one, channels=("162.400", "162.550"))]
    stranger = end("162.550", "two")
    assert coalesce([one, stranger]) == [one, stranger]


def test_an_end_that_another_channel_told_already_is_not_told_again() -> None:
    endings = Endings()
    assert endings.is_new(end("162.400"))
    assert not endings.is_new(end("162.550", seconds=2))
    assert not endings.is_new(end("162.475", seconds=3))
    # The same channel ends again: the message was sent once more.
    assert endings.is_new(end("162.550", seconds=20))
    assert endings.is_new(end("162.400", seconds=20 + SAME_END.total_seconds()))


def test_ends_of_different_messages_are_different_ends() -> None:
    endings = Endings()
    assert endings.is_new(end("162.400"))
    assert endings.is_new(end("162.550", "two", 1))


def test_ends_of_two_messages_may_come_in_between_each_other() -> None:
    endings = Endings()
    assert endings.is_new(end("162.400"))
    assert endings.is_new(end("162.475", "two", 1))
    assert not endings.is_new(end("162.550", seconds=2))
    assert not endings.is_new(end("162.500", "two", 3))


def test_so_many_ends_are_remembered_and_no_more() -> None:
    endings = Endings()
    for number in range(MOST_MESSAGES + 1):
        assert endings.is_new(end("162.400", str(number)))
    assert not endings.is_new(end("162.550", "1"))
    assert endings.is_new(end("162.550", "0"))


def test_an_end_whose_beginning_was_missed_is_that_which_another_channel_told() -> None:
    endings = Endings()
    assert endings.is_new(end("162.400"))
    assert not endings.is_new(end("162.550", None, 2))
    # On the same channel, or later, it is that of a message that nobody heard begin.
    assert endings.is_new(end("162.400", None, 20))
    assert endings.is_new(end("162.475", None, 90))
