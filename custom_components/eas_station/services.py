"""The actions of the integration: docs/actions.md."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import datetime
import threading
from typing import Any, Final

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import (
    async_get_config_entry,
    async_get_device_and_config_entry,
    async_register_admin_service,
)
from homeassistant.helpers.typing import VolSchemaType
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey
from homeassistant.util.json import JsonValueType
import probatio

from .actions import async_restart, async_save_recording, async_scan, async_self_test
from .agent_actions import Agent, async_restart_agent
from .agent_entity import agent_of_device
from .allowed import may_read
from .const import DOMAIN
from .coordinator import EasStationConfigEntry
from .devices import sources_of
from .eas_core.errors import EasError
from .eas_core.station import RecordingOptions
from .eas_core.station.decode_file import decode_file
from .eas_core.station.scan import ScannedChannel
from .history import MOST_ENTRIES, AlertHistory
from .history_query import LONGEST_LIFE, Entry, received
from .permission import async_readable
from .recordings import recording_uri
from .source_coordinator import SourceCoordinator
from .test_log import MONTHLY, WEEKLY, as_csv, log_rows

SERVICE_DECODE_FILE: Final = "decode_file"
SERVICE_GET_ALERTS: Final = "get_alerts"
SERVICE_EXPORT_TEST_LOG: Final = "export_test_log"
SERVICE_SELF_TEST: Final = "self_test"
SERVICE_RESTART_SOURCE: Final = "restart_source"
SERVICE_SCAN: Final = "scan"
SERVICE_SAVE_RECORDING: Final = "save_recording"

ATTR_ENTRY: Final = "config_entry_id"
ATTR_DEVICE: Final = "device_id"
ATTR_PATH: Final = "path"
ATTR_START: Final = "start_time"
ATTR_END: Final = "end_time"
ATTR_PLACES: Final = "places"
ATTR_EVENTS: Final = "events"
ATTR_RELEVANT: Final = "relevant"
ATTR_ACTIVE: Final = "active"
ATTR_LIMIT: Final = "limit"
ATTR_CHANNEL: Final = "channel"
ATTR_MINUTES: Final = "minutes"

_DECODING: Final = HassKey[asyncio.Lock](f"{DOMAIN}_decoding")
"""One file at a time: each keeps a thread and a core busy, and any user may ask for many."""

MOST_MINUTES: Final = RecordingOptions(folder="").ring_seconds / 60
"""What is kept of each channel."""


def _moment(when: datetime) -> datetime:
    """Return a time in UTC; one without its zone is Home Assistant's."""
    try:
        return dt_util.as_utc(when)
    except OverflowError as error:
        raise probatio.Invalid("there is no such time") from error


MOMENT: Final = probatio.All(cv.datetime, _moment)
FILE_SCHEMA: Final = probatio.Schema({probatio.Required(ATTR_PATH): cv.string})
STATION_SCHEMA: Final = probatio.Schema({probatio.Optional(ATTR_ENTRY): cv.string})
SOURCE_SCHEMA: Final = STATION_SCHEMA.extend(
    {probatio.Optional(ATTR_DEVICE): cv.string}
)
SAVE_SCHEMA: Final = STATION_SCHEMA.extend(
    {
        probatio.Optional(ATTR_CHANNEL): cv.string,
        probatio.Optional(ATTR_MINUTES): probatio.All(
            probatio.Coerce(float), probatio.Range(min=0.1, max=MOST_MINUTES)
        ),
    }
)
LOG_SCHEMA: Final = STATION_SCHEMA.extend(
    {
        probatio.Optional(ATTR_START): MOMENT,
        probatio.Optional(ATTR_END): MOMENT,
    }
)
ALERTS_SCHEMA: Final = probatio.Schema(
    {
        probatio.Optional(ATTR_ENTRY): cv.string,
        probatio.Optional(ATTR_START): MOMENT,
        probatio.Optional(ATTR_END): MOMENT,
        probatio.Optional(ATTR_PLACES, default=list): probatio.All(
            cv.ensure_list, [probatio.All(cv.string, cv.matches_regex(r"^\d{6}$"))]
        ),
        probatio.Optional(ATTR_EVENTS, default=list): probatio.All(
            cv.ensure_list, [probatio.All(cv.string, probatio.Upper)]
        ),
        probatio.Optional(ATTR_RELEVANT): cv.boolean,
        probatio.Optional(ATTR_ACTIVE): cv.boolean,
        probatio.Optional(ATTR_LIMIT, default=100): probatio.All(
            probatio.Coerce(int), probatio.Range(1, 1000)
        ),
    }
)

