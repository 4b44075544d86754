"""Who may see and hear a station: whoever may read all of its entities."""

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import Unauthorized
from homeassistant.helpers import entity_registry as er

from .coordinator import EasStationConfigEntry


def check_may_read(
    hass: HomeAssistant, user: User, entry: EasStationConfigEntry
) -> None:
    """Raise Unauthorized where a user may not read what the station's entities show."""
    may_read = user.permissions
    if may_read.access_all_entities(POLICY_READ):
        return
    entities = station_entities(hass, entry)
    if not entities or not all(
        may_read.check_entity(entity_id, POLICY_READ) for entity_id in entities.values()
    ):
        raise Unauthorized


def station_entities(
    hass: HomeAssistant, entry: EasStationConfigEntry
) -> dict[str, str]:
    """Return the ids of a station's entities that are enabled, by their unique ids."""
    found = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    return {one.unique_id: one.entity_id for one in found if one.disabled_by is None}
