"""The websocket API for the card and for others: docs/websocket.md."""

from homeassistant.components import websocket_api
from homeassistant.core import HomeAssistant, callback

from .counties import counties
from .history import history
from .media import live, recording
from .subscribe import subscribe


@callback
def async_register_commands(hass: HomeAssistant) -> None:
    """Register all commands, which are there with or without a station."""
    for command in (subscribe, history, counties, recording, live):
        websocket_api.async_register_command(hass, command)
