"""How alerts are heard, followed for one automation: at first, and when others hear them too."""

from typing import override

from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.helpers.trigger import (
    NotTriggeredInfo,
    TriggerActionRunner,
    TriggerNotTriggeredReporter,
)

from .alert_listener import AlertListener, Newest, report
from .coordinator import EasStationConfigEntry
from .eas_core.station import Alert
from .events import alert_event_data
from .wanted import AlertData, WantedAlerts, told


class Hearings(AlertListener):
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
        super().__init__(hass, wanted, run_action, did_not_trigger)
        self._told_by = Newest[str]()
        self._waiting = Newest[bool]()

    @override
    @callback
    def _async_received(self, alert: AlertData, context: Context) -> None:
        self._async_heard(alert, context)

    @override
    @callback
    def _async_corroborated(self, entry: EasStationConfigEntry, alert: Alert) -> None:
        if self._waiting.get(_of_station(alert.id, entry.entry_id)):
            self._async_heard(alert_event_data(self._hass, entry, alert), None)

    @override
    @callback
    def _async_active(self, alert: AlertData) -> None:
        """Wait for the second channel of what is active already."""
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
