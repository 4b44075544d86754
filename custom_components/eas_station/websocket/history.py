"""The command that returns a page of what was heard."""

from datetime import datetime
from typing import Any, Final

from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.decorators import websocket_command
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import probatio

from .access import CODE, MOST_CODES, OF_STATION, answering, asked_station

MOST_ENTRIES: Final = 200
USUAL_ENTRIES: Final = 50


def _moment(text: str) -> datetime:
    """Return a time in UTC; one without its zone is Home Assistant's."""
    try:
        return dt_util.as_utc(cv.datetime(text))
    except OverflowError as error:
        raise probatio.Invalid("there is no such time") from error


MOMENT: Final = probatio.All(str, _moment)
EVENT: Final = probatio.All(str, cv.matches_regex(r"^[A-Z]{3}\Z"))


@websocket_command(
    {
        probatio.Required("type"): "eas_station/history",
        **OF_STATION,
        probatio.Optional("limit", default=USUAL_ENTRIES): probatio.All(
            int, probatio.Range(min=1, max=MOST_ENTRIES)
        ),
        probatio.Optional("before"): probatio.Any(
            None, probatio.All(int, probatio.Range(min=0))
        ),
        probatio.Optional("start"): MOMENT,
        probatio.Optional("end"): MOMENT,
        probatio.Optional("events", default=list): probatio.All(
            [EVENT], probatio.Length(max=MOST_CODES)
        ),
        probatio.Optional("places", default=list): probatio.All(
            [CODE], probatio.Length(max=MOST_CODES)
        ),
        probatio.Optional("tests"): bool,
    }
)
@answering
async def history(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> dict[str, Any]:
    """Return so many entries, newest first, and where the next page begins."""
    entry = asked_station(hass, connection, msg)
    return await entry.runtime_data.history.async_page(
        msg["limit"],
        before=msg.get("before"),
        start=msg.get("start"),
        end=msg.get("end"),
        events=msg["events"],
        places=msg["places"],
        tests=msg.get("tests"),
    )
