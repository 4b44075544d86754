"""The events `eas_alert` and `eas_end_of_message`: docs/events.md."""

from collections import deque
from typing import Any, Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.util import dt as dt_util
from homeassistant.util.signal_type import SignalType

from .const import DOMAIN, EVENT_ALERT, EVENT_END_OF_MESSAGE
from .coordinator import EasStationConfigEntry, Moment
from .eas_core.station import Alert, AlertUpdated, EndOfMessage
from .eas_core.station.contract import alert_fields, end_fields
from .eas_core.station.filters import Verdict
from .filters import judge
from .recordings import recording_uri

MOST_OVER: Final = 64
"""Alerts that came too late, whose ends nobody waits for either."""

SIGNAL_CORROBORATED = SignalType[EasStationConfigEntry, Alert](
    "eas_station_corroborated"
)
"""An alert that was told is better known now, and more than one channel has heard it."""


@callback
def async_fire_events(
    hass: HomeAssistant, entry: EasStationConfigEntry
) -> CALLBACK_TYPE:
    """Fire an event for each alert and each end of message; return what ends that."""
    over: deque[str] = deque(maxlen=MOST_OVER)

    @callback
    def fire(moment: Moment) -> None:
        if isinstance(moment, Alert):
            if comes_too_late(moment):
                over.append(moment.id)
                return
            hass.bus.async_fire(EVENT_ALERT, alert_event_data(hass, entry, moment))
        elif isinstance(moment, AlertUpdated):
            alert = moment.alert
            if alert.corroborated and not comes_too_late(alert):
                async_dispatcher_send(hass, SIGNAL_CORROBORATED, entry, alert)
        elif isinstance(moment, EndOfMessage) and moment.alert_id not in over:
            hass.bus.async_fire(
                EVENT_END_OF_MESSAGE,
                station_data(hass, entry) | end_data(entry, moment),
            )

    return entry.runtime_data.async_listen_moments(fire)


def comes_too_late(alert: Alert) -> bool:
    """Whether an alert was over before it came here: the history has it, and no siren sounds."""
    return alert.late and alert.expires <= dt_util.utcnow()


def alert_event_data(
    hass: HomeAssistant, entry: EasStationConfigEntry, alert: Alert
) -> dict[str, Any]:
    """Return all that `eas_alert` says of an alert of a station's."""
    return station_data(hass, entry) | alert_data(entry, alert, judge(entry, alert))


def station_data(hass: HomeAssistant, entry: EasStationConfigEntry) -> dict[str, Any]:
    """Return what every event and trigger says of its station."""
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, entry.entry_id), entry.entry_id
    )
    return {
        "entry_id": entry.entry_id,
        "device_id": device.id if device else None,
        "station": entry.title,
    }


def alert_data(
    entry: EasStationConfigEntry, alert: Alert, verdict: Verdict
) -> dict[str, Any]:
    """Return what an event says of an alert, and of its relevance."""
    return alert_fields(alert) | {
        "relevant": verdict.relevant,
        "reason": verdict.reason.value,
        "recording": recording_uri(entry.entry_id, alert.recording),
    }


def end_data(entry: EasStationConfigEntry, end: EndOfMessage) -> dict[str, Any]:
    """Return what an event says of an end of message."""
    return end_fields(end) | {"recording": recording_uri(entry.entry_id, end.recording)}
