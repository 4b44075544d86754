"""What can be done with a station: try whether it decodes, start it anew, scan with its radio.

Actions, buttons and repairs all do it by these; they raise translated HomeAssistantError.
"""

import asyncio
from collections.abc import Sequence
from functools import partial
import threading
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .agent_actions import Agent, agent_to_test, async_restart_agents, async_test_agent
from .const import CONF_LOCATIONS, CONF_PLACES, DOMAIN
from .coordinator import EasStationConfigEntry
from .eas_core.agent.followed import FollowedStation
from .eas_core.errors import EasError
from .eas_core.masking import mask_secrets
from .eas_core.radio.plan import nwr_plan
from .eas_core.same.shapes import home_county
from .eas_core.sources.source import SourceError
from .eas_core.station import RecordingFinished
from .eas_core.station.scan import ScannedChannel, scan
from .source_coordinator import SourceCoordinator
from .sources import build_source
from .tested import Tested, tested_here

SELF_TEST_SECONDS: Final = 30.0
SAVE_SECONDS: Final = 60.0
"""Many times what the slowest machine takes."""


async def async_self_test(
    hass: HomeAssistant, entry: EasStationConfigEntry, agent: Agent | None = None
) -> Tested:
    """Have the station decode a weekly test that is played nowhere.

    Its own source does it, or another one where that has come to its end; where
    none of them hears here, an agent, or the one that is named.
    """
    place = await _async_test_place(hass, entry)
    stations = [one.station for one in entry.runtime_data.sources]
    here = [one for one in stations if not isinstance(one, FollowedStation)]
    station = next((one for one in (*here, *stations) if one.running), stations[0])
    if agent is None and isinstance(station, FollowedStation):
        agent = agent_to_test(station)
    if agent is not None:
        return await async_test_agent(hass, agent, place)
    try:
        async with asyncio.timeout(SELF_TEST_SECONDS):
            return tested_here(await asyncio.wrap_future(station.self_test(place)))
    except TimeoutError as error:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="self_test_late",
            translation_placeholders={"station": entry.title},
        ) from error
    except EasError as error:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="self_test_failed",
            translation_placeholders={"station": entry.title, "hint": str(error)},
        ) from error


async def _async_test_place(hass: HomeAssistant, entry: EasStationConfigEntry) -> str:
    """Return the first of the user's places, or the county of the home."""
    places = entry.options.get(CONF_PLACES) or entry.data.get(CONF_LOCATIONS)
    if places:
        return str(places[0])
    home = hass.config
    county = await hass.async_add_executor_job(
        home_county, home.latitude, home.longitude
    )
    return county.code


async def async_save_recording(
    hass: HomeAssistant,
    entry: EasStationConfigEntry,
    channel: str | None,
    seconds: float | None,
) -> RecordingFinished:
    """Save the newest audio of a channel, by default of the first, or as much as is kept."""
    coordinator = entry.runtime_data
    source = coordinator.own if channel is None else coordinator.source_of(channel)
    if source is None:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="no_such_channel",
            translation_placeholders={
                "station": entry.title,
                "channels": ", ".join(one.channel for one in coordinator.data.channels),
            },
        )
    if coordinator.recordings is None:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="records_nothing",
            translation_placeholders={"station": entry.title},
        )
    try:
        async with asyncio.timeout(SAVE_SECONDS):
            saved = await hass.async_add_executor_job(
                source.station.save_recording, channel, seconds
            )
            return await asyncio.wrap_future(saved)
    except (EasError, TimeoutError) as error:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="not_saved",
            translation_placeholders={
                "station": entry.title,
                "hint": str(error) or "Look at the disk: it does not answer.",
            },
        ) from error


async def async_restart(*sources: SourceCoordinator) -> None:
    """Let receivers go and open them again, all at once."""
    await asyncio.gather(*(_restart(one) for one in sources))


async def _restart(source: SourceCoordinator) -> None:
    if isinstance(source.station, FollowedStation):
        # Nothing is open here: the sources are where the agents are.
        await async_restart_agents(source.hass, source.station)
        return
    async with source.async_paused():
        pass


async def async_scan(
    hass: HomeAssistant, sources: Sequence[SourceCoordinator]
) -> list[ScannedChannel]:
    """Measure the channels of weather radio by the first radio; it hears nothing meanwhile."""
    radio = next((one for one in sources if one.is_radio), None)
    if radio is None:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="not_a_radio",
            translation_placeholders={"station": sources[0].full_name},
        )
    home, stop = hass.config, threading.Event()
    source = build_source(radio.setting.data, radio.setting.receiver, nwr_plan())
    measure = partial(scan, source, home.latitude, home.longitude, stop=stop)
    async with radio.async_paused():
        job = hass.async_add_executor_job(measure)
        try:
            return await asyncio.shield(job)
        except SourceError as error:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="scan_failed",
                translation_placeholders={
                    "station": radio.full_name,
                    "hint": mask_secrets(error.hint),
                },
            ) from error
        finally:
            stop.set()
            # The receiver is free when the thread has ended.
            await asyncio.wait([job])
