"""The log of required tests as stations keep it (47 CFR 11.61): by sender and week, with its gaps."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
import csv
from datetime import date, datetime, timedelta, tzinfo
import io
from typing import Any, Final

WEEKLY: Final = "RWT"
MONTHLY: Final = "RMT"

RECEIVED: Final = "received"
MONTHLY_INSTEAD: Final = "monthly_instead"
"""No weekly test is required in the week of a monthly one."""

MISSING: Final = "missing"
INCOMPLETE: Final = "incomplete"
"""The week or month is not over, or began before the log."""

COLUMNS: Final = (
    "station",
    "sender",
    "test",
    "period",
    "begins",
    "received",
    "channels",
    "status",
)


def log_rows(
    station: str,
    tests: Iterable[Mapping[str, Any]],
    start: datetime,
    end: datetime,
    zone: tzinfo,
) -> list[dict[str, Any]]:
    """Return a row for each weekly test and each gap of a sender's, then for the monthly ones.

    `tests` are entries of the history; `start` and `end` (aware) bound the log.
    Weeks (ISO) and months are those of the zone. A sender's rows begin with its
    first test; where none was heard at all, those of an unknown one tell so.
    """
    heard = sorted(
        (
            (datetime.fromisoformat(test["received"]).astimezone(zone), test)
            for test in tests
            if test["event_code"] in (WEEKLY, MONTHLY) and not test["self_test"]
        ),
        key=lambda one: one[0],
    )
    first, last = start.astimezone(zone), end.astimezone(zone)
    rows: list[dict[str, Any]] = []
    senders = sorted({test["sender"] for _, test in heard}) or [""]
    for kind, begin, after in (
        (WEEKLY, _week, lambda day: day + timedelta(days=7)),
        (MONTHLY, _month, lambda day: _month(day + timedelta(days=31))),
    ):
        for sender in senders:
            own = [one for one in heard if one[1]["sender"] == sender]
            known = own if kind == WEEKLY else [one for one in own if _is(one, MONTHLY)]
            if not known and (kind == MONTHLY or heard):
                continue
            since = known[0][0] if known else first
            for day in _periods(begin(since.date()), last.date(), after):
                within = [one for one in own if begin(one[0].date()) == day]
                whole = day >= first.date() and after(day) <= last.date()
                for received, channels, status in _told(kind, within, whole=whole):
                    rows.append(
                        {
                            "station": station,
                            "sender": sender,
                            "test": kind,
                            "period": _name(kind, day),
                            "begins": day.isoformat(),
                            "received": received,
                            "channels": channels,
                            "status": status,
                        }
                    )
    return rows


def as_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return rows as a table with a heading, as spreadsheets read it."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(COLUMNS)
    for row in rows:
        shown = {**row, "channels": " ".join(row["channels"])}
        table.writerow(_harmless(shown[name]) for name in COLUMNS)
    return text.getvalue()


def _told(
    kind: str, within: list[tuple[datetime, Mapping[str, Any]]], *, whole: bool
) -> Iterator[tuple[str | None, list[str], str]]:
    """Yield when each test of a period came, on which channels; or that none did."""
    found = [one for one in within if _is(one, kind)]
    for at, test in found:
        yield at.isoformat(timespec="seconds"), list(test["channels"]), RECEIVED
    if found:
        return
    if kind == WEEKLY and within:
        yield None, [], MONTHLY_INSTEAD
    else:
        yield None, [], MISSING if whole else INCOMPLETE


def _is(heard: tuple[datetime, Mapping[str, Any]], kind: str) -> bool:
    return bool(heard[1]["event_code"] == kind)


def _week(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _month(day: date) -> date:
    return day.replace(day=1)


def _periods(first: date, last: date, after: Callable[[date], date]) -> Iterator[date]:
    while first <= last:
        yield first
        first = after(first)


def _name(kind: str, day: date) -> str:
    if kind == MONTHLY:
        return f"{day:%Y-%m}"
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def _harmless(value: str | None) -> str:
    """Return a cell that no spreadsheet takes for a formula: senders come off the air."""
    text = value or ""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
