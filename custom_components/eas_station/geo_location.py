"""The counties of relevant active alerts, for a map: each comes and goes with its alerts."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, override

from homeassistant.components.geo_location import GeolocationEvent
from homeassistant.const import UnitOfLength
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util.location import distance

from .const import DOMAIN
from .coordinator import EasStationConfigEntry
from .eas_core.same import Location, all_codes, location
from .eas_core.station import Alert
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
    seen: tuple[Alert, ...] = ()

    @callback
    def update() -> None:
        nonlocal seen
        alerts = active_alerts(entry)
        if alerts is seen:
            # Levels come every second, alerts seldom, and places by the hundred.
            return
        seen, places = alerts, alerted_places(alerts)
        for code in shown.keys() - places.keys():
            gone = shown.pop(code)
            entry.async_create_task(hass, gone.async_remove(force_remove=True))
        new = []
        for code, alerted in places.items():
            if code in shown:
                shown[code].async_show(alerted)
            else:
                shown[code] = AlertedPlace(alerted)
                new.append(shown[code])
        if new:
            async_add_entities(new)

    update()
    entry.async_on_unload(coordinator.async_add_listener(update))


@dataclass(slots=True)
class Alerted:
    """A place, and the names of the events that are active there."""

    place: Location
    events: list[str] = field(default_factory=list)


def alerted_places(alerts: Iterable[Alert]) -> dict[str, Alerted]:
    """Return the places with a point that alerts name, by their codes.

    A part of a county stands at the middle of the whole. Whole states and the
    nation have no point.
    """
    places: dict[str, Alerted] = {}
    for alert in alerts:
        named = {one.code[1:]: location(f"0{one.code[1:]}") for one in alert.locations}
        for place in named.values():
            if place.latitude is not None:
                alerted = places.setdefault(place.code, Alerted(place))
                alerted.events.append(alert.event)
    return places


class AlertedPlace(GeolocationEvent):
    """A county or water for which there is a relevant alert."""

    _attr_should_poll = False
    _attr_source = DOMAIN
    _attr_translation_key = "alerted_place"
    _attr_unit_of_measurement = UnitOfLength.KILOMETERS

    def __init__(self, alerted: Alerted) -> None:
        """Take the place, and what is active there."""
        place = alerted.place
        self._alerted = alerted
        self._is_added = False
        self._attr_name = f"{place.name}, {place.state}"
        self._attr_latitude, self._attr_longitude = place.latitude, place.longitude

    @override
    async def async_added_to_hass(self) -> None:
        """Measure how far from home it is."""
        await super().async_added_to_hass()
        home = self.hass.config
        meters = distance(home.latitude, home.longitude, self.latitude, self.longitude)
        self._attr_distance = None if meters is None else meters / METERS_A_KILOMETER
        self._is_added = True

    @callback
    def async_show(self, alerted: Alerted) -> None:
        """Show what is active there now."""
        changed, self._alerted = alerted != self._alerted, alerted
        # One that is still being added shows it by itself.
        if changed and self._is_added:
            self.async_write_ha_state()

    @property
    @override
    def extra_state_attributes(self) -> dict[str, str | list[str]]:
        """Return which events are active there."""
        return {"code": self._alerted.place.code, "events": self._alerted.events}
