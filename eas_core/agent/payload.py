"""Taking a payload apart that somebody else wrote; all of it raises PayloadError."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, TypeGuard

from ..errors import EasError
from ..plain_json import parse_json
from ..station.contract import ContractError, utc_time
from .topics import VERSION

LONGEST: Final = 65_536
"""Bytes of a payload that can be what it says; a whole `health` of many stations is a tenth."""

LONGEST_NAME: Final = 100
YEARS: Final = (1970, 2199)
"""A clock that was never set begins with the first; with both there can be reckoned."""


class PayloadError(EasError):
    """A message that is none of an agent's; the text says why."""


class NewerVersionError(PayloadError):
    """A message of a later version than this one reads; the text says what to update."""


def read_json(payload: bytes | str) -> Mapping[str, Any]:
    """Return the object that a payload is, of a version that can be read."""
    if len(payload) > LONGEST:
        raise PayloadError(f"It is longer than {LONGEST} bytes.")
    try:
        told = parse_json(payload)
    except ValueError as error:
        raise PayloadError("It is no JSON.") from error
    if not isinstance(told, dict):
        raise PayloadError("It is no JSON object.")
    version = told.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise PayloadError("It has no version.")
    if version > VERSION:
        raise NewerVersionError(
            f"The agent speaks version {version} and this reads {VERSION}: update EAS Station."
        )
    return told


def each_of[Made](
    told: Mapping[str, Any], key: str, most: int, make: Callable[[Any], Made]
) -> list[Made]:
    """Return what is made of each object in a list of no more than so many."""
    found = told.get(key)
    if not isinstance(found, list) or len(found) > most:
        raise PayloadError(f"{key} is no list, or too long.")
    if not all(isinstance(one, dict) for one in found):
        raise PayloadError(f"{key} is no list of objects.")
    return [make(one) for one in found]


def text_of(told: Mapping[str, Any], key: str) -> str:
    """Return a short text."""
    text = told.get(key)
    if not isinstance(text, str) or not 0 < len(text) <= LONGEST_NAME:
        raise PayloadError(f"{key} is no short text.")
    return text


def flag_of(told: Mapping[str, Any], key: str) -> bool:
    """Return a flag, false where none is said."""
    flag = told.get(key, False)
    if not isinstance(flag, bool):
        raise PayloadError(f"{key} is neither true nor false.")
    return flag


def count_of(told: Mapping[str, Any], key: str) -> int:
    """Return a count, 0 where none is said."""
    count = told.get(key, 0)
    if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count < 2**53:
        raise PayloadError(f"{key} is no count.")
    return count


def time_of(told: Mapping[str, Any], key: str) -> datetime:
    """Return a time, aware and UTC."""
    try:
        time = utc_time(told, key)
    except ContractError as error:
        raise PayloadError(str(error)) from error
    return check_time(time, key)


def check_time(time: datetime, key: str) -> datetime:
    """Return a time that can be reckoned with."""
    if not YEARS[0] <= time.year <= YEARS[1]:
        raise PayloadError(f"{key} is of no year of ours.")
    return time


def is_number(value: object) -> TypeGuard[float]:
    """Whether a value is a number that something measured can be."""
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and abs(value) < 1e12
    )
