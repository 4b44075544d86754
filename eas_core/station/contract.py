"""What is told of alerts to others, in plain values: the fields of the `eas_alert` event."""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import UTC, datetime
import math
from typing import Any, Final

from ..errors import EasError
from .records import Alert, AlertLocation, EndOfMessage, RecordingFinished

TIMES: Final = ("issued", "expires", "received")
PLACE: Final = {"code": str, "name": str, "state": str, "part": int}
KINDS: Final[dict[str, type]] = {
    "str": str,
    "bool": bool,
    "float": float,
    "int": int,
}
LONGEST_TEXT: Final = 2000
MOST_PLACES: Final = 31
MOST_CHANNELS: Final = 64
BEYOND: Final = 10**12
FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 2200
"""Near the years 1 and 9999 a time can be neither moved to another zone nor added to."""


class ContractError(EasError):
    """What says that it is an alert and is none; the text names the field."""


def alert_fields(alert: Alert) -> dict[str, Any]:
    """Return what an alert says, times in ISO 8601; nothing of who heard it."""
    return {
        "id": alert.id,
        "channels": list(alert.channels),
        "header": alert.header,
        "originator": alert.originator,
        "originator_name": alert.originator_name,
        "event_code": alert.event_code,
        "event": alert.event,
        "significance": alert.significance,
        "locations": [
            {
                "code": place.code,
                "name": place.name,
                "state": place.state,
                "part": place.part,
            }
            for place in alert.locations
        ],
        "issued": alert.issued.isoformat(),
        "expires": alert.expires.isoformat(),
        "time_valid": alert.time_valid,
        "purge_minutes": alert.purge_minutes,
        "sender": alert.sender,
        "received": alert.received.isoformat(),
        "late": alert.late,
        "confidence": alert.confidence,
        "partial": alert.partial,
        "best_guess": alert.best_guess,
        "bursts": alert.bursts,
        "corroborated": alert.corroborated,
        "test": alert.test,
        "self_test": alert.self_test,
        "message": alert.message,
    }


def alert_from_fields(told: Mapping[str, Any]) -> Alert:
    """Return the alert that such fields tell of; others are passed over. Raises ContractError.

    `recording` is not among them: where it lies is for whoever has it to say.
    """
    plain: dict[str, Any] = {
        one.name: _plain(told, one.name, KINDS[str(getattr(one.type, "__name__", ""))])
        for one in fields(Alert)
        if getattr(one.type, "__name__", "") in KINDS
        and (one.name in told or one.default is MISSING)
    }
    plain |= {name: utc_time(told, name) for name in TIMES}
    channels = _list(told, "channels", MOST_CHANNELS)
    if not all(isinstance(one, str) and len(one) <= 100 for one in channels):
        raise ContractError("channels holds no names.")
    places = tuple(_place(one) for one in _list(told, "locations", MOST_PLACES))
    return Alert(**plain, channels=tuple(channels), locations=places)


def _place(told: Any) -> AlertLocation:
    if not isinstance(told, Mapping):
        raise ContractError("locations holds what is no place.")
    return AlertLocation(
        **{key: _plain(told, key, kind) for key, kind in PLACE.items()}
    )


def _plain(told: Mapping[str, Any], key: str, kind: type) -> Any:
    value = told.get(key)
    too_great = type(value) is int and abs(value) >= BEYOND
    if kind is float and type(value) is int and not too_great:
        value = float(value)
    too_long = isinstance(value, str) and len(value) > LONGEST_TEXT
    not_finite = isinstance(value, float) and not math.isfinite(value)
    if type(value) is not kind or too_long or not_finite or too_great:
        raise ContractError(f"{key} is missing, or not of its kind.")
    return value


def _list(told: Mapping[str, Any], key: str, most: int) -> list[Any]:
    value = told.get(key)
    if not isinstance(value, list | tuple) or len(value) > most:
        raise ContractError(f"{key} is no list, or too long.")
    return [*value]


def utc_time(told: Mapping[str, Any], key: str) -> datetime:
    """Return the time that a field has, one without a zone taken for UTC; raises ContractError."""
    try:
        time = datetime.fromisoformat(told[key])
        time = time.replace(tzinfo=time.tzinfo or UTC).astimezone(UTC)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ContractError(f"{key} is no time.") from error
    if not FIRST_YEAR <= time.year <= LAST_YEAR:
        raise ContractError(f"{key} is no time of ours.")
    return time


def end_fields(end: EndOfMessage) -> dict[str, Any]:
    """Return what an end of message says, its time in ISO 8601."""
    return {
        "channels": list(end.channels),
        "alert_id": end.alert_id,
        "received": end.received.isoformat(),
        "duration_s": end.duration_s,
    }


def recording_fields(finished: RecordingFinished) -> dict[str, Any]:
    """Return what is told of a recording that can be had, times in ISO 8601 and seconds."""
    return {
        "alert_id": finished.alert_id,
        "name": finished.name,
        "received": finished.at.isoformat(),
        "duration_s": finished.duration_s,
        "complete": finished.complete,
    }
