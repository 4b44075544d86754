"""Audio that means ill: what a decoder may take for a message, and what no decoder can add up."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bench.channel import random_header
from eas_core.modem.encoder import encode_burst, modulate, silence, to_bits

type Audio = NDArray[np.float32]

PREAMBLE: Final = b"\xab" * 16
BAUD: Final = 520.8333


@dataclass(slots=True)
class Piece:
    """A block, and the texts of which at least a part can be heard in it."""

    samples: Any
    texts: list[str] = field(default_factory=list)
    kind: str = ""


def _noise(rng: np.random.Generator, rate: int, length: int) -> Audio:
    level = np.float32(10.0 ** rng.uniform(-30, 30))
    return rng.standard_normal(length, np.float32) * level


def _square(rng: np.random.Generator, rate: int, length: int) -> Audio:
    """Full scale, at the tones, at the speed of the bits, or anywhere."""
    tone = rng.choice((2083.33, 1562.5, BAUD, BAUD / 2, rng.uniform(0.1, rate)))
    level = np.float32(rng.choice((1.0, 32_768.0, 1e4)))
    wave = np.sign(np.sin(2 * np.pi * tone * np.arange(length) / rate))
    made: Audio = (level * wave).astype(np.float32)
    return made


def _level(rng: np.random.Generator, rate: int, length: int) -> Audio:
    return np.full(
        length, rng.choice((0.0, -0.0, 1.0, -1.0, 1e4, 1e-40, 3.4e38)), np.float32
    )


def _clicks(rng: np.random.Generator, rate: int, length: int) -> Audio:
    audio = np.zeros(length, np.float32)
    at = rng.random(length) < 0.01
    audio[at] = np.float32(rng.choice((1.0, 1e4, -1e30)))
    return audio


def _no_numbers(rng: np.random.Generator, rate: int, length: int) -> Audio:
    audio = rng.standard_normal(length, np.float32)
    audio[rng.random(length) < rng.choice((0.001, 0.5, 1.0))] = rng.choice(
        (np.nan, np.inf, -np.inf)
    )
    return audio


def _denormals(rng: np.random.Generator, rate: int, length: int) -> Audio:
    return (rng.standard_normal(length) * 1e-41).astype(np.float32)


def _preamble(rng: np.random.Generator, rate: int, length: int) -> Audio:
    """A preamble that does not end."""
    bits = np.resize(to_bits(b"\xab"), int(length / rate * BAUD) + 2)
    return modulate(bits, rate, amplitude=float(rng.uniform(0.01, 1)))[:length]


def _random_bits(rng: np.random.Generator, rate: int, length: int) -> Audio:
    bits = rng.integers(0, 2, int(length / rate * BAUD) + 2).astype(np.uint8)
    return modulate(bits, rate)[:length]


def _wrong_speed(rng: np.random.Generator, rate: int, length: int) -> Audio:
    """The right bytes at a speed, or at tones, that are far from right."""
    bits = to_bits(PREAMBLE + random_header(rng).encode().encode())
    if rng.random() < 0.5:
        error = float(rng.choice((-1, 1)) * rng.uniform(0.1, 0.45))
        return modulate(bits, rate, baud_error=error)[:length]
    offset = float(rng.choice((-1, 1)) * rng.uniform(250, 1400))
    return modulate(bits, rate, tone_offset=offset)[:length]


def _wrong_order(rng: np.random.Generator, rate: int, length: int) -> Audio:
    """The right bytes with the bits turned around, backwards, or with the tones changed."""
    text = PREAMBLE + random_header(rng).encode().encode()
    match int(rng.integers(3)):
        case 0:
            return modulate(np.unpackbits(np.frombuffer(text, np.uint8)), rate)[:length]
        case 1:
            return modulate(to_bits(text), rate)[::-1][:length]
        case _:
            return modulate(1 - to_bits(text), rate)[:length]


NOTHING: Final[tuple[Callable[[np.random.Generator, int, int], Audio], ...]] = (
    *(_noise, _square, _level, _clicks, _no_numbers, _denormals, _preamble),
    *(_random_bits, _wrong_speed, _wrong_order),
)
"""Makers of float32[up to n] at a rate in Hz that hold no message."""


def something(rng: np.random.Generator, rate: int) -> Piece:
    """Return a burst of a header that is cut off, has no end, or is told to the end."""
    header = random_header(rng).encode()
    match int(rng.integers(4)):
        case 0:
            text = header[: int(rng.integers(5, len(header)))]
        case 1:
            places = "".join(f"{rng.integers(10**6):06}-" for _ in range(60))
            text = f"{header[:13]}{places}"
        case 2:
            letters = "".join(
                map(chr, rng.integers(32, 127, int(rng.integers(1, 260))))
            )
            text = f"ZCZC-{letters}"
        case _:
            text = header
    audio = encode_burst(text.encode(), rate, amplitude=float(rng.uniform(0.02, 1.0)))
    end = len(audio) if rng.random() < 0.5 else int(rng.integers(len(audio)))
    kind = ("cut", "endless", "letters", "header")
    pause = silence(float(rng.uniform(0, 1.2)), rate)
    return Piece(np.concatenate((audio[:end], pause)), [text], kind[0])


def piece(rng: Random, numbers: np.random.Generator, rate: int) -> Piece:
    """Return a block of 0 to 0.1 s, now and then of ten seconds."""
    length = rng.choice((0, 1, 3, 257, rate // 50, rate // 20, rate // 10 + 1))
    if not rng.randrange(400):
        length = 10 * rate
    if not rng.randrange(10):
        return something(numbers, rate)
    make = rng.choice(NOTHING)
    return Piece(make(numbers, rate, length), [], make.__name__.lstrip("_"))


def disguised(rng: Random, samples: Audio) -> Any:
    """Return samples in another type or shape: some still are mono audio, some are none."""
    match rng.randrange(24):
        case 0:
            return samples.astype(np.float64) * rng.choice((1.0, 1e300))
        case 1:
            return np.clip(np.nan_to_num(samples), -1, 1).astype(np.float16)
        case 2:
            return (np.clip(np.nan_to_num(samples), -1, 1) * 32_767).astype(np.int16)
        case 3:
            return np.nan_to_num(samples) > 0
        case 4:
            return samples.astype(">f4")
        case 5:
            return np.repeat(samples, 2)[::2]
        case 6:
            samples.flags.writeable = False
            return samples
        case 7:
            return samples[:, None]
        case 8:
            return samples.tolist()
        case 9:
            return rng.choice(
                (
                    np.stack((samples, samples)),
                    np.stack((samples, samples), axis=1),
                    samples.astype(np.complex64),
                    samples.astype(object),
                    np.array(["a", "b"]),
                    np.array([None, 1.0]),
                    np.array(["2026-06-08"], "datetime64[s]"),
                    [[1.0], [1.0, 2.0]],
                    b"\xab" * 16,
                    "ZCZC",
                    None,
                    {},
                    np.float32(1.0),
                    np.zeros((2, 2, 2), np.float32),
                    np.zeros((0, 3), np.float32),
                    np.zeros(2, "f4,f4"),
                )
            )
        case _:
            return samples
