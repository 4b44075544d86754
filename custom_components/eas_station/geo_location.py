"""The counties of relevant active alerts, for a map: each comes and goes with its alerts."""

from typing import Final, override

from homeassistant.components.geo_location import GeolocationEvent
from homeassistant.const import UnitOfLength
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.update_coordinator import CoordinatorEntity
from homeassistant.util.location import distance

from .const import DOMAIN
from .coordinator import EasStationConfigEntry, EasStationCoordinator
from .eas_core.same import Location, all_codes, location
from .filters import active_alerts

PARALLEL_UPDATES = 0

METERS_A_KILOMETER: Final = 1000.0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: EasStationConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Show the counties that are alerted, from now on."""
    coordinator = entry.runtime_data
    # Reads the table of places, which is not for the event loop.
    await hass.async_add_executor_job(all_codes)
    shown: dict[str, AlertedPlace] = {}

    @callback
    def update() -> None:
        alerted = alerted_places(entry)
        for code in shown.keys() - alerted.keys():
            gone = shown.pop(code)
            entry.async_create_task(hass, gone.async_remove(force_remove=True))
        new = [
            AlertedPlace(coordinator, alerted[code])
            for code in alerted
            if code not in shown
        ]
        shown.update({one.code: one for one in new})
        if new:
            async_add_entities(new)

    update()
    entry.async_on_unload(coordinator.async_add_listener(update))


def alerted_places(entry: EasStationConfigEntry) -> dict[str, Location]:
    """Return the places with a point that relevant alerts name, by their codes.

    A part of a county stands at the middle of the whole. Whole states and the
    nation have no point.
    """
    places = {}
    for alert in active_alerts(entry):
        for one in alert.locations:
            place = location(f"0{one.code[1:]}")
            if place.latitude is not None:
                places[place.code] = place
    return places


class AlertedPlace(CoordinatorEntity[EasStationCoordinator], GeolocationEvent):
    """A county or water for which there is a relevant alert."""

    _attr_should_poll = False
    _attr_source = DOMAIN
    _attr_translation_key = "alerted_place"
    _attr_unit_of_measurement = UnitOfLength.KILOMETERS

    def __init__(self, coordinator: EasStationCoordinator, place: Location) -> None:
        """Take the place."""
        super().__init__(coordinator)
        self.code = place.code
        self._attr_name = f"{place.name}, {place.state}"
        self._attr_latitude, self._attr_longitude = place.latitude, place.longitude

    @override
    async def async_added_to_hass(self) -> None:
        """Measure how far from home it is."""
        await super().async_added_to_hass()
        home = self.hass.config
        meters = distance(home.latitude, home.longitude, self.latitude, self.longitude)
        self._attr_distance = None if meters is None else meters / METERS_A_KILOMETER

    @property
    @override
    def extra_state_attributes(self) -> dict[str, str | list[str]]:
        """Return which events are active there."""
        alerts = [
            alert
            for alert in active_alerts(self.coordinator.config_entry)
            if any(one.code[1:] == self.code[1:] for one in alert.locations)
        ]
        return {"code": self.code, "events": [alert.event for alert in alerts]}
