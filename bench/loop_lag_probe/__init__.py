"""A custom component that measures how late Home Assistant's event loop is.

`loop_lag/take` on the websocket API returns the lags since it was last asked, in
microseconds. `loop_lag/profile` with a `file` begins to profile all that runs, and,
asked again, ends that and writes the profile to the file, for `python -m pstats`.
"""

import asyncio
import cProfile
from typing import Any, Final

from homeassistant.components import websocket_api
from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.decorators import websocket_command
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.typing import ConfigType

EVERY_SECONDS: Final = 0.01


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Measure until Home Assistant ends."""
    lags: list[int] = []

    async def measure() -> None:
        while True:
            due = hass.loop.time() + EVERY_SECONDS
            await asyncio.sleep(EVERY_SECONDS)
            lags.append(round(1e6 * (hass.loop.time() - due)))

    @callback
    @websocket_command({"type": "loop_lag/take"})
    def take(
        hass: HomeAssistant,
        connection: ActiveConnection,
        message: dict[str, Any],
    ) -> None:
        connection.send_result(message["id"], lags.copy())
        lags.clear()

    profiles: list[cProfile.Profile] = []

    @callback
    @websocket_command({"type": "loop_lag/profile", "file": str})
    def profile(
        hass: HomeAssistant,
        connection: ActiveConnection,
        message: dict[str, Any],
    ) -> None:
        if profiles:
            running = profiles.pop()
            running.disable()
            running.dump_stats(message["file"])
        else:
            profiles.append(cProfile.Profile())
            profiles[0].enable()
        connection.send_result(message["id"])

    websocket_api.async_register_command(hass, take)
    websocket_api.async_register_command(hass, profile)
    hass.async_create_background_task(measure(), "loop lag")
    return True
