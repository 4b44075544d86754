"""One real hass and one Chromium for all tests of this folder.

A test asks for `house` and `browser`, opens tabs with `browser.tab(house.hass, …)`
(`script/browser.py`) and makes the station hear what it likes with
`house.transmitter.send("TOR")` (`script/transmitter.py`). Who needs the seven
channels of a radio asks for `radio` too, which costs half a processor core.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import expect
import pytest
import pytest_asyncio
from pytest_socket import enable_socket, socket_allow_hosts

from script.browser import SECONDS, Browser
from script.hass_process import HassProcess, make_configuration
from script.ports import free_port
from script.simulated_radio import set_up_radio, simulated_radio
from script.transmitter import Transmitter

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent
STATION = "Home EAS"
"""Hears the transmitter; its entities begin with `home_eas`."""

RADIO = "Weather Radio"
AUTOMATIONS = """
automation: !include automations.yaml
"""


@dataclass(frozen=True, slots=True)
class Commands:
    """The websocket API, a connection a command: one that is idle while a page loads is closed."""

    hass: HassProcess

    async def command(self, **message: Any) -> Any:
        """Send a command and return its result."""
        async with self.hass.websocket() as websocket:
            return await websocket.command(**message)


@dataclass(frozen=True, slots=True)
class House:
    """A hass with a station, what that hears, and commands to it."""

    hass: HassProcess
    websocket: Commands
    transmitter: Transmitter
    entry_id: str
    device_id: str


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests of this folder in the loop that its fixtures live in."""
    for item in items:
        if FOLDER in item.path.parents:
            item.add_marker(pytest.mark.asyncio(loop_scope="package"), append=False)


@pytest.fixture(autouse=True)
def verify_cleanup() -> None:
    """Let processes and connections live on from test to test."""


@pytest.fixture(autouse=True, scope="package")
def loopback() -> None:
    """Let these tests use the loopback interface, and no other."""
    enable_socket()
    socket_allow_hosts(["127.0.0.1", "localhost", "::1"])


@pytest.fixture(autouse=True)
def sockets(loopback: None) -> None:
    """Open sockets again, which are closed before each test."""
    enable_socket()


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def house(
    loopback: None, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """Home Assistant with a station on a transmitter."""
    folder, port = tmp_path_factory.mktemp("house"), free_port()
    component = ROOT / "custom_components" / "eas_station"
    make_configuration(folder, component, port, more=AUTOMATIONS)
    (folder / "automations.yaml").write_text("[]", encoding="utf-8")
    async with Transmitter() as transmitter, HassProcess(folder, port) as hass:
        await hass.log_in()
        made = await transmitter.set_up(hass, STATION)
        websocket = Commands(hass)
        devices = await websocket.command(type="config/device_registry/list")
        (device,) = [one for one in devices if one["name"] == STATION]
        entry_id = made["result"]["entry_id"]
        yield House(hass, websocket, transmitter, entry_id, device["id"])


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def radio(house: House) -> AsyncIterator[str]:
    """A station in the house on seven simulated channels; its entry's id."""
    # They are closed before each test, and this may be made for the second.
    enable_socket()
    async with simulated_radio(first_alert=5) as serving:
        made = await set_up_radio(house.hass, RADIO, serving.port)
        yield made["result"]["entry_id"]


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def browser(loopback: None) -> AsyncIterator[Browser]:
    """Chromium."""
    expect.set_options(timeout=1000 * SECONDS)
    async with Browser() as browser:
        yield browser


async def until_state(house: House, entity_id: str, *states: str) -> None:
    """Wait until an entity has one of these states; fail after a minute."""
    for _ in range(300):
        for state in await house.websocket.command(type="get_states"):
            if state["entity_id"] == entity_id and state["state"] in states:
                return
        await asyncio.sleep(0.2)
    pytest.fail(f"{entity_id} was not {' or '.join(states)} within a minute")
