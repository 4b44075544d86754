#!/usr/bin/env python3
"""Weeks of messages and hundreds of faults, and an exact verdict: bench/soak.py [OPTIONS].

`--part station` runs the engine as fast as it decodes, its clock the script's; its
air is moments of some seconds on seven channels, between which the clock jumps.
`--part hass` runs a real Home Assistant with a radio, a stream of one of its channels, a
broker and an agent in real time (`days` count for nothing), whose clock jumps across New Year and both changes of the hour;
with `--dongle` the radio is one at the USB, of a stand-in for librtlsdr;
with `--debug` its event loop checks for what blocks it or comes from other threads,
and `--preload` names another allocator, such as the jemalloc of Home Assistant's container.
Messages, noise and faults are drawn from the seed. Prints a table in Markdown; `--out
FOLDER` keeps `soak-PART.jsonl` and a picture of memory, threads and files. It wants root for full disks (a tmpfs), gcc and Mosquitto.
"""

import argparse
import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
import json
import logging
import os
from pathlib import Path
import shutil
import subprocess
import sys
import tempfile
import time
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent.parent))

from bench import (
    soak_home,
    soak_home_verdict,
    soak_log,
    soak_recordings,
    soak_report,
    soak_station,
)
from bench.soak_agent import KilledAgent
from bench.soak_air import Air
from bench.soak_dongle import Dongle
from bench.soak_inside import preloads
from bench.soak_script import Script, make_script
from bench.soak_truth import Truth, decode_kept
from bench.soak_verdict import judge
from bench.soak_web import CHANNEL, Web
from eas_core.heap import give_back_large_blocks
from tests.peers.mosquitto import mosquitto

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
    """Soak the engine, in a process like an agent's; yield what was found."""
    give_back_large_blocks()
    script = make_script(
        arguments.seed,
        arguments.days,
        arguments.messages,
        arguments.begin,
        together=arguments.together,
    )
    yield _run_line("station", arguments, script)
    air, truth = Air(script), Truth()
    with disk() as (folder, own):
        try:
            span = soak_station.soak(
                script,
                air,
                truth,
                folder,
                arguments.faults,
                can_fill=own,
                minutes=arguments.minutes,
            )
        finally:
            air.close()
        found = truth.close()
        script = script.until(span.moment)
        verdict = judge(script, found, span.told, span.faults)
        recorded = soak_recordings.check(folder, script, span.told, found, span.faults)
    yield from ({"kind": "fault", **asdict(one)} for one in span.faults)
    yield from ({"kind": "sample", **asdict(one)} for one in span.watch.samples)
    yield from ({"kind": "told", **asdict(one)} for one in span.told)
    yield {"kind": "verdict", **asdict(verdict), "holds": verdict.holds}
    yield {"kind": "recordings", **asdict(recorded), "holds": recorded.holds}
    yield {
        "kind": "end",
        "alive": span.alive,
        "messages": len(script.sent),
        "air_s": round(script.seconds),
        "dropped": span.dropped,
        "decode_failures": span.decode_failures,
        "wall_s": round(span.wall_s),
        "cpu_s": round(span.cpu_s),
        "load": os.getloadavg(),
    }


JUMPS = (
    datetime(2026, 12, 31, 23, 57, tzinfo=UTC),
    datetime(2027, 3, 14, 6, 57, tzinfo=UTC),
    datetime(2027, 11, 7, 5, 57, tzinfo=UTC),
)
"""To minutes before a New Year, and before New York's clocks go on and back."""


