#!/usr/bin/env python3
"""How well a decoder does: bench/decoder.py [--help].

Prints tables: messages out at each Eb/N0, recall under each impairment, whether
the confidence holds, what comes out of audio without messages, and the speed.
With --decoder NAME=COMMAND another program is scored on the same audio: it
reads raw s16le mono at 22050 Hz from standard input and prints a header a line,
with anything around it. --multimon does so for multimon-ng, from Debian.
"""

import argparse
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
import os
from pathlib import Path
import re
import shlex
import shutil
import subprocess
import sys
import time
from typing import Any

# One core for each process: what is measured is the decoder, not BLAS's threads.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np

from bench.channel import add_noise, bursts, random_header
from bench.impairments import AMPLITUDE, IMPAIRMENTS, Audio, Impairment
from bench.limit import LEVELS as LIMIT_LEVELS, NAMES as LIMIT_NAMES, crossing, rates
from bench.negatives import negatives
from bench.radio import codec, narrow_band_fm
from eas_core.audio.files import to_pcm
from eas_core.modem.decoder import SameDecoder
from eas_core.sources.simulator import SimulatorSource

RATE = 22_050
LEVELS = (
    -2.0,
    0.0,
    2.0,
    3.0,
    4.0,
    4.5,
    5.0,
    5.5,
    6.0,
    6.5,
    7.0,
    7.5,
    8.0,
    9.0,
    10.0,
    12.0,
    14.0,
)
IMPAIRED_LEVEL = 20.0
LIMIT_MESSAGES = 200
CHANGES: dict[str, Impairment] = {
    **IMPAIRMENTS,
    "FM at 8 dB": narrow_band_fm(8.0, AMPLITUDE),
    "FM at 6 dB": narrow_band_fm(6.0, AMPLITUDE),
    "MP3, 16 kbit/s": codec("mp3", "mp3", 22050, 16_000),
    "AAC, 24 kbit/s": codec("aac", "adts", 22050, 24_000),
    "Opus, 12 kbit/s": codec("libopus", "ogg", 48000, 12_000),
}
TRANSMISSIONS = (
    "off tune, off speed",
    "one burst missing",
    "one burst only",
    "odd gaps",
    "weak first",
)
OURS = "eas_core"
MULTIMON = "multimon-ng -q -t raw -a EAS -"
HEADER = re.compile(r"ZCZC-[ -~]*-")


@dataclass
class Score:
    """What came out of some messages."""

    sent: int = 0
    whole: int = 0
    partial: int = 0
    guess: int = 0
    wrong: int = 0
    confidences: list[tuple[float, bool]] = field(default_factory=list)

    def add(self, other: Score) -> None:
        """Take another's counts."""
        self.sent += other.sent
        self.whole += other.whole
        self.partial += other.partial
        self.guess += other.guess
        self.wrong += other.wrong
        self.confidences += other.confidences


def decode(audio: Audio, command: str) -> list[tuple[str, str, float]]:
    """Return header, best guess and confidence of each message."""
    if command == OURS:
        decoder = SameDecoder(RATE)
        found = decoder.feed(audio) + decoder.flush()
        return [
            (message.header, message.best_guess, message.confidence)
            for message in found
            if not message.end_of_message
        ]
    loudest = max(1.0, float(np.abs(audio).max()) / 0.95)
    done = subprocess.run(
        shlex.split(command),
        input=to_pcm(audio / np.float32(loudest)),
        capture_output=True,
        check=False,
    )
    text = done.stdout.decode("ascii", "replace")
    headers = dict.fromkeys(HEADER.findall(text))
    return [(header, header, 1.0) for header in headers]


def score_one(sent: str, found: list[tuple[str, str, float]]) -> Score:
    """Count what came out of one message."""
    score = Score(sent=1)
    for header, guess, confidence in found:
        fits = len(header) == len(sent) and all(
            one in ("?", two) for one, two in zip(header, sent, strict=True)
        )
        score.wrong = max(score.wrong, int(not fits))
        score.whole = max(score.whole, int(header == sent))
        score.partial = max(score.partial, int(fits and header != sent))
        score.guess = max(score.guess, int(guess == sent))
        score.confidences.append((confidence, guess == sent))
    score.partial = min(score.partial, 1 - score.whole)
    return score


