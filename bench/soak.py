#!/usr/bin/env python3
"""Weeks of messages and hundreds of faults, and an exact verdict: bench/soak.py [OPTIONS].

`--part station` runs the engine as fast as it decodes, its clock the script's; its
air is moments of some seconds on seven channels, between which the clock jumps.
Messages, noise and
faults are drawn from the seed. Prints a table in Markdown; `--out FOLDER` keeps `soak-PART.jsonl`.
Root is needed for the faults of full disks (a tmpfs); without it they are left out.
"""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
import json
import logging
import os
from pathlib import Path
import subprocess
import sys
import tempfile
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent.parent))

from bench import soak_recordings, soak_report, soak_station
from bench.soak_air import Air
from bench.soak_script import make_script
from bench.soak_truth import Truth
from bench.soak_verdict import judge

BEGIN = datetime(2026, 12, 15, tzinfo=UTC)
"""Thirty days from here hold a New Year."""

DISK = "size=2g"


@contextmanager
def disk() -> Iterator[tuple[Path, bool]]:
    """Give a folder, and whether it is a disk of its own that may be filled."""
    with tempfile.TemporaryDirectory(prefix="soak") as name:
        mount = ("mount", "-t", "tmpfs", "-o", DISK, "soak", name)
        own = os.geteuid() == 0 and not subprocess.run(mount, check=False).returncode
        try:
            yield Path(name), own
        finally:
            if own:
                subprocess.run(("umount", "--lazy", name), check=True)


def run_station(arguments: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Soak the engine; yield what was found."""
    script = make_script(
        arguments.seed, arguments.days, arguments.messages, arguments.begin
    )
    yield {
        "kind": "run",
        "part": "station",
        "seed": arguments.seed,
        "days": arguments.days,
        "messages": len(script.sent),
        "moments": len(script.moments),
        "air_s": round(script.seconds),
        "load": os.getloadavg(),
    }
    air, truth = Air(script, real_time=False), Truth()
    with disk() as (folder, own):
        try:
            span = soak_station.soak(
                script, air, truth, folder, arguments.faults, can_fill=own
            )
        finally:
            air.close()
        found = truth.close()
        verdict = judge(script, found, span.told, span.faults)
        recorded = soak_recordings.check(folder, script, span.told, found, span.faults)
    yield from ({"kind": "fault", **asdict(one)} for one in span.faults)
    yield from ({"kind": "sample", **asdict(one)} for one in span.watch.samples)
    yield {"kind": "verdict", **asdict(verdict), "holds": verdict.holds}
    yield {"kind": "recordings", **asdict(recorded), "holds": recorded.holds}
    yield {
        "kind": "end",
        "alive": span.alive,
        "dropped": span.dropped,
        "decode_failures": span.decode_failures,
        "wall_s": round(span.wall_s),
        "cpu_s": round(span.cpu_s),
        "load": os.getloadavg(),
    }


def main() -> None:
    """Run a part, keep what it found, print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=("station",), default="station")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=float, default=30.0)
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--faults", type=int, default=500)
    parser.add_argument("--begin", type=datetime.fromisoformat, default=BEGIN)
    parser.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()))
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    log = arguments.out / f"soak-{arguments.part}.log"
    logging.basicConfig(level=logging.WARNING, filename=log, filemode="w")
    lines: list[dict[str, Any]] = []
    path = arguments.out / f"soak-{arguments.part}.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for line in run_station(arguments):
            lines.append(line)
            file.write(json.dumps(line) + "\n")
            file.flush()
    print(soak_report.table(lines))
    sys.exit(not soak_report.holds(lines))


if __name__ == "__main__":
    main()