async def run_home(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """Soak a Home Assistant; return what was found."""
    begin = datetime.now(UTC)
    script = make_script(
        arguments.seed,
        arguments.days,
        arguments.messages,
        begin,
        jumps=JUMPS,
        together=arguments.together,
    )
    lines: list[dict[str, Any]] = [_run_line("hass", arguments, script)]
    kept = arguments.out / "soak-air.u8"
    streamed = arguments.out / "soak-web.mp3"
    with (
        tempfile.TemporaryDirectory(prefix="soak-bench") as name,
        disk() as (disk_folder, _),
        mosquitto() as broker,
    ):
        environment = preloads(Path(name), arguments.preload)
        agent = KilledAgent(broker.port, Path(name) / "agent", environment)
        dongle = None
        if arguments.dongle:
            dongle = Dongle(Path(name) / "usb")
            environment |= dongle.environment
        home = soak_home.Home(Path(name), disk_folder, script, agent, dongle)
        home.broker = broker
        began = time.monotonic()
        async with soak_home.at_home(home, environment, debug=arguments.debug):
            # The air begins when somebody can hear it; by then the script is late, as its clock is.
            home.air = Air(script, kept)
            home.web = Web(script, home.air.began, streamed)
            try:
                await soak_home.hear(home, script, arguments.faults)
                missed = home.air.missed()
                alive = await home.until(lambda: home.hears(time.monotonic() - 5.0))
                await home.hass.stop()
                log = home.hass.log
            finally:
                home.air.close()
                home.web.close()
        agent.kill()
        (arguments.out / "hass.log").write_text(log, encoding="utf-8")
        times = soak_home_verdict.troubles(home, missed)
        clear = [
            one for one in script.sent if not soak_home_verdict.is_touched(one, times)
        ]
        truth = await asyncio.to_thread(decode_kept, kept, script, clear)
        verdict = soak_home_verdict.judge_home(
            home, home.entry, script.sent, truth, times
        )
        soak_home_verdict.judge_agent(home, verdict)
        of_stream = soak_home_verdict.judge_home(
            home,
            home.streamed,
            [one for one in script.sent if CHANNEL in one.channels],
            await asyncio.to_thread(home.web.decode),
            soak_home_verdict.troubles_of_the_stream(home),
        )
        for wanted in (home.entry, home.streamed, home.agents):
            entries = soak_home_verdict.entries_of(home.disk, wanted)
            (arguments.out / f"history-{wanted}.json").write_text(json.dumps(entries))
        shutil.copy(Path(name) / "probe.jsonl", arguments.out / "probe.jsonl")
        recordings = soak_recordings.playable(home.disk / "media")
    lines += [{"kind": "fault", **asdict(one)} for one in home.faults]
    lines += [{"kind": "sample", **asdict(one)} for one in home.samples]
    lines += [{"kind": "verdict", **asdict(verdict), "holds": verdict.holds}]
    lines += [{"kind": "stream", **asdict(of_stream), "holds": of_stream.holds}]
    lines += [{"kind": "recordings", **asdict(recordings), "holds": recordings.holds}]
    judged = soak_log.judge_log(log)
    lines += soak_log.log_lines(log)
    lines += [{"kind": "logged", **asdict(judged), "holds": judged.holds}]
    lines += [one for one in home.probe.look() if one["kind"] == "heap"]
    lines += [{"kind": "lag", **soak_home_verdict.lag(home)}]
    wall = round(time.monotonic() - began)
    return [
        *lines,
        {"kind": "end", "alive": alive, "wall_s": wall, "load": os.getloadavg()},
    ]


def _run_line(
    part: str, arguments: argparse.Namespace, script: Script
) -> dict[str, Any]:
    return {
        "kind": "run",
        "part": part,
        "seed": arguments.seed,
        "days": arguments.days,
        "messages": len(script.sent),
        "moments": len(script.moments),
        "air_s": round(script.seconds),
        "load": os.getloadavg(),
    }


def main() -> None:
    """Run a part, keep what it found, print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=("station", "hass"), default="station")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=float, default=30.0)
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--faults", type=int, default=500)
    parser.add_argument("--begin", type=datetime.fromisoformat, default=BEGIN)
    parser.add_argument("--minutes", type=float, default=1e6)
    parser.add_argument("--together", type=int, default=7)
    parser.add_argument("--dongle", action="store_true")
    parser.add_argument("--debug", action="store_true")
    parser.add_argument("--preload", type=Path)
    parser.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()))
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    log = arguments.out / f"soak-{arguments.part}.log"
    logging.basicConfig(level=logging.WARNING, filename=log, filemode="w")
    lines: list[dict[str, Any]] = []
    path = arguments.out / f"soak-{arguments.part}.jsonl"
    with path.open("w", encoding="utf-8") as file:
        found: Iterable[dict[str, Any]] = (
            asyncio.run(run_home(arguments))
            if arguments.part == "hass"
            else run_station(arguments)
        )
        for line in found:
            lines.append(line)
            file.write(json.dumps(line) + "\n")
            file.flush()
    title = f"bench/soak.py --part {arguments.part} --seed {arguments.seed}"
    picture = soak_report.picture(lines, title)
    path.with_suffix(".svg").write_text(picture, encoding="utf-8")
    print(soak_report.table(lines))
    sys.exit(not soak_report.holds(lines))


if __name__ == "__main__":
    main()