def _transmission(name: str, rng: np.random.Generator) -> dict[str, Any]:
    """Return how a message is sent: its bursts' gaps and levels, its tune and speed."""
    options: dict[str, Any] = {"gaps": (1.0, 1.0, 0.5)}
    loud, none = AMPLITUDE, 0.0
    match name:
        case "off tune, off speed":
            options["baud_error"] = rng.uniform(-0.01, 0.01)
            options["tone_offset"] = rng.uniform(-40, 40)
        case "one burst missing":
            levels = [loud, loud, loud]
            levels[int(rng.integers(3))] = none
            options["amplitudes"] = tuple(levels)
        case "one burst only":
            options["amplitudes"] = (loud, none, none)
        case "odd gaps":
            options["gaps"] = tuple(float(gap) for gap in rng.uniform(0.4, 2.0, 3))
        case "weak first":
            options["amplitudes"] = (loud / 10, loud, loud)
    return options


def run_job(job: tuple[str, float, str, int, int]) -> Score:
    """Score some messages of one level and impairment."""
    command, level, impairment, seed, count = job
    rng = np.random.default_rng((seed, int(level * 10) + 1000))
    total = Score()
    for _ in range(count):
        sent = random_header(rng).encode()
        options = _transmission(impairment, rng)
        audio = bursts(sent.encode(), RATE, **options)
        change = CHANGES.get(impairment)
        if change is not None:
            audio = change(audio, RATE, rng)
        total.add(score_one(sent, decode(add_noise(audio, level, RATE, rng), command)))
    return total


