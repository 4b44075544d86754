"""A real Home Assistant in a process of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pytest_socket import enable_socket, socket_allow_hosts

from script.hass_process import HassProcess, make_configuration
from script.ports import free_port

ROOT = Path(__file__).parents[2]
AUTOMATION = """
automation:
  - alias: Tornado siren
    triggers:
      - trigger: event
        event_type: eas_alert
        event_data:
          event_code: TOR
    conditions:
      - "{{ trigger.event.data.relevant }}"
    actions:
      - event: siren_was_asked_for
        event_data:
          message: "{{ trigger.event.data.message }}"
"""


@pytest.fixture(autouse=True)
def loopback(socket_enabled: None) -> None:
    """Let these tests use the loopback interface, and no other."""
    enable_socket()
    socket_allow_hosts(["127.0.0.1", "localhost", "::1"])


@pytest.fixture
async def hass_process(tmp_path: Path) -> AsyncIterator[HassProcess]:
    """Home Assistant with the integration of this tree, and an automation."""
    port = free_port()
    component = ROOT / "custom_components" / "eas_station"
    make_configuration(tmp_path, component, port, more=AUTOMATION)
    async with HassProcess(tmp_path, port) as hass:
        await hass.log_in()
        yield hass
