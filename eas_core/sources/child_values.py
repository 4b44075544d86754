"""Dataclasses of plain values as JSON and back, by their types alone: nothing is unpickled."""

from dataclasses import asdict, fields, is_dataclass
from enum import Enum
import json
from pathlib import PurePath
from typing import (
    Any,
    Literal,
    TypeAliasType,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)


def to_json(value: Any) -> str:
    """Return a dataclass, or lists and dicts of them, as one line of JSON.

    Raises TypeError for what is no plain value: scalars, enums, paths, and
    tuples, lists and dataclasses of those.
    """
    return json.dumps(value, default=_to_plain, separators=(",", ":"))


def from_plain(form: Any, value: Any) -> Any:
    """Return the `form` (a type, as in an annotation) that JSON held as `value`.

    Raises TypeError or ValueError where the value is no such thing.
    """
    if isinstance(form, TypeAliasType):
        return from_plain(form.__value__, value)
    origin, arguments = get_origin(form), get_args(form)
    if origin is Union:
        return _first_that_fits(arguments, value)
    if origin is Literal and value in arguments:
        return value
    if origin in (list, tuple) and isinstance(value, list):
        return origin(_items(arguments, value))
    if form is Any:
        return value
    if isinstance(form, type):
        return _of_class(form, value)
    raise TypeError(f"{value!r} is no {form}")


def _to_plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, PurePath):
        return str(value)
    raise TypeError(f"{value!r} is no plain value")


def _of_class(form: type, value: Any) -> Any:
    if is_dataclass(form) and isinstance(value, dict):
        hints = get_type_hints(form)
        names = [each.name for each in fields(form) if each.init and each.name in value]
        return form(**{name: from_plain(hints[name], value[name]) for name in names})
    if issubclass(form, (Enum, PurePath)):
        return form(value)
    if form is float and type(value) is int:
        return float(value)
    if type(value) is form:
        return value
    raise TypeError(f"{value!r} is no {form.__name__}")


def _first_that_fits(forms: tuple[Any, ...], value: Any) -> Any:
    for form in forms:
        try:
            return from_plain(form, value)
        except TypeError, ValueError:
            continue
    raise TypeError(f"{value!r} is none of {forms}")


def _items(forms: tuple[Any, ...], values: list[Any]) -> list[Any]:
    if len(forms) == 1 or forms[1:] == (...,):
        forms = forms[:1] * len(values)
    return [from_plain(form, each) for form, each in zip(forms, values, strict=True)]
