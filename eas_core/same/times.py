"""When a message was issued and until when it is valid."""

from datetime import UTC, datetime, timedelta

from .header import Header


def issued_at(header: Header | str, now: datetime) -> datetime | None:
    """Return the aware UTC datetime of issue, or None for a date that is none.

    JJJHHMM leaves the year out: it is the one that brings the time nearest to
    `now` (aware), so that a message of December is not of the coming one.
    `header` may be the seven digits alone.
    """
    code = header if isinstance(header, str) else header.issued_code
    day, hour, minute = int(code[:3]), int(code[3:5]), int(code[5:7])
    if not 1 <= day <= 366 or hour > 23 or minute > 59:
        return None
    now = now.astimezone(UTC)
    found = []
    for year in (now.year - 1, now.year, now.year + 1):
        moment = datetime(year, 1, 1, hour, minute, tzinfo=UTC) + timedelta(day - 1)
        if moment.year == year:
            found.append(moment)
    nearest = min(found, key=lambda moment: abs(moment - now), default=None)
    if nearest is None or abs(nearest - now) > timedelta(days=184):
        # Day 366 with no leap year at hand.
        return None
    return nearest


def expires_at(header: Header, issued: datetime) -> datetime:
    """Return the end of the message's life."""
    return issued + timedelta(minutes=header.purge_minutes)