type Action = Callable[[ServiceCall], Coroutine[Any, Any, ServiceResponse]]


@callback
def async_register_services(hass: HomeAssistant) -> None:
    """Register all actions; those that disturb a station are for administrators."""
    returns = SupportsResponse.ONLY
    hass.services.async_register(
        DOMAIN, SERVICE_DECODE_FILE, _decode_file, FILE_SCHEMA, returns
    )
    hass.services.async_register(
        DOMAIN, SERVICE_GET_ALERTS, _get_alerts, ALERTS_SCHEMA, returns
    )
    hass.services.async_register(
        DOMAIN, SERVICE_EXPORT_TEST_LOG, _export_test_log, LOG_SCHEMA, returns
    )
    optional, nothing = SupportsResponse.OPTIONAL, SupportsResponse.NONE
    for_admins: tuple[tuple[str, Action, VolSchemaType, SupportsResponse], ...] = (
        (SERVICE_SELF_TEST, _self_test, SOURCE_SCHEMA, optional),
        (SERVICE_RESTART_SOURCE, _restart_source, SOURCE_SCHEMA, nothing),
        (SERVICE_SCAN, _scan, SOURCE_SCHEMA, returns),
        (SERVICE_SAVE_RECORDING, _save_recording, SAVE_SCHEMA, optional),
    )
    for name, action, schema, response in for_admins:
        async_register_admin_service(
            hass, DOMAIN, name, action, schema, supports_response=response
        )


def _entry(call: ServiceCall) -> EasStationConfigEntry:
    return async_get_config_entry(call.hass, DOMAIN, call.data.get(ATTR_ENTRY))


async def _decode_file(call: ServiceCall) -> ServiceResponse:
    path = call.data[ATTR_PATH]
    hass, stop = call.hass, threading.Event()
    if not await hass.async_add_executor_job(may_read, hass, path):
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="path_not_allowed",
            translation_placeholders={"path": path},
        )
    try:
        async with hass.data.setdefault(_DECODING, asyncio.Lock()):
            messages = await hass.async_add_executor_job(
                lambda: [*decode_file(path, stop)]
            )
    except EasError as error:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="file_unreadable",
            translation_placeholders={"path": path, "hint": str(error)},
        ) from error
    finally:
        stop.set()
    return {"messages": list[JsonValueType](messages)}


async def _get_alerts(call: ServiceCall) -> ServiceResponse:
    """Return what was received and is asked for, newest first."""
    found = [
        alert
        for entry in await _async_entries(call)
        for alert in await _async_alerts(entry.runtime_data.history, call.data)
    ]
    found.sort(key=received, reverse=True)
    return {"alerts": list[JsonValueType](found[: call.data[ATTR_LIMIT]])}


async def _async_entries(call: ServiceCall) -> list[EasStationConfigEntry]:
    """Return the station that is named, or all that whoever calls may read."""
    if ATTR_ENTRY in call.data:
        return [await _async_readable_entry(call)]
    loaded = call.hass.config_entries.async_loaded_entries(DOMAIN)
    return await async_readable(call, loaded)


async def _async_readable_entry(call: ServiceCall) -> EasStationConfigEntry:
    entry = _entry(call)
    if not await async_readable(call, [entry]):
        raise Unauthorized(context=call.context)
    return entry


