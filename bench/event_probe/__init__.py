"""A custom component that writes down each event of the station's before anything else can happen.

A line of JSON for each, in the configuration's `events.jsonl`, which the system
has when `write` returns: a kill -9 of Home Assistant takes none back.
"""

import json
import os
from typing import Any

from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.typing import ConfigType

EVENTS = {"eas_alert": "id", "eas_end_of_message": "alert_id"}


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Write until Home Assistant ends."""
    path = hass.config.path("events.jsonl")
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    file = await hass.async_add_executor_job(os.open, path, flags, 0o644)

    @callback
    def write(event: Event[dict[str, Any]]) -> None:
        told = event.data
        line = {
            "event": str(event.event_type),
            "id": told[EVENTS[str(event.event_type)]],
            "late": told.get("late"),
            "at": event.time_fired_timestamp,
        }
        os.write(file, json.dumps(line).encode() + b"\n")

    for kind in EVENTS:
        hass.bus.async_listen(kind, write)
    return True
