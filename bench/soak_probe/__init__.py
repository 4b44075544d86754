"""A custom component that writes down what a soak judges, a JSON line each, to `SOAK_PROBE`.

Each `eas_alert` as it is fired, and every second what the station has counted, how its
source does, and how many tasks the event loop has; every half a minute what glibc's
allocator has given out and what it keeps. Times are monotonic, which no faked clock moves.
"""

import asyncio
import ctypes
import json
import os
import time
from typing import Any, Final

from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.typing import ConfigType

EVERY_SECONDS: Final = 1.0
HEAP_SECONDS: Final = 30.0


class _MallInfo(ctypes.Structure):
    """glibc's mallinfo2(3)."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in [
            "arena",
            "ordblks",
            "smblks",
            "hblks",
            "hblkhd",
            "usmblks",
            "fsmblks",
            "uordblks",
            "fordblks",
            "keepcost",
        ]
    )


def heap_mb() -> dict[str, float]:
    """Return what all arenas have given out, what they keep, and what is mapped by itself."""
    ask = ctypes.CDLL(None).mallinfo2
    ask.restype = _MallInfo
    found = ask()
    named = {
        "used": found.uordblks,
        "kept": found.fordblks,
        "mapped": found.hblkhd,
    }
    return {name: round(size / 1e6, 1) for name, size in named.items()}


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

    async def look_at_heap() -> None:
        while True:
            write(kind="heap", **await hass.async_add_executor_job(heap_mb))
            await asyncio.sleep(HEAP_SECONDS)

    hass.bus.async_listen("eas_alert", heard)
    hass.async_create_background_task(look_at_heap(), "soak probe of the heap")
    hass.async_create_background_task(look(), "soak probe")
    return True
