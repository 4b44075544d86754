"""What numbers and switches of a receiver share: they show and set what Configure does."""

from typing import Any, override

from homeassistant.core import callback

from .const import RADIOS
from .coordinator import EasStationConfigEntry
from .entity import EasSourceEntity
from .source_coordinator import SourceCoordinator


def receivers(entry: EasStationConfigEntry) -> list[SourceCoordinator]:
    """Return the sources whose receiver can be set."""
    return [one for one in entry.runtime_data.sources if one.setting.kind in RADIOS]


class EasReceiverEntity(EasSourceEntity):
    """Something that is set about the receiver of a source, in its entry or subentry.

    It can be set while nothing comes from the receiver as well.
    """

    @property
    @override
    def available(self) -> bool:
        """Always: the setting is there."""
        return True

    @callback
    def _set(self, key: str, value: Any) -> None:
        """Set an option, None for the lack of one; the receiver is then opened again."""
        entry, setting = self.coordinator.config_entry, self.coordinator.setting
        entries = self.hass.config_entries
        if setting.subentry_id is None:
            entries.async_update_entry(entry, options=_with(entry.options, key, value))
        else:
            subentry = entry.subentries[setting.subentry_id]
            entries.async_update_subentry(
                entry, subentry, data=_with(subentry.data, key, value)
            )


def _with(options: Any, key: str, value: Any) -> dict[str, Any]:
    kept = {name: options[name] for name in options if name != key}
    return kept if value is None else {**kept, key: value}
