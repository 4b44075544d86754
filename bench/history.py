#!/usr/bin/env python3
"""What a long history costs: bench/history.py [ENTRIES] (10,000), 20 s.

Fills a history in a folder of its own with alerts of 1 to 12 counties, opens it
again as a start of Home Assistant does, and prints sizes and times, the median
of several.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
import gc
from pathlib import Path
import random
import statistics
import sys
import tempfile
import time
import tracemalloc
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from homeassistant.core import HomeAssistant

from custom_components.eas_station.history import AlertHistory

EVENTS = ("SVR", "SVS", "FFW", "FLS", "TOR", "RWT", "SPS", "WSW")
START = datetime(2026, 1, 1, tzinfo=UTC)
REPEATS = 9


def made(number: int, chance: random.Random) -> dict[str, Any]:
    """Return an entry as a station makes it."""
    at = START + timedelta(minutes=17 * number)
    event = chance.choice(EVENTS)
    codes = [
        f"039{2 * chance.randrange(88) + 1:03}" for _ in range(chance.randint(1, 12))
    ]
    header = f"ZCZC-WXR-{event}-{'-'.join(codes)}+0045-{at:%j%H%M}-KCLE/NWS-"
    return {
        "id": f"{number:016x}",
        "entry_id": "01JENTRY",
        "device_id": "f" * 32,
        "station": "Home EAS",
        "channels": ["162.550"],
        "header": header,
        "originator": "WXR",
        "originator_name": "National Weather Service",
        "event_code": event,
        "event": "Severe Thunderstorm Warning",
        "significance": "warning",
        "locations": [
            {"code": code, "name": "Cuyahoga County", "state": "Ohio", "part": 0}
            for code in codes
        ],
        "issued": at.isoformat(),
        "expires": (at + timedelta(minutes=45)).isoformat(),
        "time_valid": True,
        "purge_minutes": 45,
        "sender": "KCLE/NWS",
        "received": at.isoformat(),
        "late": False,
        "confidence": 0.9999,
        "partial": False,
        "best_guess": header,
        "bursts": 3,
        "corroborated": False,
        "test": event == "RWT",
        "self_test": False,
        "relevant": True,
        "reason": "location",
        "message": "The National Weather Service has issued a warning. " * 4,
        "recording": "media-source://eas_station/01JENTRY/2026-01-01",
        "ended": at.isoformat(),
        "duration_s": 41.5,
        "transcript": None,
        "nws": None,
        "updated": None,
    }


async def timed(do: Callable[[], Awaitable[Any]]) -> float:
    """Return how many milliseconds something takes, the median."""
    took = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        await do()
        took.append(1000 * (time.perf_counter() - begin))
    return statistics.median(took)


async def opened(hass: HomeAssistant) -> AlertHistory:
    """Return the history as a start of Home Assistant finds it."""
    history = AlertHistory(hass, "01JENTRY")
    await history.async_load(datetime.now(UTC))
    return history


async def main() -> None:
    """Fill a history, measure it, print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    chance = random.Random(1)  # noqa: S311 - Alerts, no secrets.
    with tempfile.TemporaryDirectory() as folder:
        hass = HomeAssistant(folder)
        history = await opened(hass)
        for number in range(count):
            history.async_add(made(number, chance))
            if number % 100 == 0:
                await history.async_flush()
        await history.async_flush()
        storage = Path(folder, ".storage")
        sizes = [path.stat().st_size for path in storage.iterdir()]  # noqa: ASYNC240
        load = await timed(lambda: opened(hass))
        tracemalloc.start()
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        history = await opened(hass)
        gc.collect()
        held = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
        middle = 200 * (count // 400)
        old = f"{0:016x}"
        rows = (
            ("first page of 50", lambda: history.async_page(50)),
            (
                "a page of 50 in the middle",
                lambda: history.async_page(50, before=middle),
            ),
            (
                "50 warnings of one county",
                lambda: history.async_page(50, places=["039035"], events=["TOR"]),
            ),
            (
                "all that matches nothing",
                lambda: history.async_page(50, where=lambda one: False),
            ),
            ("the oldest by its id", lambda: history.async_get(old)),
        )
        print(
            f"{count} entries: {sum(sizes) / 1e6:.1f} MB in {len(sizes)} files on disk, {held / 1e6:.2f} MB in memory"
        )
        print(f"{'load at start':28}{load:8.1f} ms")
        for name, do in rows:
            print(f"{name:28}{await timed(do):8.1f} ms")
        numbers = iter(range(count, count + 2 * REPEATS))

        async def add() -> None:
            history.async_add(made(next(numbers), chance))

        async def add_and_write() -> None:
            await add()
            await history.async_flush()

        print(f"{'add, on the event loop':28}{await timed(add):8.2f} ms")
        await history.async_flush()
        print(f"{'add, until it is on disk':28}{await timed(add_and_write):8.1f} ms")
        await hass.async_stop(force=True)


if __name__ == "__main__":
    asyncio.run(main())
