"""Who may see and hear a station: whoever may read all of its entities."""

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import Unauthorized, UnknownUser
from homeassistant.helpers import entity_registry as er

from .coordinator import EasStationConfigEntry


def check_may_read(
    hass: HomeAssistant, user: User, entry: EasStationConfigEntry
) -> None:
    """Raise Unauthorized where a user may not read what the station's entities show."""
    if not _may_read(hass, user, entry):
        raise Unauthorized


async def async_readable(
    call: ServiceCall, entries: list[EasStationConfigEntry]
) -> list[EasStationConfigEntry]:
    """Return the stations that whoever calls an action may read: all for an automation.

    Raises UnknownUser where nobody is who calls.
    """
    hass, user_id = call.hass, call.context.user_id
    if user_id is None:
        return entries
    user = await hass.auth.async_get_user(user_id)
    if user is None:
        raise UnknownUser(context=call.context)
    return [entry for entry in entries if _may_read(hass, user, entry)]


def _may_read(hass: HomeAssistant, user: User, entry: EasStationConfigEntry) -> bool:
    may_read = user.permissions
    if may_read.access_all_entities(POLICY_READ):
        return True
    entities = station_entities(hass, entry)
    return bool(entities) and all(
        may_read.check_entity(entity_id, POLICY_READ) for entity_id in entities.values()
    )


def station_entities(
    hass: HomeAssistant, entry: EasStationConfigEntry
) -> dict[str, str]:
    """Return the ids of a station's entities that are enabled, by their unique ids."""
    found = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    return {one.unique_id: one.entity_id for one in found if one.disabled_by is None}
