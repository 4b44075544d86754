"""What a person reads."""

from datetime import UTC, datetime, timedelta

from eas_core.same import describe

EVENING = datetime(2026, 6, 8, 20, 45, tzinfo=UTC)


def sentence(
    *places: str,
    originator: str = "WXR",
    event_code: str = "TOR",
    sender: str = "KCLE/NWS",
    minutes: int = 30,
) -> str:
    return describe(
        originator=originator,
        event_code=event_code,
        locations=places,
        expires=EVENING + timedelta(minutes=minutes),
        sender=sender,
        now=EVENING,
    )


def test_a_warning_for_one_county() -> None:
    assert sentence("039173") == (
        "The National Weather Service in Cleveland has issued a Tornado Warning"
        " for Wood County, OH, until 5:15 PM EDT."
    )


def test_the_time_is_that_of_the_place() -> None:
    assert sentence("048113", sender="KFWD/NWS").endswith("until 4:15 PM CDT.")
    assert sentence("004013").endswith("until 2:15 PM MST.")
    assert sentence("015003").endswith("until 11:15 AM HST.")


def test_another_day_is_said() -> None:
    assert sentence("039173", minutes=600).endswith(
        "until 2:45 AM EDT on Tuesday, June 9."
    )


def test_states_are_named_once_after_their_counties() -> None:
    assert (
        "for Wood County and Cuyahoga County, OH; Wayne County, MI, until"
        in sentence("039173", "039035", "026163")
    )


def test_many_places_are_counted() -> None:
    places = [f"039{number:03d}" for number in range(1, 41, 2)]
    assert "and 14 more places, until" in sentence(*places)


def test_a_vowel_takes_an() -> None:
    assert "issued an Extreme Wind Warning" in sentence("039173", event_code="EWW")


def test_civil_authorities_and_participants_are_named_by_sender() -> None:
    civil = sentence("039000", originator="CIV", event_code="RMT", sender="ERN/KLT ")
    assert civil.startswith(
        "Civil authorities (ERN/KLT) have issued a Required Monthly"
    )
    station = sentence("039000", originator="EAS", event_code="RWT", sender="WJON/TV ")
    assert station.startswith("An EAS participant (WJON/TV) has issued")


def test_codes_of_no_table_stand_for_themselves() -> None:
    text = sentence("099999", originator="QQQ", event_code="QQQ", sender="")
    assert text.startswith("Originator QQQ has issued a QQQ for 099999, until")
    assert text.endswith("UTC.")


def test_nothing_certain_about_the_place_is_said_so() -> None:
    assert "for places that were not understood" in sentence()
