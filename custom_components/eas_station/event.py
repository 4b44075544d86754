"""The event entity: each alert that is relevant, by its significance."""

from typing import Final, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .alert_listener import Newest
from .coordinator import EasStationConfigEntry, EasStationCoordinator, Moment
from .eas_core.same import SIGNIFICANCES
from .eas_core.station import Alert, AlertUpdated
from .eas_core.station.filters import Reason, Verdict
from .entity import EasStationEntity
from .events import alert_data, comes_too_late
from .filters import judge

PARALLEL_UPDATES = 0

ALERT: Final = EventEntityDescription(
    key="alert", translation_key="alert", event_types=list(SIGNIFICANCES)
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: EasStationConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the station's event entity."""
    async_add_entities([AlertEvent(entry.runtime_data, ALERT)])


class AlertEvent(EasStationEntity, EventEntity):
    """Happens once for each alert that the user's filter lets pass, at once or when others hear it too."""

    _domain = "event"
    _unrecorded_attributes = frozenset(
        {"header", "best_guess", "locations", "message", "channels"}
    )

    def __init__(
        self, coordinator: EasStationCoordinator, description: EntityDescription
    ) -> None:
        """Begin with no alert that waits to be heard by others."""
        super().__init__(coordinator, description)
        self._waiting = Newest[bool]()

    @override
    async def async_added_to_hass(self) -> None:
        """Take alerts from now on."""
        await super().async_added_to_hass()
        for alert in self.coordinator.data.heard.active:
            self._weigh(alert)
        self.async_on_remove(self.coordinator.async_listen_moments(self._take))

    @callback
    def _take(self, moment: Moment) -> None:
        match moment:
            case Alert():
                alert = moment
            case AlertUpdated(alert=alert) if self._waiting.get(alert.id):
                pass
            case _:
                return
        if comes_too_late(alert):
            return
        verdict = self._weigh(alert)
        if verdict.relevant:
            data = alert_data(self.coordinator.config_entry, alert, verdict)
            self._trigger_event(alert.significance, data)
            self.async_write_ha_state()

    def _weigh(self, alert: Alert) -> Verdict:
        """Return whether an alert passes, and remember whether it may yet."""
        verdict = judge(self.coordinator.config_entry, alert)
        self._waiting.keep(alert.id, verdict.reason is Reason.NOT_CORROBORATED)
        return verdict
