"""How alerts end: by their message or their time of expiry, followed for one automation."""

from datetime import datetime
from typing import Any, override

from homeassistant.core import (
    CALLBACK_TYPE,
    Context,
    Event,
    HassJob,
    HomeAssistant,
    callback,
)
from homeassistant.helpers.event import async_track_point_in_utc_time
from homeassistant.helpers.trigger import (
    NotTriggeredInfo,
    TriggerActionRunner,
    TriggerNotTriggeredReporter,
)
from homeassistant.util import dt as dt_util

from .alert_listener import AlertListener, Newest, report
from .const import EVENT_END_OF_MESSAGE
from .coordinator import EasStationConfigEntry
from .eas_core.station import Alert
from .events import alert_event_data
from .wanted import AlertData, WantedAlerts, told


class Following(AlertListener):
    """The alerts that one automation follows to their end."""

    def __init__(
        self,
        hass: HomeAssistant,
        wanted: WantedAlerts,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None,
    ) -> None:
        """Take what to do at an end, wanted or not."""
        super().__init__(hass, wanted, run_action, did_not_trigger)
        self._alerts = Newest[AlertData]()

    @override
    @callback
    def _async_received(self, alert: AlertData, context: Context) -> None:
        self._async_follow(alert)

    @override
    @callback
    def _async_corroborated(self, entry: EasStationConfigEntry, alert: Alert) -> None:
        self._async_follow(alert_event_data(self._hass, entry, alert))

    @override
    @callback
    def _async_active(self, alert: AlertData) -> None:
        self._async_follow(alert)

    @callback
    def _async_follow(self, alert: AlertData) -> None:
        known = self._alerts.get(alert["id"])
        # What one station's places hold back may be wanted from another.
        if known is None or self._wanted.held_back(known) is not None:
            self._alerts.keep(alert["id"], alert)

    @callback
    def _async_ended(
        self, alert: AlertData, end: AlertData | None, context: Context | None = None
    ) -> None:
        info = self._wanted.held_back(alert)
        if info is not None:
            report(self._did_not_trigger, info, context)
            return
        payload = {"alert": dict(alert), "end": None if end is None else dict(end)}
        self._run_action(payload, f"alert ended: {alert['event']}", context)


class EndsOfMessage(Following):
    """Alerts are over when their message is."""

    @override
    @callback
    def async_attach(self) -> None:
        """Listen to `eas_end_of_message` too."""
        super().async_attach()
        told_by = Newest[str]()

        @callback
        def ended(event: Event[dict[str, Any]]) -> None:
            end = event.data
            alert_id, entry_id = end.get("alert_id"), end.get("entry_id")
            if not isinstance(alert_id, str | None) or not isinstance(entry_id, str):
                # Somebody else has fired it.
                return
            alert = self._alerts.get(alert_id)
            if alert is None:
                info = NotTriggeredInfo("unknown_alert", {"alert_id": alert_id})
            elif told_by.get(alert["id"]) not in (None, entry_id):
                info = NotTriggeredInfo("already_triggered", told(alert))
            else:
                told_by.keep(alert["id"], entry_id)
                self._async_ended(alert, end, event.context)
                return
            report(self._did_not_trigger, info, event.context)

        self._unsubscribe.append(
            self._hass.bus.async_listen(EVENT_END_OF_MESSAGE, ended)
        )


class Expiries(Following):
    """Alerts are over when the time is there that they name."""

    def __init__(self, *args: Any) -> None:
        """Begin with nothing to wait for."""
        super().__init__(*args)
        self._waits: dict[str, CALLBACK_TYPE] = {}

    @override
    @callback
    def async_detach(self) -> None:
        """Wait no longer either."""
        super().async_detach()
        while self._waits:
            self._waits.popitem()[1]()

    @override
    @callback
    def _async_follow(self, alert: AlertData) -> None:
        super()._async_follow(alert)
        alert_id = alert["id"]
        if alert_id in self._waits:
            return

        @callback
        def expired(now: datetime) -> None:
            del self._waits[alert_id]
            self._async_ended(self._alerts.get(alert_id) or alert, None)

        expires = dt_util.parse_datetime(alert["expires"], raise_on_error=True)
        job = HassJob(expired, cancel_on_shutdown=True)
        self._waits[alert_id] = async_track_point_in_utc_time(self._hass, job, expires)