async def _async_alerts(
    history: AlertHistory, asked: Mapping[str, Any]
) -> list[dict[str, Any]]:
    now = dt_util.utcnow()
    relevant, active = asked.get(ATTR_RELEVANT), asked.get(ATTR_ACTIVE)

    def lives(entry: Entry) -> bool:
        return datetime.fromisoformat(entry["expires"]) > now

    start = asked.get(ATTR_START)
    if active:
        # All that may live; older files need not be read.
        start = max(start or now - LONGEST_LIFE, now - LONGEST_LIFE)
    page = await history.async_page(
        asked[ATTR_LIMIT],
        start=start,
        end=asked.get(ATTR_END),
        events=asked[ATTR_EVENTS],
        places=asked[ATTR_PLACES],
        where=lambda entry: (
            relevant in (None, entry["relevant"]) and active in (None, lives(entry))
        ),
    )
    return [entry | {"active": lives(entry)} for entry in page["entries"]]


async def _export_test_log(call: ServiceCall) -> ServiceResponse:
    """Return the required tests that were received, and the weeks without one."""
    entry = await _async_readable_entry(call)
    coordinator, now = entry.runtime_data, dt_util.utcnow()
    start = call.data.get(ATTR_START, coordinator.set_up_at)
    end = min(call.data.get(ATTR_END, now), now)
    page = await coordinator.history.async_page(
        MOST_ENTRIES, start=start, end=end, events=(WEEKLY, MONTHLY)
    )
    # Before it was set up nothing was missed.
    start = max(start, coordinator.set_up_at)
    zone = dt_util.get_default_time_zone()
    rows = log_rows(entry.title, page["entries"], start, end, zone)
    return {"csv": as_csv(rows), "rows": list[JsonValueType](rows)}


async def _self_test(call: ServiceCall) -> ServiceResponse:
    entry, agent = _device(call) or (_entry(call), None)
    made = await async_self_test(call.hass, entry, agent)
    return {
        "decoded": made.decoded,
        "seconds": round(made.seconds, 3),
        "header": made.header,
        "alert_id": made.alert_id,
    }


def _device(
    call: ServiceCall,
) -> tuple[EasStationConfigEntry, Agent | None] | None:
    """Return whose device was named, and which agent it is; None where none was named."""
    device_id = call.data.get(ATTR_DEVICE)
    if device_id is None:
        return None
    device, entry = async_get_device_and_config_entry(call.hass, DOMAIN, device_id)
    return entry, agent_of_device(entry, device)


async def _save_recording(call: ServiceCall) -> ServiceResponse:
    entry, minutes = _entry(call), call.data.get(ATTR_MINUTES)
    saved = await async_save_recording(
        call.hass,
        entry,
        call.data.get(ATTR_CHANNEL),
        None if minutes is None else minutes * 60.0,
    )
    return {
        "recording": recording_uri(entry.entry_id, saved.name),
        "name": saved.name,
        "duration_s": saved.duration_s,
    }


def _sources(call: ServiceCall) -> Sequence[SourceCoordinator]:
    """Return the source of the device that was named, or all of the station's."""
    device_id = call.data.get(ATTR_DEVICE)
    if device_id is None:
        entry = _entry(call)
        return entry.runtime_data.sources
    device, entry = async_get_device_and_config_entry(call.hass, DOMAIN, device_id)
    return sources_of(entry, {one for _, one in device.identifiers})


async def _restart_source(call: ServiceCall) -> None:
    _, agent = _device(call) or (None, None)
    if agent is not None:
        await async_restart_agent(call.hass, agent)
        return
    await async_restart(*_sources(call))


async def _scan(call: ServiceCall) -> ServiceResponse:
    scanned = await async_scan(call.hass, _sources(call))
    return {"channels": [_channel(one) for one in scanned]}


def _channel(one: ScannedChannel) -> dict[str, Any]:
    return {
        "channel": one.channel.name,
        "frequency_hz": one.channel.frequency,
        "heard": one.heard,
        "serves_home": one.serves_home,
        "snr_db": round(one.quality.snr_db, 1),
        "power_dbfs": round(one.quality.power_dbfs, 1),
        "offset_hz": round(one.quality.offset_hz),
        "transmitters": [
            {
                "call_sign": near.transmitter.call_sign,
                "name": near.transmitter.name,
                "state": near.transmitter.state,
                "distance_km": round(near.distance_km),
                "direction": near.wind,
                "serves_home": near.serves_home,
            }
            for near in one.transmitters
        ],
    }