def scores(
    pool: ProcessPoolExecutor,
    command: str,
    cases: list[tuple[float, str]],
    messages: int,
    seed: int,
) -> list[Score]:
    """Return a score for each level and impairment, on all cores."""
    step = 10
    jobs = [
        (command, level, impairment, seed + start, min(step, messages - start))
        for level, impairment in cases
        for start in range(0, messages, step)
    ]
    results = list(pool.map(run_job, jobs))
    out = []
    each = -(-messages // step)
    for index in range(len(cases)):
        total = Score()
        for part in results[index * each : (index + 1) * each]:
            total.add(part)
        out.append(total)
    return out


def level_table(name: str, found: list[Score]) -> dict[str, list[float]]:
    """Print what came out at each level; return the curves."""
    print(f"\n{name}: of {found[0].sent} messages a level, three bursts, white noise")
    print("Eb/N0   whole  partial  best guess  any  wrong")
    curves: dict[str, list[float]] = {"whole": [], "best guess": [], "any": []}
    for level, score in zip(LEVELS, found, strict=True):
        given = score.whole + score.partial
        curves["whole"].append(score.whole / score.sent)
        curves["best guess"].append(score.guess / score.sent)
        curves["any"].append(given / score.sent)
        print(
            f"{level:5.1f} {score.whole:7d} {score.partial:8d} {score.guess:11d}"
            f" {given:4d} {score.wrong:6d}"
        )
    for curve, shares in curves.items():
        points = [crossing(list(LEVELS), shares, share) for share in (0.5, 0.9)]
        print(f"{curve:12} 50 % at {points[0]:5.2f} dB, 90 % at {points[1]:5.2f} dB")
    wrong, sent = sum(one.wrong for one in found), sum(one.sent for one in found)
    print(f"wrong in {wrong} of {sent} messages")
    return curves


def reliability_table(found: list[Score]) -> None:
    """Print how often a confidence was right."""
    pairs = np.array(
        [pair for score in found for pair in score.confidences], float
    ).reshape(-1, 2)
    print("\nconfidence said   messages   right")
    edges = (0.0, 0.1, 0.3, 0.5, 0.7, 0.85, 0.95, 0.99, 0.999, 1.0001)
    for low, high in pairwise(edges):
        inside = pairs[(pairs[:, 0] >= low) & (pairs[:, 0] < high)]
        if len(inside):
            print(
                f"{low:6.3f} – {min(high, 1.0):5.3f} {len(inside):10d}"
                f" {inside[:, 1].mean():8.4f}  (mean said {inside[:, 0].mean():.4f})"
            )


def negative_table(hours: float, seed: int) -> int:
    """Print what comes out of audio without messages; return how much."""
    from bench.negatives import KINDS

    rate = 16_000
    each = hours * 3600 / len(KINDS)
    print(
        f"\nno messages: {hours:g} h in all      hours   messages   malformed   x real time"
    )
    total = 0
    for name, minutes in negatives(each, rate, seed):
        decoder = SameDecoder(rate)
        found, taken = 0, 0.0
        for audio in minutes:
            start = time.perf_counter()
            found += len([one for one in decoder.feed(audio) if not one.end_of_message])
            taken += time.perf_counter() - start
        found += len([one for one in decoder.flush() if not one.end_of_message])
        total += found
        print(
            f"{name:30} {each / 3600:9.2f} {found:10d} {decoder.malformed:11d}"
            f" {each / max(taken, 1e-9):13.0f}"
        )
    return total


def speed_table(commands: dict[str, str]) -> None:
    """Print how much faster than real time each is on ten minutes of a station."""
    import threading

    from eas_core.audio.block import AudioBlock
    from eas_core.cli.simulate import HurriedClock

    source = SimulatorSource(["039035"], interval_seconds=300.0)
    parts, held = [], 0
    for block in source.blocks(HurriedClock(), threading.Event()):
        assert isinstance(block, AudioBlock)
        parts.append(block.samples)
        held += len(block.samples)
        if held >= 600 * block.sample_rate:
            break
    slow = np.concatenate(parts)
    at = np.arange(0, len(slow) - 1, block.sample_rate / RATE)
    audio = np.interp(at, np.arange(len(slow)), slow).astype(np.float32)
    seconds = len(audio) / RATE
    print("\nspeed on ten minutes of the simulator, one core, best of three")
    for name, command in commands.items():
        best = min(_timed(audio, command) for _ in range(3))
        print(f"{name:20} {seconds / best:7.0f} x real time")


def _timed(audio: Audio, command: str) -> float:
    start = time.perf_counter()
    if command == OURS:
        decoder = SameDecoder(RATE)
        for first in range(0, len(audio), RATE):
            decoder.feed(audio[first : first + RATE])
        decoder.flush()
        return time.perf_counter() - start
    raw = to_pcm(audio)
    start = time.perf_counter()
    subprocess.run(shlex.split(command), input=raw, capture_output=True, check=False)
    return time.perf_counter() - start


def plot(target: str, curves: dict[str, dict[str, list[float]]]) -> None:
    """Draw the decode rates; needs matplotlib, which is not a part of the set-up."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(8, 5))
    for name, own in curves.items():
        for curve, shares in own.items():
            if name == OURS or curve == "whole":
                axes.plot(LEVELS, shares, marker=".", label=f"{name}: {curve}")
    limits = np.array([rates(level, LIMIT_MESSAGES, 1)[0] for level in LIMIT_LEVELS])
    for index, curve in enumerate(LIMIT_NAMES[2:], start=2):
        axes.plot(LIMIT_LEVELS, limits[:, index], "--", label=f"limit: {curve}")
    axes.set(xlabel="Eb/N0 in dB", ylabel="share of messages", ylim=(0, 1.02))
    axes.grid(visible=True, alpha=0.3)
    axes.legend(fontsize="small")
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    axes.set_title(f"Messages decoded, three bursts in white noise ({commit})")
    figure.savefig(target)


def _commands(arguments: argparse.Namespace) -> dict[str, str]:
    commands = {OURS: OURS}
    for text in arguments.decoder:
        name, _, command = text.partition("=")
        commands[name] = command
    if arguments.multimon:
        if shutil.which("multimon-ng") is None:
            install = ["apt-get", "install", "-y", "-qq", "multimon-ng"]
            subprocess.run(install, check=True, stdout=subprocess.DEVNULL)
        commands["multimon-ng"] = MULTIMON
    return commands


def main() -> int:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument(
        "--decoder", action="append", default=[], metavar="NAME=COMMAND"
    )
    parser.add_argument("--multimon", action="store_true")
    parser.add_argument("--negative", type=float, default=0.5, metavar="HOURS")
    parser.add_argument("--plot", metavar="FILE.svg")
    arguments = parser.parse_args()
    commands = _commands(arguments)
    names = [*CHANGES, *TRANSMISSIONS]
    curves = {}
    impaired: dict[str, list[Score]] = {}
    with ProcessPoolExecutor(arguments.jobs) as pool:
        for name, command in commands.items():
            cases = [(level, "none") for level in LEVELS]
            found = scores(pool, command, cases, arguments.messages, arguments.seed)
            curves[name] = level_table(name, found)
            if command == OURS:
                reliability_table(found)
            cases = [(IMPAIRED_LEVEL, impairment) for impairment in names]
            few = max(10, arguments.messages // 2)
            impaired[name] = scores(pool, command, cases, few, arguments.seed)
    print(f"\nat {IMPAIRED_LEVEL:g} dB, whole (wrong) of {impaired[OURS][0].sent}")
    print(f"{'':22}" + "".join(f"{name:>14}" for name in impaired))
    for index, impairment in enumerate(names):
        cells = "".join(
            f"{own[index].whole:9d} ({own[index].wrong:2d})"
            for own in impaired.values()
        )
        print(f"{impairment:22}{cells}")
    speed_table(commands)
    false = (
        negative_table(arguments.negative, arguments.seed) if arguments.negative else 0
    )
    if arguments.plot:
        plot(arguments.plot, curves)
    return 1 if false else 0


if __name__ == "__main__":
    sys.exit(main())
