#!/usr/bin/env python3
"""What a decoder can reach at best: bench/limit.py [--messages N].

Draws the log-likelihood ratios of three bursts as an ideal receiver has them
(time and phase known, white noise), sums them, and reads them with the
grammar. Prints for each Eb/N0 how many of N messages come out.

Coherent orthogonal signalling: a bit's ratio is normal with mean 2·Eb/N0 and
twice that as its variance (Proakis, Digital Communications, 4.2).
"""

import argparse
from pathlib import Path
import sys

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.channel import random_header
from eas_core.modem.encoder import to_bits
from eas_core.modem.grammar import read_sentence

BURSTS = 3
LEVELS = (2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0)
NAMES = (
    "hard bits of one burst",
    "hard bits of the sum",
    "best guess",
    "whole, certain",
    "event and a place",
)


def rates(level: float, messages: int, seed: int) -> tuple[list[float], int]:
    """Return the shares that come out in NAMES' order, and certain but wrong ones."""
    rng = np.random.default_rng((seed, int(level * 100)))
    ratio = 10 ** (level / 10)
    counts = np.zeros(len(NAMES))
    wrong = 0
    for _ in range(messages):
        sent = random_header(rng).encode()
        signs = to_bits(sent.encode()).astype(float) * 2 - 1
        noise = rng.standard_normal((BURSTS, len(signs)))
        llr = signs * 2 * ratio + noise * np.sqrt(4 * ratio)
        total = llr.sum(axis=0)
        best = read_sentence(total, len(sent), ())
        shown = best.header or ""
        fits = len(shown) == len(sent) and all(
            one in ("?", two) for one, two in zip(shown, sent, strict=True)
        )
        counts += (
            bool((llr * signs > 0).all(axis=1).any()),
            bool((total * signs > 0).all()),
            best.best_guess == sent,
            shown == sent,
            bool(shown) and fits,
        )
        wrong += bool(shown) and not fits
    return [float(count) / messages for count in counts], wrong


def crossing(levels: list[float], shares: list[float], share: float = 0.9) -> float:
    """Return the level at which the share is reached, by a line between levels."""
    for index in range(1, len(levels)):
        low, high = shares[index - 1], shares[index]
        if low < share <= high:
            step = (share - low) / (high - low)
            return levels[index - 1] + step * (levels[index] - levels[index - 1])
    return float("nan")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    print("Eb/N0   " + "   ".join(NAMES) + "   certain, wrong")
    curves = []
    for level in LEVELS:
        shares, wrong = rates(level, arguments.messages, arguments.seed)
        curves.append(shares)
        cells = "   ".join(
            f"{share:{len(name)}.3f}" for share, name in zip(shares, NAMES, strict=True)
        )
        print(f"{level:5.1f}   {cells}   {wrong:14d}")
    levels = list(LEVELS)
    for index, name in enumerate(NAMES):
        shares = [curve[index] for curve in curves]
        half, most = (crossing(levels, shares, share) for share in (0.5, 0.9))
        print(f"{name:24} 50 % at {half:4.1f} dB, 90 % at {most:4.1f} dB")


if __name__ == "__main__":
    main()
