"""JSON from others, which will be written again: to a file, to Home Assistant's bus, to a browser."""

from collections.abc import Iterable
import json
from typing import Any, Final

DEEPEST: Final = 32
"""Lists and objects in one another; what is read here has four."""


def parse_json(text: bytes | str) -> Any:
    """Return what JSON holds; raises ValueError for what is none, and for what cannot be written as it.

    Python reads NaN, halves of characters and a thousand lists in one another,
    which others then cannot write.
    """
    try:
        told = json.loads(text)
    except RecursionError as error:
        raise ValueError("It is nested too deeply.") from error
    check_depth(told)
    json.dumps(told, ensure_ascii=False, allow_nan=False).encode()
    return told


def check_depth(told: Any) -> None:
    """Raise ValueError for what is nested deeper than anything that is written here.

    orjson 3.11.9, which Home Assistant writes with, damages the process's heap where
    some two hundred lists are in one another.
    """
    within, depth = [told], 0
    while within := [each for one in within for each in _inner(one)]:
        depth += 1
        if depth > DEEPEST:
            raise ValueError("It is nested too deeply.")


def _inner(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
