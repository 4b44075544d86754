"""Triggers of a station's hearing: it falls silent for a time, and it hears again."""

from abc import abstractmethod
from collections.abc import Callable
from typing import Final, cast, override

from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntryChange,
    ConfigEntryState,
)
from homeassistant.const import CONF_FOR, CONF_OPTIONS
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.trigger import (
    Trigger,
    TriggerActionRunner,
    TriggerConfig,
    TriggerNotTriggeredReporter,
)
from homeassistant.helpers.typing import ConfigType
import probatio

from .const import DOMAIN
from .coordinator import EasStationConfigEntry
from .eas_core.station import SourceState
from .station_hearing import NOT_SET_UP, SILENCES, Hearing, Recovery, Silence, Told
from .wanted import CONF_ENTRY, ENTRY_OPTION

CONF_STATES: Final = "states"
CONF_AFTER: Final = "after"

_SILENT_SCHEMA: Final = probatio.Schema(
    {
        probatio.Required(CONF_OPTIONS, default=dict): ENTRY_OPTION
        | {
            probatio.Optional(
                CONF_FOR, default={"minutes": 5}
            ): cv.positive_time_period,
            probatio.Optional(CONF_STATES, default=list(SILENCES)): probatio.All(
                cv.ensure_list, probatio.Length(min=1), [probatio.In(SILENCES)]
            ),
        }
    }
)
_HEARS_SCHEMA: Final = probatio.Schema(
    {
        probatio.Required(CONF_OPTIONS, default=dict): ENTRY_OPTION
        | {
            probatio.Optional(
                CONF_FOR, default={"minutes": 1}
            ): cv.positive_time_period,
            probatio.Optional(
                CONF_AFTER, default={"seconds": 0}
            ): cv.positive_time_period,
        }
    }
)


class StationTrigger(Trigger):
    """A trigger that follows how stations hear."""

    _schema: probatio.Schema

    @classmethod
    @override
    async def async_validate_config(
        cls, hass: HomeAssistant, config: ConfigType
    ) -> ConfigType:
        """Validate the options."""
        return cast(ConfigType, cls._schema(config))

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Take the options."""
        super().__init__(hass, config)
        self.options = config.options or {}

    @abstractmethod
    def follow(self, told: Told) -> Hearing:
        """Return what follows one station."""

    @override
    async def async_attach_runner(
        self,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None = None,
    ) -> CALLBACK_TYPE:
        """Follow the station that is asked for, or all that there are and will be."""

        def begin(entry: EasStationConfigEntry) -> Hearing:
            return self.follow(Told(self._hass, entry, run_action, did_not_trigger))

        stations = Stations(self._hass, self.options[CONF_ENTRY] or "", begin)
        stations.async_attach()
        return stations.async_detach


class StationSilentTrigger(StationTrigger):
    """A station has heard nothing for a time."""

    _schema = _SILENT_SCHEMA

    @override
    def follow(self, told: Told) -> Hearing:
        """Wait for a silence that lasts."""
        return Silence(told, self.options[CONF_FOR], self.options[CONF_STATES])


class StationHearsTrigger(StationTrigger):
    """A station hears again, and has for a time."""

    _schema = _HEARS_SCHEMA

    @override
    def follow(self, told: Told) -> Hearing:
        """Wait for hearing that lasts."""
        return Recovery(told, self.options[CONF_FOR], self.options[CONF_AFTER])


class Stations:
    """Follows the stations of an automation, whatever their entries do."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry_id: str,
        begin: Callable[[EasStationConfigEntry], Hearing],
    ) -> None:
        """Take which station, "" for all, and what begins to follow one."""
        self._hass = hass
        self._entry_id = entry_id
        self._begin = begin
        self._hearings: dict[str, Hearing] = {}
        self._coordinators: dict[str, CALLBACK_TYPE] = {}
        self._disconnect: CALLBACK_TYPE | None = None

    @callback
    def async_attach(self) -> None:
        """Look at all entries, and at each that changes."""
        self._disconnect = async_dispatcher_connect(
            self._hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._async_changed
        )
        for entry in self._hass.config_entries.async_entries(DOMAIN):
            self._async_look(entry)

    @callback
    def async_detach(self) -> None:
        """Follow nothing any more."""
        if self._disconnect is not None:
            self._disconnect()
        while self._coordinators:
            self._coordinators.popitem()[1]()
        while self._hearings:
            self._hearings.popitem()[1].async_end()

    @callback
    def _async_changed(
        self, change: ConfigEntryChange, entry: EasStationConfigEntry
    ) -> None:
        if entry.domain == DOMAIN:
            self._async_look(entry)

    @callback
    def _async_look(self, entry: EasStationConfigEntry) -> None:
        entry_id = entry.entry_id
        if self._entry_id not in ("", entry_id):
            return
        if entry_id not in self._hearings:
            self._hearings[entry_id] = self._begin(entry)
        hearing = self._hearings[entry_id]

        @callback
        def take() -> None:
            status = entry.runtime_data.data.hearing
            hearing.async_take(status.state.value, status.reason, status.hint)

        if entry.state is ConfigEntryState.LOADED:
            if entry_id not in self._coordinators:
                self._coordinators[entry_id] = entry.runtime_data.async_add_listener(
                    take
                )
            take()
            return
        if entry_id in self._coordinators:
            self._coordinators.pop(entry_id)()
        if entry.state in (ConfigEntryState.SETUP_ERROR, ConfigEntryState.SETUP_RETRY):
            hearing.async_take(NOT_SET_UP, None, entry.reason)
        elif entry.state is not ConfigEntryState.SETUP_IN_PROGRESS:
            hearing.async_take(SourceState.STOPPED.value, None, None)
