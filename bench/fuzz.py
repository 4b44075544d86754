#!/usr/bin/env python3
"""Whatever comes in, nothing but what is documented comes out: bench/fuzz.py [--help].

A million cases from a seed, each what is right with something wrong in it: headers, audio, what
the network brings, files, commands, forms. Each part runs in a process of its own, so
that what ends or holds one up is told with the number of its case. --case repeats one.
"""

import argparse
import asyncio
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
import ctypes
import faulthandler
import logging
import multiprocessing as mp
from multiprocessing.connection import Connection
from multiprocessing.sharedctypes import Synchronized
import os
from pathlib import Path
import resource
import signal
import sys
import tempfile
import time
from typing import Any, Final
import warnings

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.fuzzing import TARGETS, load_target
from bench.fuzzing.target import Outcome, drive, generator, shown
from bench.hass_cost import cpu_seconds

HANGS_SECONDS: Final = 60.0
"""Of the processor, for one case."""

STUCK_SECONDS: Final = 900.0
"""For one case, however busy the machine is."""

HEAD: Final = (
    f"{'target':14}{'cases':>9}{'accepted':>10}{'refused':>9}{'undocumented':>13}"
    f"{'slowest ms':>12}{'grown MB':>9}{'seconds':>9}"
)

type Progress = Synchronized[int]


def work(
    name: str, seed: int, numbers: range, progress: Progress, answer: Connection
) -> None:
    """Run a target in this process and send its outcome; a signal has it say where it is."""
    faulthandler.enable()
    faulthandler.register(signal.SIGUSR1, all_threads=True)
    logging.getLogger().addHandler(logging.NullHandler())
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:

        def tell(number: int) -> None:
            progress.value = number

        answer.send(
            asyncio.run(drive(load_target(name), seed, numbers, Path(folder), tell))
        )


def watched(name: str, seed: int, numbers: range) -> Outcome:
    """Return a target's outcome; a process that ends or hangs is a failure of its case."""
    context = mp.get_context("spawn")
    progress: Progress = context.Value(ctypes.c_longlong, -1)
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=work, args=(name, seed, numbers, progress, theirs))
    process.start()
    theirs.close()
    seen, seen_at, used = -2, time.monotonic(), 0.0
    why = ""
    while not ours.poll(0.5):
        now = progress.value
        if now != seen:
            seen, seen_at, used = now, time.monotonic(), cpu_seconds(process.pid or 0)
        elif (
            cpu_seconds(process.pid or 0) > used + HANGS_SECONDS
            or time.monotonic() > seen_at + STUCK_SECONDS
        ):
            why = "hangs"
            os.kill(process.pid or 0, signal.SIGUSR1)
            time.sleep(1)
            process.kill()
            break
    try:
        outcome: Outcome = ours.recv()
    except EOFError:
        process.join()
        outcome = Outcome(cases=max(0, progress.value - numbers.start))
        outcome.fail(
            f"{name} {seed} {progress.value}: "
            + (why or f"ended its process with {process.exitcode}")
        )
    process.join()
    return outcome


def row(name: str, outcome: Outcome, seconds: float) -> str:
    """Return a line of the table."""
    accepted = outcome.answers["accepted"]
    refused = outcome.cases - accepted - outcome.answers["undocumented"]
    return (
        f"{name:14}{outcome.cases:9}{accepted:10}{refused:9}{outcome.failed:13}"
        f"{outcome.slowest_seconds * 1000:12.0f}{outcome.grown_mb:9.1f}{seconds:9.0f}"
    )


def run(names: list[str], seed: int, share: float, jobs: int) -> Mapping[str, Outcome]:
    """Run targets, so many at a time; print the table as it comes."""
    print(HEAD, flush=True)
    outcomes: dict[str, Outcome] = {}
    # Not on the threads: those would import Home Assistant at the same time.
    targets = {name: load_target(name) for name in names}

    def one(name: str) -> None:
        target = targets[name]
        count = max(1, round(target.cases * share / target.inputs))
        begun = time.monotonic()
        outcomes[name] = watched(name, seed, range(count))
        print(row(name, outcomes[name], time.monotonic() - begun), flush=True)
        for failure in outcomes[name].failures:
            print(f"  {failure}", flush=True)

    with ThreadPoolExecutor(jobs) as pool:
        made: list[Future[None]] = [pool.submit(one, name) for name in names]
    for each in made:
        each.result()
    return outcomes


def print_answers(outcomes: Mapping[str, Outcome]) -> None:
    """Print how often each documented answer came."""
    print("\nanswers")
    for name, outcome in outcomes.items():
        told = ", ".join(f"{kind} {n}" for kind, n in outcome.answers.most_common())
        print(f"{name:14}{told}")


async def repeat(name: str, seed: int, number: int) -> None:
    """Run one case here, and let what it raises come out."""
    target = load_target(name)
    with tempfile.TemporaryDirectory() as folder:
        async with target.opened(Path(folder)):
            case: Any = target.case(generator(target, seed, number))
            print(shown(case))
            print(await target.run(case))


def main() -> int:
    """Return 1 where something undocumented came."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--share", type=float, default=1.0, help="of the cases")
    parser.add_argument("--jobs", type=int, default=2, help="processes at a time")
    parser.add_argument("--case", type=int, help="repeat this one of one target")
    told = parser.parse_args()
    names = told.targets or list(TARGETS)
    if told.case is not None:
        asyncio.run(repeat(names[0], told.seed, told.case))
        return 0
    print(f"seed {told.seed}, load {os.getloadavg()[0]:.1f}")
    outcomes = run(names, told.seed, told.share, told.jobs)
    print_answers(outcomes)
    cases = sum(one.cases for one in outcomes.values())
    failed = sum(one.failed for one in outcomes.values())
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(
        f"\n{cases} cases, {failed} undocumented; the largest process had {peak:.0f} MB;"
        f" load {os.getloadavg()[0]:.1f}"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
