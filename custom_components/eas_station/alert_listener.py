"""What one automation hears of alerts: each that comes, that a second channel hears, or that is active."""

from abc import ABC, abstractmethod
from collections import OrderedDict
from typing import Any, Final

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

from .const import DOMAIN, EVENT_ALERT
from .coordinator import EasStationConfigEntry
from .eas_core.station import Alert
from .events import SIGNAL_CORROBORATED
from .wanted import AlertData, WantedAlerts, async_active_alerts, is_alert

REMEMBERED: Final = 200
"""Alerts of a day of the worst weather."""


class Newest[T]:
    """Remembers by an alert's id, the newest only."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._by_id: OrderedDict[str, T] = OrderedDict()

    def get(self, alert_id: str | None) -> T | None:
        """Return what is remembered of an alert."""
        return None if alert_id is None else self._by_id.get(alert_id)

    def keep(self, alert_id: str, what: T) -> None:
        """Remember something of an alert."""
        self._by_id[alert_id] = what
        if len(self._by_id) > REMEMBERED:
            self._by_id.popitem(last=False)


class AlertListener(ABC):
    """Listens to alerts for one automation."""

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
        self._unsubscribe: list[CALLBACK_TYPE] = []

    @callback
    def async_attach(self) -> None:
        """Take each alert that is active, and each that comes."""

        @callback
        def received(event: Event[dict[str, Any]]) -> None:
            if is_alert(event.data):
                self._async_received(event.data, event.context)

        @callback
        def changed(change: ConfigEntryChange, entry: ConfigEntry) -> None:
            # A station that is loaded again knows what it heard before.
            if entry.domain == DOMAIN:
                self._async_take_active()

        self._async_take_active()
        self._unsubscribe += [
            self._hass.bus.async_listen(EVENT_ALERT, received),
            async_dispatcher_connect(
                self._hass, SIGNAL_CORROBORATED, self._async_corroborated
            ),
            async_dispatcher_connect(self._hass, SIGNAL_CONFIG_ENTRY_CHANGED, changed),
        ]

    @callback
    def async_detach(self) -> None:
        """Take nothing any more."""
        while self._unsubscribe:
            self._unsubscribe.pop()()

    @callback
    def _async_take_active(self) -> None:
        for alert in async_active_alerts(self._hass):
            self._async_active(alert)

    @abstractmethod
    def _async_received(self, alert: AlertData, context: Context) -> None:
        """Take an alert that `eas_alert` tells of."""

    @abstractmethod
    def _async_corroborated(self, entry: EasStationConfigEntry, alert: Alert) -> None:
        """Take one that another channel hears, too."""

    @abstractmethod
    def _async_active(self, alert: AlertData) -> None:
        """Take one that was heard before."""


def report(
    did_not_trigger: TriggerNotTriggeredReporter | None,
    info: NotTriggeredInfo,
    context: Context | None,
) -> None:
    """Tell the trace why an automation does not run."""
    if did_not_trigger is not None:
        did_not_trigger(info, context)
