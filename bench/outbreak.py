#!/usr/bin/env python3
"""What many active alerts cost the event loop: bench/outbreak.py [ALERTS ...] (10 50 200), 20 s.

A station without a filter of places, in a Home Assistant as its own tests make it,
gets warnings for eight of 400 counties each. Prints the median time of the event loop's
own thread in ms, that a warning more takes, and that any other change does, such as of the source's status.
"""

import asyncio
from pathlib import Path
import random
import statistics
import sys
import tempfile
import time

sys.path.insert(0, str(Path(__file__).parent.parent))

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from bench.fuzzing.home import calm, home, set_up, station_entry
from custom_components.eas_station.coordinator import EasStationCoordinator
from custom_components.eas_station.eas_core.same import all_codes, location
from custom_components.eas_station.eas_core.station import (
    SourceState,
    SourceStatus,
    StationRecord,
)
from tests.integration.alerts import alert

EVENTS = ("TOR", "SVR", "FFW", "EWW", "FLW", "HUW", "BZW", "WSW")
COUNTIES = 400
REPEATS = 11


async def take(
    hass: HomeAssistant, coordinator: EasStationCoordinator, record: StationRecord
) -> float:
    """Return how long the event loop is held up by a record, ms; let all be done that comes of it."""
    source = coordinator.own
    source._awake = True  # noqa: SLF001  # so that nothing but this takes it
    source._from_thread(record)  # noqa: SLF001
    begun = time.perf_counter()
    source._async_take_all()  # noqa: SLF001
    held = 1000 * (time.perf_counter() - begun)
    await calm(hass)
    return held


async def measure(hass: HomeAssistant, counts: list[int]) -> None:
    """Print a line for each count."""
    entry = station_entry(options={"places": []})
    await set_up(hass, entry)
    coordinator: EasStationCoordinator = entry.runtime_data
    chance = random.Random(1)  # noqa: S311 - counties, no secret
    codes = [one for one in sorted(all_codes()) if location(one).latitude is not None]

    async def change(number: int) -> float:
        state = (SourceState.HEARING, SourceState.QUIET)[number % 2]
        status = SourceStatus(state=state, since=dt_util.utcnow())
        return await take(hass, coordinator, status)

    async def warn() -> float:
        places = "-".join(chance.sample(codes[:COUNTIES], 8))
        return await take(
            hass, coordinator, alert(chance.choice(EVENTS), places, "0600")
        )

    print("alerts  places  a warning more, ms  another change, ms")
    for count in counts:
        while len(coordinator.data.heard.active) < count:
            await warn()
        places = len(hass.states.async_all("geo_location"))
        warnings = [await warn() for _ in range(REPEATS)]
        changes = [await change(number) for number in range(REPEATS)]
        print(
            f"{count:6} {places:7} {statistics.median(warnings):19.1f}"
            f" {statistics.median(changes):19.1f}"
        )


async def main() -> None:
    """Measure."""
    counts = [int(one) for one in sys.argv[1:]] or [10, 50, 200]
    with tempfile.TemporaryDirectory() as folder:
        async with home(Path(folder)) as hass:
            await measure(hass, counts)


if __name__ == "__main__":
    asyncio.run(main())
