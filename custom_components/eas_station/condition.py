"""Conditions: an alert is active, a station is hearing (docs/triggers.md)."""

from typing import Any, Final, Unpack, cast, override

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_OPTIONS
from homeassistant.core import HomeAssistant
from homeassistant.helpers.condition import (
    ATTR_BEHAVIOR,
    BEHAVIOR_ALL,
    BEHAVIOR_ANY,
    Condition,
    ConditionCheckParams,
    ConditionConfig,
    condition_trace_update_result,
)
from homeassistant.helpers.typing import ConfigType
import probatio

from .const import DOMAIN
from .coordinator import HEARS, EasStationConfigEntry
from .wanted import (
    ALERT_OPTIONS,
    CONF_ENTRY,
    ENTRY_OPTION,
    WantedAlerts,
    async_active_alerts,
)

_ACTIVE_SCHEMA: Final = probatio.Schema(
    {probatio.Required(CONF_OPTIONS, default=dict): ALERT_OPTIONS}
)
_HEARING_SCHEMA: Final = probatio.Schema(
    {
        probatio.Required(CONF_OPTIONS, default=dict): ENTRY_OPTION
        | {
            probatio.Optional(ATTR_BEHAVIOR, default=BEHAVIOR_ANY): probatio.In(
                [BEHAVIOR_ANY, BEHAVIOR_ALL]
            ),
        }
    }
)


class AlertIsActive(Condition):
    """Whether any station has received an alert that is wanted and has not expired."""

    @classmethod
    @override
    async def async_validate_config(
        cls, hass: HomeAssistant, config: ConfigType
    ) -> ConfigType:
        """Validate the options."""
        return cast(ConfigType, _ACTIVE_SCHEMA(config))

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        """Take the options."""
        super().__init__(hass, config)
        self._wanted = WantedAlerts.from_options(config.options or {})

    @override
    def _async_check(self, **kwargs: Unpack[ConditionCheckParams]) -> bool:
        """Look at the active alerts; the trace tells why those do not count that do not."""
        held = []
        for alert in async_active_alerts(self._hass):
            info = self._wanted.held_back(alert)
            if info is None:
                condition_trace_update_result(alert=alert["id"], event=alert["event"])
                return True
            held.append(info.as_dict())
        condition_trace_update_result(held_back=held)
        return False


class StationIsHearing(Condition):
    """Whether a station hears: the one that is named, or any or all of them."""

    @classmethod
    @override
    async def async_validate_config(
        cls, hass: HomeAssistant, config: ConfigType
    ) -> ConfigType:
        """Validate the options."""
        return cast(ConfigType, _HEARING_SCHEMA(config))

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        """Take the options."""
        super().__init__(hass, config)
        options: dict[str, Any] = config.options or {}
        self._entry_id: str = options[CONF_ENTRY] or ""
        self._all: bool = options[ATTR_BEHAVIOR] == BEHAVIOR_ALL

    @override
    def _async_check(self, **kwargs: Unpack[ConditionCheckParams]) -> bool:
        """Look at the stations; one that is not loaded does not hear."""
        entries = self._hass.config_entries.async_entries(
            DOMAIN, include_disabled=False
        )
        stations = [
            {"station": entry.title, "state": _state(entry)}
            for entry in entries
            if self._entry_id in ("", entry.entry_id)
        ]
        condition_trace_update_result(stations=stations)
        hears = [station["state"] in HEARS for station in stations]
        return bool(hears) and (all(hears) if self._all else any(hears))


def _state(entry: EasStationConfigEntry) -> str:
    if entry.state is not ConfigEntryState.LOADED:
        return str(entry.state.value)
    return str(entry.runtime_data.data.hearing.state)


CONDITIONS: Final[dict[str, type[Condition]]] = {
    "alert_is_active": AlertIsActive,
    "station_is_hearing": StationIsHearing,
}


async def async_get_conditions(hass: HomeAssistant) -> dict[str, type[Condition]]:
    """Return the conditions of EAS Station."""
    return CONDITIONS
