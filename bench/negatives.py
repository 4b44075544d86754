"""Audio that holds no message, and much that looks like one: half an hour a kind."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import numpy as np

from bench.channel import random_header
from bench.impairments import Audio, voice_like
from eas_core.audio.files import read_blocks
from eas_core.modem.encoder import attention_signal, encode_bursts, modulate, to_bits

type Maker = Callable[[int, int, np.random.Generator], Audio]

SPOKEN: Final = (
    Path(__file__).parent.parent / "eas_core" / "sources" / "data" / "voice.ogg"
)


def _noise(length: int, rate: int, rng: np.random.Generator) -> Audio:
    return rng.standard_normal(length, np.float32) * np.float32(
        10 ** rng.uniform(-4, 0)
    )


def _tones(
    length: int, rate: int, rng: np.random.Generator, table: list[tuple[float, ...]]
) -> Audio:
    """Steps of 40–200 ms, each of one row's tones."""
    parts: list[Audio] = []
    held = 0
    while held < length:
        count = int(rng.integers(rate // 25, rate // 5))
        time = np.arange(count) / rate
        row = table[int(rng.integers(len(table)))]
        tone = sum((np.sin(2 * np.pi * one * time) for one in row), np.zeros(count))
        parts.append((0.3 * tone).astype(np.float32))
        held += count
    return np.concatenate(parts)[:length]


def _dialling(length: int, rate: int, rng: np.random.Generator) -> Audio:
    rows, columns = (697.0, 770.0, 852.0, 941.0), (1209.0, 1336.0, 1477.0, 1633.0)
    table = [(low, high) for low in rows for high in columns]
    return _tones(length, rate, rng, [*table, ()])


def _music(length: int, rate: int, rng: np.random.Generator) -> Audio:
    notes = [440.0 * 2 ** (step / 12) for step in range(-24, 30)]
    table = []
    for _ in range(200):
        chord = rng.choice(notes, int(rng.integers(1, 4)), replace=False)
        table.append(tuple(float(note * k) for note in chord for k in (1, 2, 3)))
    return _tones(length, rate, rng, table)


def _near_tones(length: int, rate: int, rng: np.random.Generator) -> Audio:
    """Mark and space in turn, at many speeds: melodies that a preamble is made of."""
    table = [(2083.3,), (1562.5,), (2083.3, 1562.5), ()]
    return _tones(length, rate, rng, table)


def _packet(length: int, rate: int, rng: np.random.Generator) -> Audio:
    """1200 baud of random bits at 1200 and 2200 Hz, and at SAME's own tones and baud."""
    time = np.arange(length) / rate
    bits = rng.integers(0, 2, int(1200 * length / rate) + 1)
    held = bits[(time * 1200).astype(int)]
    phase = 2 * np.pi * np.cumsum(np.where(held == 1, 1200.0, 2200.0)) / rate
    return (0.3 * np.sin(phase)).astype(np.float32)


def _random_bits(length: int, rate: int, rng: np.random.Generator) -> Audio:
    count = int(520.9 * length / rate) + 1
    bits = rng.integers(0, 2, count).astype(np.uint8)
    return modulate(bits, rate, amplitude=0.3)[:length]


def _fax(length: int, rate: int, rng: np.random.Generator) -> Audio:
    """Calling and answering tones, and V.21 at 300 baud."""
    return _tones(length, rate, rng, [(1100.0,), (2100.0,), (1650.0,), (1850.0,), ()])


def _alarm(length: int, rate: int, rng: np.random.Generator) -> Audio:
    parts = []
    for kind in ("nwr", "broadcast") * (length // (20 * rate) + 1):
        seconds = float(rng.uniform(1, 12))
        parts.append(attention_signal(kind, seconds, rate, amplitude=0.4))
        parts.append(np.zeros(rate, np.float32))
    return np.resize(np.concatenate(parts), length).astype(np.float32)


def _voice(length: int, rate: int, rng: np.random.Generator) -> Audio:
    return voice_like(length, rate, rng)


def _speech(length: int, rate: int, rng: np.random.Generator) -> Audio:
    """A synthetic voice at other speeds, so that no two minutes are the same."""
    spoken = np.concatenate([block.samples for block in read_blocks(SPOKEN, rate)])
    parts: list[Audio] = []
    held = 0
    while held < length:
        speed = rng.uniform(0.6, 1.7)
        at = np.arange(0, len(spoken) - 1, speed)
        part = np.interp(at, np.arange(len(spoken)), spoken).astype(np.float32)
        parts.append(part)
        held += len(part)
    return np.concatenate(parts)[:length]


def _repeat(payload: Callable[[], Audio], length: int) -> Audio:
    parts: list[Audio] = []
    held = 0
    while held < length:
        parts.append(payload())
        held += len(parts[-1])
    return np.concatenate(parts)[:length]


def _truncated(length: int, rate: int, rng: np.random.Generator) -> Audio:
    """Headers cut off before their sender is over."""

    def one() -> Audio:
        text = random_header(rng).encode().encode()
        cut = int(rng.integers(0, len(text) - 8))
        bursts = encode_bursts(text[:cut], rate)
        noise = rng.standard_normal(len(bursts), np.float32)
        return bursts + noise * np.float32(rng.uniform(0, 0.3))

    return _repeat(one, length)


def _uart(length: int, rate: int, rng: np.random.Generator) -> Audio:
    """Headers with a start and a stop bit around each byte."""

    def one() -> Audio:
        text = b"\xab" * 16 + random_header(rng).encode().encode()
        bits = [np.concatenate(([0], to_bits(bytes([letter])), [1])) for letter in text]
        burst = modulate(np.concatenate(bits).astype(np.uint8), rate)
        gap = np.zeros(rate, np.float32)
        return np.concatenate((burst, gap, burst, gap, burst, gap))

    return _repeat(one, length)


def _texts(length: int, rate: int, rng: np.random.Generator) -> Audio:
    """Preamble and ZCZC, and then any letters."""

    def one() -> Audio:
        letters = bytes(rng.integers(32, 127, int(rng.integers(5, 80))).tolist())
        return encode_bursts(b"ZCZC-" + letters, rate)

    return _repeat(one, length)


KINDS: Final[Mapping[str, Maker]] = {
    "noise": _noise,
    "speech": _speech,
    "voice-like noise": _voice,
    "music": _music,
    "dialling tones": _dialling,
    "mark and space in turn": _near_tones,
    "packet, 1200 baud": _packet,
    "random bits at 520 baud": _random_bits,
    "fax tones": _fax,
    "attention signals": _alarm,
    "truncated headers": _truncated,
    "UART-framed headers": _uart,
    "ZCZC and any letters": _texts,
}


def negatives(
    seconds: float, rate: int, seed: int
) -> Iterator[tuple[str, Iterator[Audio]]]:
    """Yield each kind with its audio, in minutes, `seconds` of it in all."""
    for index, (name, maker) in enumerate(KINDS.items()):
        rng = np.random.default_rng((seed, index))

        def minutes(
            maker: Maker = maker, rng: np.random.Generator = rng
        ) -> Iterator[Audio]:
            left = seconds
            while left > 0:
                part = min(60.0, left)
                yield maker(round(part * rate), rate, rng)
                left -= part

        yield name, minutes()
