"""How alerts are heard, followed for one automation: at first, and when others hear them too."""

from typing import Any

from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
)
from homeassistant.core import CALLBACK_TYPE, Context, Event, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.trigger import (
    NotTriggeredInfo,
    TriggerActionRunner,
    TriggerNotTriggeredReporter,
)

from .alert_endings import Newest, report
from .const import DOMAIN, EVENT_ALERT
from .coordinator import EasStationConfigEntry
from .eas_core.station import Alert
from .events import SIGNAL_CORROBORATED, alert_event_data
from .wanted import AlertData, WantedAlerts, async_active_alerts, is_alert, told


class Hearings:
    """Runs an automation once for each alert that is wanted.

    That is when it is first heard; or, where nothing but the want of a second
    channel holds it back, when a second one hears it.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        wanted: WantedAlerts,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None,
    ) -> None:
        """Take what to do with an alert, wanted or not."""
        self._hass = hass
        self._wanted = wanted
        self._run_action = run_action
        self._did_not_trigger = did_not_trigger
        self._told_by = Newest[str]()
        self._waiting = Newest[bool]()
        self._unsubscribe: list[CALLBACK_TYPE] = []

    @callback
    def async_attach(self) -> None:
        """Listen, and wait for the second channel of what is active already."""

        @callback
        def received(event: Event[dict[str, Any]]) -> None:
            if is_alert(event.data):
                self._async_heard(event.data, event.context)

        @callback
        def corroborated(entry: EasStationConfigEntry, alert: Alert) -> None:
            if self._waiting.get(_of_station(alert.id, entry.entry_id)):
                self._async_heard(alert_event_data(self._hass, entry, alert), None)

        @callback
        def changed(change: ConfigEntryChange, entry: ConfigEntry) -> None:
            # A station that is loaded again knows what it heard before.
            if entry.domain == DOMAIN:
                self._async_wait_for_active()

        self._async_wait_for_active()
        self._unsubscribe += [
            self._hass.bus.async_listen(EVENT_ALERT, received),
            async_dispatcher_connect(self._hass, SIGNAL_CORROBORATED, corroborated),
            async_dispatcher_connect(self._hass, SIGNAL_CONFIG_ENTRY_CHANGED, changed),
        ]

    @callback
    def async_detach(self) -> None:
        """Take nothing any more."""
        while self._unsubscribe:
            self._unsubscribe.pop()()

    @callback
    def _async_wait_for_active(self) -> None:
        for alert in async_active_alerts(self._hass):
            if self._told_by.get(alert["id"]) is None:
                self._held_back(alert)

    @callback
    def _async_heard(self, alert: AlertData, context: Context | None) -> None:
        info = self._held_back(alert)
        if info is not None:
            report(self._did_not_trigger, info, context)
            return
        self._told_by.keep(alert["id"], alert["entry_id"])
        self._run_action(
            {"alert": dict(alert)}, f"alert received: {alert['event']}", context
        )

    def _held_back(self, alert: AlertData) -> NotTriggeredInfo | None:
        """Return why an alert does nothing, and remember whether it may yet."""
        info = self._wanted.held_back(alert)
        # The same station tells an alert again only when it is sent again much later.
        if self._told_by.get(alert["id"]) not in (None, alert["entry_id"]):
            return info or NotTriggeredInfo("already_triggered", told(alert))
        waits = info is not None and self._wanted.waits(alert, info)
        self._waiting.keep(_of_station(alert["id"], alert["entry_id"]), waits)
        return info


def _of_station(alert_id: str, entry_id: str) -> str:
    """Return what an alert is remembered by that each station hears for itself."""
    return f"{alert_id} {entry_id}"
