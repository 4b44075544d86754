"""What the National Weather Service wrote of an alert, looked up on the Internet where that is wanted.

The text may be there later than the voice: it is looked for some times in the
first minutes. Nothing waits for it.
"""

import asyncio
import logging
from typing import Any, Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.util import dt as dt_util

from .alert_listener import Newest
from .const import CONF_NWS_TEXT, DOMAIN, EVENT_ALERT_TEXT, SOURCE_SIMULATOR
from .coordinator import EasStationConfigEntry, Moment
from .eas_core.fault_log import FaultLog
from .eas_core.station import Alert, AlertUpdated
from .eas_core.station.written import WrittenAlert, areas_of, matching
from .events import station_data
from .nws_client import NwsError, nws_client

_LOGGER = logging.getLogger(__name__)

DELAYS_SECONDS = (5.0, 61.0, 120.0, 240.0)
"""Before each look; the second is beyond what an answer does for other alerts."""

MOST_AT_ONCE: Final = 16


@callback
def async_look_for_texts(
    hass: HomeAssistant, entry: EasStationConfigEntry
) -> CALLBACK_TYPE:
    """Look for the text of each alert from now on; return what ends that."""
    texts = NwsTexts(hass, entry)
    return entry.runtime_data.async_listen_moments(texts.async_take)


class NwsTexts:
    """The alerts of one station whose texts are looked for."""

    def __init__(self, hass: HomeAssistant, entry: EasStationConfigEntry) -> None:
        """Look for nothing yet."""
        self._hass = hass
        self._entry = entry
        self._counters = entry.runtime_data.text_counters.nws
        self._looked = Newest[bool]()
        self._looking = 0
        self._log = FaultLog(_LOGGER)

    @callback
    def async_take(self, moment: Moment) -> None:
        """Begin to look for an alert's text, or once it came in whole."""
        match moment:
            case Alert() as alert:
                pass
            case AlertUpdated(alert=alert):
                pass
            case _:
                return
        areas = areas_of(alert)
        if not areas or self._looked.get(alert.id) or not self._is_wanted(alert):
            return
        self._looked.keep(alert.id, True)
        self._counters.wanted += 1
        if self._looking >= MOST_AT_ONCE:
            self._counters.unmatched += 1
            return
        self._looking += 1
        self._entry.async_create_background_task(
            self._hass, self._async_look(alert, areas), f"{DOMAIN} text of an alert"
        )

    def _is_wanted(self, alert: Alert) -> bool:
        """Whether it is asked for: not what is made up, nor an old recording."""
        if (
            not self._entry.options.get(CONF_NWS_TEXT)
            or alert.expires < dt_util.utcnow()
        ):
            return False
        source_of = self._entry.runtime_data.source_of
        sources = (source_of(channel) for channel in alert.channels)
        kinds = {source.setting.kind for source in sources if source is not None}
        return kinds != {SOURCE_SIMULATOR}

    async def _async_look(self, alert: Alert, areas: tuple[str, ...]) -> None:
        try:
            for delay in DELAYS_SECONDS:
                await asyncio.sleep(delay)
                found = await self._async_find(alert, areas)
                if found is not None:
                    self._counters.matched += 1
                    self._async_found(alert, found)
                    return
            self._counters.unmatched += 1
        finally:
            self._looking -= 1

    async def _async_find(
        self, alert: Alert, areas: tuple[str, ...]
    ) -> WrittenAlert | None:
        try:
            alerts = await nws_client(self._hass).async_alerts(areas)
        except NwsError as error:
            self._counters.failed += 1
            self._counters.last_error = error.reason
            self._log.once(
                "The Weather Service's text of an alert is not there: %s", error
            )
            return None
        self._log.over("The Weather Service answers again")
        return matching(alert, alerts)

    @callback
    def _async_found(self, alert: Alert, found: WrittenAlert) -> None:
        nws = nws_data(found)
        self._entry.runtime_data.history.async_note(alert.id, nws=nws)
        self._hass.bus.async_fire(
            EVENT_ALERT_TEXT,
            station_data(self._hass, self._entry) | {"alert_id": alert.id, "nws": nws},
        )


def nws_data(found: WrittenAlert) -> dict[str, Any]:
    """Return what the history and an event say of a text."""
    return {
        "confirmed": True,
        "id": found.id,
        "url": found.url,
        "event": found.event,
        "sender": found.sender,
        "sent": found.sent.isoformat(),
        "onset": found.onset.isoformat() if found.onset else None,
        "expires": found.expires.isoformat() if found.expires else None,
        "headline": found.headline,
        "description": found.description,
        "instruction": found.instruction,
        "polygon": list(found.polygon),
    }
