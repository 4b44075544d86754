"""A custom component that writes down what a soak judges, a JSON line each, to `SOAK_PROBE`.

Each `eas_alert` as it is fired, and every second what the station has counted, how its
source does, and how many tasks the event loop has. Times are monotonic, which no
faked clock moves.
"""

import asyncio
import json
import os
import time
from typing import Any, Final

from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.typing import ConfigType

EVERY_SECONDS: Final = 1.0


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Write until Home Assistant ends."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    file = await hass.async_add_executor_job(
        os.open, os.environ["SOAK_PROBE"], flags, 0o644
    )

    def write(**line: Any) -> None:
        line["at"] = time.monotonic()
        # One write, straight to the system: it outlives a kill of this process.
        os.write(file, json.dumps(line).encode() + b"\n")

    @callback
    def heard(event: Event) -> None:
        told = event.data
        write(
            kind="alert",
            **{key: told[key] for key in ("id", "header", "channels", "entry_id")},
        )

    async def look() -> None:
        while True:
            due = hass.loop.time() + EVERY_SECONDS
            await asyncio.sleep(EVERY_SECONDS)
            stations = [
                {
                    "entry_id": entry.entry_id,
                    "state": entry.runtime_data.data.status.state,
                    "reason": entry.runtime_data.data.status.reason,
                    "lost": entry.runtime_data.counters.samples_lost,
                    "dropped": entry.runtime_data.counters.blocks_dropped,
                }
                for entry in hass.config_entries.async_loaded_entries("eas_station")
            ]
            write(
                kind="look",
                tasks=len(asyncio.all_tasks()),
                lag=hass.loop.time() - due,
                stations=stations,
            )

    hass.bus.async_listen("eas_alert", heard)
    hass.async_create_background_task(look(), "soak probe")
    return True
