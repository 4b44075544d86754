"""Entries of a history, as short as they may be."""

from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 6, 8, 20, 45, tzinfo=UTC)


def entry(number: int, **changed: Any) -> dict[str, Any]:
    """Return the entry that was received so many hours after the start."""
    at = START + timedelta(hours=number)
    made = {
        "id": f"id{number}",
        "received": at.isoformat(),
        "expires": (at + timedelta(minutes=30)).isoformat(),
        "event_code": "TOR",
        "test": False,
        "locations": [
            {"code": "039035", "name": "Cuyahoga County", "state": "Ohio", "part": 0}
        ],
        "ended": None,
    }
    return made | changed


def names(*numbers: int) -> list[str]:
    """Return the ids of entries."""
    return [f"id{number}" for number in numbers]
