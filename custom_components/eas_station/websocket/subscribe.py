"""The command that tells a client all of a station as it happens."""

from typing import Any

from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.decorators import websocket_command
from homeassistant.core import HomeAssistant, callback
import probatio

from .access import OF_STATION, CommandError, asked_station, send_error
from .feed import async_feed
from .pulse import FRAMES_A_SECOND
from .subscriber import Subscriber


@websocket_command(
    {
        probatio.Required("type"): "eas_station/subscribe",
        **OF_STATION,
        probatio.Optional("rate", default=FRAMES_A_SECOND): probatio.All(
            int, probatio.Range(min=1, max=FRAMES_A_SECOND)
        ),
        probatio.Optional("levels", default=True): bool,
        probatio.Optional("spectrum", default=False): bool,
    }
)
@callback
def subscribe(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> None:
    """Send the station's snapshot, then what changes."""
    msg_id = msg["id"]
    try:
        entry = asked_station(hass, connection, msg)
    except CommandError as error:
        send_error(connection, msg_id, error)
        return
    feed = async_feed(hass, entry)
    subscriber = Subscriber(
        connection=connection,
        msg_id=msg_id,
        rate=msg["rate"],
        levels=msg["levels"],
        spectrum=msg["spectrum"],
    )
    connection.subscriptions[msg_id] = feed.async_add(subscriber)
    connection.send_result(msg_id)
    feed.async_greet()
