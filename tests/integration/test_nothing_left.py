"""What an entry leaves when it is unloaded, and when it is removed: nothing."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
import re
import threading
from typing import Any

from homeassistant.config_entries import ConfigSubentryDataWithId
from homeassistant.core import HassJob, HomeAssistant
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util.async_ import get_scheduled_timer_handles
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.eas_station.const import DOMAIN
from custom_components.eas_station.coordinator import HEARS
from script.ports import free_port
from tests.core.sources.isolated.isolation import children
from tests.integration.waiting import seen, shown_state
from tests.peers.web import WebServer, ok

type Found = dict[str, Counter[str]]
type Left = Callable[[], Found]

LIVING = (
    "threads",
    "tasks",
    "timers",
    "listeners",
    "signals",
    "processes",
    "issues",
)
"""What an entry that is not loaded has none of; entities and history stay."""

EXECUTORS = ("SyncWorker", "ImportExecutor", "asyncio")
"""Threads that Home Assistant keeps."""

SERVERS = re.compile("web_server|process_request_thread")
"""Threads of the peer, whose stream goes on."""


@pytest.fixture
def entry(simulator_entry: MockConfigEntry, server: WebServer) -> MockConfigEntry:
    """A simulator with a warning at once, a stream in a child process, samples over TCP, and a fault."""
    others: dict[str, dict[str, Any]] = {
        "Stream": {"source": "stream", "url": f"{server.address}/live"},
        "Samples": {
            "source": "pcm",
            "mode": "tcp_listen",
            "host": "127.0.0.1",
            "port": free_port(),
            "sample_rate": 16_000,
            "channels": 1,
            "sample_format": "s16le",
        },
        "Broken": {"source": "stream", "url": "no address"},
    }
    return MockConfigEntry(
        domain=DOMAIN,
        title="Home EAS",
        unique_id="simulator",
        entry_id="simulator_entry",
        data={**simulator_entry.data, "first_alert_seconds": 1},
        options={"floor_mb": 0.0},
        subentries_data=[
            ConfigSubentryDataWithId(
                data=data,
                subentry_id=title.lower(),
                subentry_type="source",
                title=title,
                unique_id=title,
            )
            for title, data in others.items()
        ],
    )


@pytest.fixture
def server(loopback: None, recording: Path) -> Iterator[WebServer]:
    """A stream that goes on after its message."""
    with WebServer() as server:

        def live() -> Iterator[bytes]:
            yield ok("audio/wav")
            yield recording.read_bytes()
            yield from server.hold()

        server.answers["/live"] = live
        yield server


def is_ours(job: HassJob[..., Any]) -> bool:
    """Whether a job calls this integration."""
    target = getattr(job.target, "func", job.target)
    return DOMAIN in str(getattr(target, "__module__", ""))


def left(hass: HomeAssistant, storage: dict[str, Any]) -> Found:
    """Return what there is of this integration now, by kind."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    signals: dict[Any, Any] = hass.data.get("dispatcher", {})
    return {
        "threads": Counter(
            one.name
            for one in threading.enumerate()
            if not one.name.startswith(EXECUTORS) and not SERVERS.search(one.name)
        ),
        "tasks": Counter(repr(one) for one in tasks if "eas_" in repr(one)),
        "timers": Counter(
            repr(one)
            for one in get_scheduled_timer_handles(hass.loop)
            if not one.cancelled() and "eas_" in repr(one)
        ),
        "listeners": Counter(
            f"{event}: {job.target}"
            for event, jobs in hass.bus._listeners.items()
            for job, _ in jobs
            if is_ours(job)
        ),
        "signals": Counter(
            str(signal)
            for signal, targets in signals.items()
            for target in targets
            if DOMAIN in repr(target) or DOMAIN in str(signal)
        ),
        "files": Counter(_open_files()),
        "processes": Counter(str(one) for one in children()),
        "issues": Counter(
            issue for domain, issue in ir.async_get(hass).issues if domain == DOMAIN
        ),
        "stored": Counter(key for key in storage if key.startswith(DOMAIN)),
        "states": Counter(
            one.entity_id
            for one in hass.states.async_all()
            if "home_eas" in one.entity_id
        ),
    }


def _open_files() -> Iterator[str]:
    """Yield what is open, each pipe and each socket as one of its kind."""
    for link in Path("/proc/self/fd").iterdir():
        try:
            yield re.sub(r"\[.*", "", str(link.readlink()))
        except OSError:
            continue


async def hears_and_fails(hass: HomeAssistant) -> None:
    """Wait until the entry has told of an alert, and a repair of what is broken."""
    await seen(
        lambda: (
            shown_state(hass, "sensor.home_eas_last_alert").state == "Tornado Warning"
        )
    )
    await seen(
        lambda: shown_state(hass, "sensor.home_eas_stream_sdr_status").state in HEARS
    )
    assert children()
    await seen(
        lambda: shown_state(hass, "sensor.home_eas_broken_sdr_status").state == "down"
    )
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=301))
    assert ir.async_get(hass).async_get_issue(DOMAIN, "source_broken") is not None


async def is_gone(now: Left, before: Found, *kinds: str) -> None:
    """Wait until there is no more than before; tell what there is where that does not come."""
    try:
        await seen(lambda: all(now()[kind] <= before[kind] for kind in kinds))
    except pytest.fail.Exception:
        pytest.fail(f"it left {[now()[kind] - before[kind] for kind in kinds]}")


async def test_an_entry_leaves_nothing(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    hass_ws_client: WebSocketGenerator,
    entry: MockConfigEntry,
) -> None:
    def now() -> Found:
        return left(hass, hass_storage)

    assert await async_setup_component(hass, DOMAIN, {})
    before = now()
    client = await hass_ws_client(hass)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await client.send_json_auto_id({"type": "eas_station/subscribe"})
    assert (await client.receive_json())["success"]
    await hears_and_fails(hass)
    assert now()["timers"] > before["timers"]
    assert await hass.config_entries.async_unload(entry.entry_id)
    # Who has subscribed waits for the entry to come again.
    await client.close()
    await is_gone(now, before, *LIVING)
    # What the first use of a library opens for good is not this entry's.
    opened = now()["files"]

    assert await hass.config_entries.async_setup(entry.entry_id)
    await hears_and_fails(hass)
    assert await hass.config_entries.async_remove(entry.entry_id)
    await is_gone(now, before | {"files": opened}, *before)
    assert er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id) == []
    assert dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id) == []
