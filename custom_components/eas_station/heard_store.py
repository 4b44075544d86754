"""What was heard, kept on disk: a warning lives on over a restart or a reload."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime
import logging
from typing import Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .eas_core.station import Alert, AlertLocation
from .heard import NOTHING_HEARD, Heard

_LOGGER = logging.getLogger(__name__)

VERSION: Final = 1
SAVE_AFTER_SECONDS: Final = 1.0
TIMES: Final = ("issued", "expires", "received")


class HeardStore:
    """The file of one entry."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Name the file after the entry."""
        self._store = Store[dict[str, Any]](hass, VERSION, f"{DOMAIN}.{entry_id}")
        self._saved = NOTHING_HEARD
        self._waits = False

    async def async_load(self) -> Heard:
        """Return what lives on of what was heard before."""
        stored = await self._store.async_load()
        if stored is None:
            return NOTHING_HEARD
        try:
            heard = _from_stored(stored)
        except (KeyError, TypeError, ValueError) as error:
            _LOGGER.warning("Stored alerts could not be read: %s", error)
            return NOTHING_HEARD
        self._saved = heard.at(dt_util.utcnow())
        return self._saved

    @callback
    def async_keep(self, heard: Heard) -> None:
        """Write what is new in a moment."""
        new = (heard.active, heard.weekly_test)
        if new != (self._saved.active, self._saved.weekly_test):
            self._saved, self._waits = heard, True
            self._store.async_delay_save(self._stored, SAVE_AFTER_SECONDS)

    async def async_flush(self) -> None:
        """Write what still waits: the entry's next station reads it at once."""
        if self._waits:
            await self._store.async_save(self._stored())

    async def async_remove(self) -> None:
        """Forget all."""
        await self._store.async_remove()

    def _stored(self) -> dict[str, Any]:
        self._waits = False
        weekly = self._saved.weekly_test
        return {
            "active": [_alert_stored(alert) for alert in self._saved.active],
            "weekly_test": None if weekly is None else weekly.isoformat(),
        }


def _alert_stored(alert: Alert) -> dict[str, Any]:
    return asdict(alert) | {name: getattr(alert, name).isoformat() for name in TIMES}


def _from_stored(stored: Mapping[str, Any]) -> Heard:
    weekly = stored["weekly_test"]
    return Heard(
        active=tuple(_stored_alert(one) for one in stored["active"]),
        weekly_test=None if weekly is None else datetime.fromisoformat(weekly),
    )


def _stored_alert(stored: Mapping[str, Any]) -> Alert:
    # What another version has stored beside these is of no use here.
    known = {one.name: stored[one.name] for one in fields(Alert) if one.name in stored}
    times = {name: datetime.fromisoformat(stored[name]) for name in TIMES}
    tuples = {
        "locations": tuple(AlertLocation(**one) for one in stored["locations"]),
        "channels": tuple(stored["channels"]),
    }
    return Alert(**known | times | tuples)
