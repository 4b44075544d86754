"""The year that JJJHHMM leaves out."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from eas_core.same import expires_at, issued_at, parse_header

moments = st.datetimes(datetime(2020, 1, 1), datetime(2060, 1, 1)).map(
    lambda moment: moment.replace(tzinfo=UTC, second=0, microsecond=0)
)


@given(moments, st.timedeltas(timedelta(days=-150), timedelta(days=150)))
def test_any_time_within_months_of_now_is_found(
    issued: datetime, away: timedelta
) -> None:
    code = issued.strftime("%j%H%M")
    assert issued_at(code, issued + away) == issued


@pytest.mark.parametrize(
    ("code", "now", "issued"),
    [
        ("3652355", datetime(2026, 1, 1, 0, 5), datetime(2025, 12, 31, 23, 55)),
        ("0010002", datetime(2025, 12, 31, 23, 58), datetime(2026, 1, 1, 0, 2)),
        ("3660100", datetime(2025, 1, 2), datetime(2024, 12, 31, 1, 0)),
        ("0601200", datetime(2024, 3, 1), datetime(2024, 2, 29, 12, 0)),
        ("0601200", datetime(2025, 3, 1), datetime(2025, 3, 1, 12, 0)),
    ],
)
def test_the_year_is_the_nearest(code: str, now: datetime, issued: datetime) -> None:
    found = issued_at(code, now.replace(tzinfo=UTC))
    assert found == issued.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "code", ["0000000", "3670000", "0012400", "0010060", "9999999"]
)
def test_an_impossible_date_is_none(code: str) -> None:
    assert issued_at(code, datetime(2026, 6, 1, tzinfo=UTC)) is None


def test_day_366_far_from_a_leap_year_is_none() -> None:
    assert issued_at("3661200", datetime(2026, 11, 1, tzinfo=UTC)) is None


def test_a_message_lives_for_its_purge_time() -> None:
    header = parse_header("ZCZC-WXR-TOR-039173+0130-1591829-KCLE/NWS-")
    issued = datetime(2026, 6, 8, 18, 29, tzinfo=UTC)
    assert expires_at(header, issued) == issued + timedelta(minutes=90)
