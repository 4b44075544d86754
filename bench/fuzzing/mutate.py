"""What is right, made wrong here and there: bytes, text, and values of JSON.

Random input is refused at the first letter. What was right once and is wrong
in one place gets as far as there is code to reach.
"""

from collections.abc import Sequence
from copy import deepcopy
from random import Random
from typing import Any, Final

LONG: Final = 20_000
"""In letters or bytes; longer than any limit that a reader here has of its own, but for whole payloads."""

DEEP: Final = 2_000
"""Lists in lists: deeper than Python recurses."""

LETTERS: Final = (
    *("\x00", "\n", "\r\n", "\t", "\x1b", "\x7f", "\x85", "\xa0", "\u2028", "\ufeff"),
    *("\ud800", "\udfff", "\U0001f32a", "\u202e", "é", "İ", "ß", "ﬀ", "٣", "３", "²"),
    *("-", "+", "/", "\\", ".", "..", "../", "%2e%2e%2f", "%00", "%", "#", "?", "&"),
    *("'", '"', "`", "$(id)", "{{ 7 * 7 }}", "{", "}", "[", "]", "<b>", ";", ":", "="),
    *("ZCZC", "NNNN", "-0", "1e999", "NaN", "0x10", "1_0", " ", "*", "~"),
)
NUMBERS: Final = (
    *(0, -0.0, 1, -1, 0.5, 255, 256, 65_535, 65_536, 2**31 - 1, 2**31, -(2**31)),
    *(2**32, 2**53, 2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1, 2**64, 10**30, 10**400),
    *(1e-320, 1e15, 1e308, -1e308, float("nan"), float("inf"), float("-inf"), 1e-9),
)
TIMES: Final = (
    *("2026-06-08T18:30:12.345+00:00", "2026-06-08", "2026-06-08T18:30", "24:00"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00"),
    *("9999-12-31T23:59:59.999999", "2024-02-30T00:00:00Z", "2026-W24-1", "20260608"),
    *("2026-06-08T18:30:12+23:59:59.999999", "1969-12-31T23:59:59Z", "now"),
)


def mutate_bytes(rng: Random, data: bytes, others: Sequence[bytes] = ()) -> bytes:
    """Return bytes that differ from `data` in one to four places; spliced with one of the others."""
    made = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        _harm_bytes(rng, made, others)
    return bytes(made)


def _harm_bytes(rng: Random, made: bytearray, others: Sequence[bytes]) -> None:
    at = rng.randrange(len(made) + 1)
    end = min(len(made), at + rng.choice((1, 2, 4, 16, 100)))
    match rng.randrange(9):
        case 0 if at < len(made):
            made[at] ^= 1 << rng.randrange(8)
        case 1 if at < len(made):
            made[at] = rng.choice((0, 1, 0x7F, 0x80, 0xFE, 0xFF, rng.randrange(256)))
        case 2:
            made[at:at] = rng.randbytes(rng.choice((1, 2, 4, 8, 64)))
        case 3:
            del made[at:end]
        case 4:
            made[at:at] = made[at:end] * rng.choice((1, 2, 50))
        case 5:
            del made[at:]
        case 6 if others:
            other = rng.choice(others)
            made[at:] = other[rng.randrange(len(other) + 1) :]
        case 7:
            width = rng.choice((2, 4, 8))
            value = rng.choice((0, 1, 2 ** (8 * width - 1), 2 ** (8 * width) - 1))
            made[at : at + width] = value.to_bytes(width, rng.choice(("big", "little")))
        case _:
            made[at:at] = bytes([rng.randrange(256)]) * rng.choice((3, 300, LONG))


def mutate_text(rng: Random, text: str, others: Sequence[str] = ()) -> str:
    """Return text that differs from `text` in one to four places; spliced with one of the others."""
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        text = _harm_text(rng, text, others)
    return text


def _harm_text(rng: Random, text: str, others: Sequence[str]) -> str:
    at = rng.randrange(len(text) + 1)
    end = min(len(text), at + rng.choice((1, 1, 2, 7, 30)))
    match rng.randrange(8):
        case 0:
            return text[:at] + rng.choice(LETTERS) + text[at:]
        case 1:
            return text[:at] + rng.choice(LETTERS) + text[end:]
        case 2:
            return text[:at] + chr(rng.randrange(32, 127)) + text[at + 1 :]
        case 3:
            return text[:at] + text[end:]
        case 4:
            return text[:at] + text[at:end] * rng.choice((2, 3, 40)) + text[end:]
        case 5:
            return rng.choice((text[:at], text[at:], text.swapcase()))
        case 6 if others:
            other = rng.choice(others)
            return text[:at] + other[rng.randrange(len(other) + 1) :]
        case _:
            long = rng.choice((3, 40, LONG)) if not rng.randrange(8) else 3
            return text[:at] + rng.choice((*LETTERS, "A", "9")) * long + text[at:]


def any_json(rng: Random, depth: int = 3) -> Any:
    """Return any value that JSON can hold, and a little more: NaN, huge numbers, half characters."""
    match rng.randrange(11 if depth else 8):
        case 0 | 1:
            return rng.choice((None, True, False))
        case 2 | 3:
            return rng.choice(NUMBERS)
        case 4:
            return rng.choice(TIMES)
        case 5:
            return rng.choice(("", *LETTERS))
        case 6:
            return rng.choice(LETTERS) * rng.choice((1, 5, 400, LONG))
        case 7:
            return rng.randrange(-10, 10_000)
        case 8:
            return [any_json(rng, depth - 1) for _ in range(rng.randrange(4))]
        case 9:
            count = rng.randrange(4)
            return {rng.choice(LETTERS): any_json(rng, depth - 1) for _ in range(count)}
        case _:
            return nested(rng.choice((5, 200, DEEP)))


def nested(depth: int) -> Any:
    """Return lists in lists, so deep."""
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


def mutate_json(rng: Random, value: Any) -> Any:
    """Return a value that differs from what JSON held in one to three places."""
    try:
        root = [deepcopy(value)]
    except RecursionError:
        return value
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        holder, key = _place(rng, root)
        _harm_json(rng, holder, key)
    return root[0] if root else None


def _place(rng: Random, root: list[Any]) -> tuple[Any, Any]:
    """Return a list or dict within, and a key of it."""
    places: list[tuple[Any, Any]] = []
    waiting: list[Any] = [root]
    while waiting and len(places) < 500:
        holder = waiting.pop()
        keys = range(len(holder)) if isinstance(holder, list) else [*holder]
        places += [(holder, key) for key in keys]
        waiting += [holder[key] for key in keys if isinstance(holder[key], list | dict)]
    return rng.choice(places or [([None], 0)])


def _harm_json(rng: Random, holder: Any, key: Any) -> None:
    old = holder[key]
    match rng.randrange(8):
        case 0 if isinstance(holder, dict):
            del holder[key]
        case 1 if isinstance(holder, dict):
            holder[mutate_text(rng, str(key))] = holder.pop(key)
        case 2 if isinstance(old, list):
            holder[key] = old * rng.choice((0, 2, 40))
        case 2 | 3 if isinstance(old, str):
            holder[key] = mutate_text(rng, old)
        case 3 if isinstance(old, int | float):
            holder[key] = rng.choice((f"{old}", -old, old * 10**9, old + 1, bool(old)))
        case 4:
            holder[key] = rng.choice(NUMBERS)
        case 5:
            holder[key] = rng.choice(([old], {"x": old}, str(old)[:LONG], [old] * 3))
        case 6:
            holder[key] = rng.choice(TIMES)
        case _:
            holder[key] = any_json(rng)
