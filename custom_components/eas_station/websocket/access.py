"""Which station a command means, who may ask, and how it is refused."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, Final

from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.const import (
    ERR_NOT_FOUND,
    WebSocketCommandHandler,
)
from homeassistant.components.websocket_api.decorators import async_response
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import VolDictType
import probatio

from ..const import DOMAIN
from ..coordinator import EasStationConfigEntry
from ..permission import check_may_read

ERR_NOT_LOADED: Final = "not_loaded"

ATTR_ENTRY: Final = "entry_id"
OF_STATION: Final[VolDictType] = {probatio.Optional(ATTR_ENTRY): str}

MOST_CODES: Final = 400
CODE: Final = probatio.All(str, cv.matches_regex(r"^[0-9]{6}\Z"))
"""A place, PSSCCC."""

type Answer = Callable[
    [HomeAssistant, ActiveConnection, dict[str, Any]], Awaitable[Any]
]


class CommandError(HomeAssistantError):
    """A command that is not done; `code` is one of docs/websocket.md."""

    def __init__(
        self,
        code: str,
        *,
        translation_key: str,
        translation_placeholders: dict[str, str],
    ) -> None:
        """Take the code, and the text among the exceptions."""
        super().__init__(
            translation_domain=DOMAIN,
            translation_key=translation_key,
            translation_placeholders=translation_placeholders,
        )
        self.code = code


def send_error(connection: ActiveConnection, msg_id: int, error: CommandError) -> None:
    """Tell the client why a command is not done."""
    connection.send_error(
        msg_id,
        error.code,
        str(error),
        translation_domain=error.translation_domain,
        translation_key=error.translation_key,
        translation_placeholders=error.translation_placeholders,
    )


def answering(answer: Answer) -> WebSocketCommandHandler:
    """Make a command of a function that returns its result or raises CommandError."""

    @async_response
    @wraps(answer)
    async def handle(
        hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
    ) -> None:
        try:
            result = await answer(hass, connection, msg)
        except CommandError as error:
            send_error(connection, msg["id"], error)
        else:
            connection.send_result(msg["id"], result)

    return handle


def asked_station(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> EasStationConfigEntry:
    """Return the running station that a command is for.

    Raises CommandError where there is none, and Unauthorized where the user may not
    read what its entities show.
    """
    entry = _named_entry(hass, msg.get(ATTR_ENTRY))
    check_may_read(hass, connection.user, entry)
    if entry.state is not ConfigEntryState.LOADED:
        raise CommandError(
            ERR_NOT_LOADED,
            translation_key="station_not_loaded",
            translation_placeholders={
                "station": entry.title,
                "reason": entry.reason or entry.state.value,
            },
        )
    return entry


def _named_entry(hass: HomeAssistant, entry_id: str | None) -> EasStationConfigEntry:
    if entry_id is None:
        entries = hass.config_entries.async_entries(DOMAIN, include_disabled=False)
        if len(entries) != 1:
            raise CommandError(
                ERR_NOT_FOUND,
                translation_key="name_a_station",
                translation_placeholders={"count": str(len(entries))},
            )
        return entries[0]
    entry = hass.config_entries.async_get_entry(entry_id)
    if entry is None or entry.domain != DOMAIN:
        raise CommandError(
            ERR_NOT_FOUND,
            translation_key="no_such_station",
            translation_placeholders={"entry_id": entry_id},
        )
    return entry
