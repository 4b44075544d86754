"""The event entity: each alert that is relevant, by its significance."""

from typing import Final, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import EasStationConfigEntry, Moment
from .eas_core.same import SIGNIFICANCES
from .eas_core.station import Alert
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
    """Happens once for each alert that the user's filter lets pass."""

    _domain = "event"
    _unrecorded_attributes = frozenset(
        {"header", "best_guess", "locations", "message", "channels"}
    )

    @override
    async def async_added_to_hass(self) -> None:
        """Take alerts from now on."""
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.async_listen_moments(self._take))

    @callback
    def _take(self, moment: Moment) -> None:
        if not isinstance(moment, Alert) or comes_too_late(moment):
            return
        entry = self.coordinator.config_entry
        verdict = judge(entry, moment)
        if verdict.relevant:
            data = alert_data(entry, moment, verdict)
            self._trigger_event(moment.significance, data)
            self.async_write_ha_state()
