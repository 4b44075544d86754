#!/usr/bin/env python3
"""By how much the recorder's database grows: bench/recorder.py [MINUTES].

Runs three hass at once for MINUTES (15) after a settling time, all with the
recorder's defaults: an empty one, one with the simulator, one with a radio of
seven simulated channels. Prints what each day adds to home-assistant_v2.db, as
content and as pages of the file, and which entities of the stations write most.
"""

import asyncio
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
import sqlite3
import sys
import tempfile

sys.path.insert(0, str(Path(__file__).parent.parent))

from script.hass_process import HassProcess, make_configuration
from script.ports import free_port
from script.simulated_radio import set_up_radio, simulated_radio

ROOT = Path(__file__).parent.parent
SETTLE_SECONDS = 90.0
MINUTES_A_DAY = 24 * 60
KINDS = ("empty", "simulator", "radio")


@dataclass(frozen=True)
class Size:
    """Bytes of content and of pages, and how many states each entity has written."""

    content: int
    pages: int
    states: Counter[str]


def look(database: Path) -> Size:
    """Return how big a database is, while it is written to."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        content, pages = connection.execute(
            "select sum(payload), sum(pgsize) from dbstat"
        ).fetchone()
        rows = connection.execute(
            "select states_meta.entity_id, count(*) from states"
            " join states_meta using (metadata_id) group by 1"
        ).fetchall()
    return Size(content, pages, Counter(dict(rows)))


async def set_up(hass: HassProcess, kind: str, radio_port: int) -> None:
    """Set up what is measured."""
    if kind == "simulator":
        await hass.set_up("simulator", name="Bench EAS")
    elif kind == "radio":
        await set_up_radio(hass, "Bench EAS", radio_port)


async def measure(kind: str, minutes: float, radio_port: int) -> tuple[Size, Size]:
    """Return the database's size before and after."""
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        make_configuration(folder, ROOT / "custom_components" / "eas_station", port)
        async with HassProcess(folder, port) as hass:
            await hass.log_in()
            await set_up(hass, kind, radio_port)
            await asyncio.sleep(SETTLE_SECONDS)
            database = folder / "home-assistant_v2.db"
            before = look(database)
            await asyncio.sleep(60 * minutes)
            return before, look(database)


async def main() -> None:
    """Measure all at once and print the table."""
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 15.0
    async with simulated_radio() as radio:
        sizes = await asyncio.gather(
            *(measure(kind, minutes, radio.port) for kind in KINDS)
        )
    a_day = MINUTES_A_DAY / minutes / 1e6
    print(f"{'MB a day':12} {'content':>8} {'pages':>8}")
    for kind, (before, after) in zip(KINDS, sizes, strict=True):
        content = (after.content - before.content) * a_day
        pages = (after.pages - before.pages) * a_day
        print(f"{kind:12} {content:8.2f} {pages:8.2f}")
    for kind, (before, after) in list(zip(KINDS, sizes, strict=True))[1:]:
        print(f"states an hour, {kind}:")
        written = after.states - before.states
        for entity_id, count in written.most_common(8):
            print(f"  {entity_id:44} {count * 60 / minutes:6.0f}")


if __name__ == "__main__":
    asyncio.run(main())
