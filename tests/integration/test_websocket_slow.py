"""Clients that do not keep up: fewer frames for them, and nothing that grows for the others."""

import asyncio
from contextlib import suppress
import socket
from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.typing import (
    MockHAClientWebSocket,
    WebSocketGenerator,
)

from custom_components.eas_station.coordinator import EasStationCoordinator
from custom_components.eas_station.websocket import feed as feeds, pulse
from custom_components.eas_station.websocket.snapshot import alert_object
from custom_components.eas_station.websocket.subscriber import Subscriber
from tests.integration.alerts import alert, tell
from tests.integration.readings import level, spectrum
from tests.integration.sockets import next_of, subscribe


@pytest.fixture
async def slow(
    hass: HomeAssistant,
    coordinator: EasStationCoordinator,
    hass_ws_client: WebSocketGenerator,
    monkeypatch: pytest.MonkeyPatch,
) -> MockHAClientWebSocket:
    """A client that has stopped to read, over a connection that holds little.

    Frames are due a hundred times as often as else, and are of some size.
    """
    monkeypatch.setattr(pulse, "TICK_SECONDS", 0.001)
    client = await hass_ws_client()
    await subscribe(client, spectrum=True)
    connection = server_side(hass).transport
    assert connection is not None
    connection.get_extra_info("socket").setsockopt(
        socket.SOL_SOCKET, socket.SO_SNDBUF, 4096
    )
    transport(client).pause_reading()
    return client


def transport(client: MockHAClientWebSocket) -> asyncio.ReadTransport:
    found: Any = client._conn
    return found.transport  # type: ignore[no-any-return]


def server_side(hass: HomeAssistant) -> Subscriber:
    """The first subscriber, as Home Assistant has it."""
    (feed,) = hass.data[feeds.FEEDS].values()
    return feed._subscribers[0]


def waits(hass: HomeAssistant) -> int:
    """How many bytes wait in the process for the first subscriber."""
    connection = server_side(hass).transport
    assert connection is not None
    return connection.get_write_buffer_size()


async def hear(coordinator: EasStationCoordinator, seconds: float) -> None:
    """Have the station tell spectra and levels as fast as frames are due."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while loop.time() < end:
        coordinator.own._from_thread(spectrum(-30.0))
        coordinator.own._from_thread(level("main", -30.0, -20.0))
        await asyncio.sleep(0.001)


async def until_behind(hass: HomeAssistant, coordinator: EasStationCoordinator) -> None:
    behind = 0
    for _ in range(60):
        await hear(coordinator, 0.25)
        behind = behind + 1 if server_side(hass).behind else 0
        if behind == 2:
            return
    pytest.fail("the client is never behind")


async def test_what_waits_for_a_client_that_does_not_read_does_not_grow(
    hass: HomeAssistant,
    coordinator: EasStationCoordinator,
    slow: MockHAClientWebSocket,
) -> None:
    await until_behind(hass, coordinator)
    assert waits(hass) < 5_000, "a frame or two"
    for _ in range(3):
        await hear(coordinator, 0.5)
        assert waits(hass) < 5_000
    transport(slow).resume_reading()


async def test_another_client_gets_all_its_frames_meanwhile(
    hass: HomeAssistant,
    coordinator: EasStationCoordinator,
    slow: MockHAClientWebSocket,
    hass_ws_client: WebSocketGenerator,
) -> None:
    await until_behind(hass, coordinator)
    other = await hass_ws_client()
    await subscribe(other, spectrum=True)
    listening = asyncio.create_task(hear(coordinator, 60.0))
    async with asyncio.timeout(30.0):
        for _ in range(50):
            await next_of(other, "spectrum")
    listening.cancel()
    transport(slow).resume_reading()


async def test_who_catches_up_has_missed_no_alert_and_no_peak(
    hass: HomeAssistant,
    coordinator: EasStationCoordinator,
    slow: MockHAClientWebSocket,
) -> None:
    await until_behind(hass, coordinator)
    tornado = alert()
    await tell(hass, coordinator, level("main", -30.0, -1.0), tornado)
    await hear(coordinator, 0.3)
    transport(slow).resume_reading()
    listening = asyncio.create_task(hear(coordinator, 60.0))
    peaks: list[float] = []
    alerts: list[str] = []
    while not alerts or -1.0 not in peaks:
        event = await next_of(slow, "alert", "levels")
        if event["type"] == "alert":
            alerts.append(event["alert"]["id"])
        elif event["levels"] != [None]:
            peaks.append(event["levels"][0][1])
    listening.cancel()
    assert alerts == [tornado.id]
    assert set(peaks) == {-20.0, -1.0}


async def test_home_assistant_drops_who_never_reads(
    hass: HomeAssistant,
    coordinator: EasStationCoordinator,
    slow: MockHAClientWebSocket,
) -> None:
    """What is never left out does not grow for ever either."""
    listeners = len(coordinator._moment_listeners)
    entry = coordinator.config_entry
    event = {"type": "alert", "alert": alert_object(hass, entry, alert())}
    for _ in range(100):
        for _ in range(100):
            server_side(hass).send(event)
        await asyncio.sleep(0.005)
        if not hass.data[feeds.FEEDS]:
            break
    assert hass.data[feeds.FEEDS] == {}
    assert len(coordinator._moment_listeners) == listeners - 1
    transport(slow).resume_reading()


async def test_a_client_chooses_how_many_frames_it_gets(
    hass: HomeAssistant,
    coordinator: EasStationCoordinator,
    hass_ws_client: WebSocketGenerator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pulse, "TICK_SECONDS", 0.01)
    usual, slower = await hass_ws_client(), await hass_ws_client()
    await subscribe(usual)
    await subscribe(slower, rate=2)
    listening = asyncio.create_task(hear(coordinator, 60.0))
    for _ in range(50):
        await next_of(usual, "levels")
    seen_slower = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(0.001):
            while True:
                await next_of(slower, "levels")
                seen_slower += 1
    listening.cancel()
    assert 8 <= seen_slower <= 30
