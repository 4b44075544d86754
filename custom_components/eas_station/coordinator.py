"""Where records leave the station's threads and become Home Assistant's state.

The one file that crosses threads: `call_soon_threadsafe` carries each record to
the event loop, and nothing else of Home Assistant is touched from elsewhere.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
import logging
import math
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator

from .const import DOMAIN
from .eas_core.station import (
    Alert,
    AlertUpdated,
    AttentionHeard,
    ChannelStatus,
    EndOfMessage,
    LevelReading,
    SignalReading,
    SourceState,
    SourceStatus,
    SpectrumReading,
    Station,
    StationOptions,
    StationRecord,
)
from .sources import AnySource

_LOGGER = logging.getLogger(__name__)

LEVEL_AVERAGED: Final = timedelta(seconds=5)
LEVEL_AT_MOST_EVERY: Final = timedelta(seconds=1)
LEVEL_AT_LEAST_EVERY: Final = timedelta(seconds=10)
LEVEL_STEP_DB: Final = 3.0

type EasStationConfigEntry = ConfigEntry[EasStationCoordinator]
type Moment = Alert | AlertUpdated | EndOfMessage
type MomentListener = Callable[[Moment], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class StationState:
    """What entities show: the level in dBFS, the source's status, the last alert."""

    status: SourceStatus
    level_dbfs: float | None = None
    last_alert: Alert | None = None


class EasStationCoordinator(DataUpdateCoordinator[StationState]):
    """Owns the station of one entry and tells entities what it hears."""

    config_entry: EasStationConfigEntry

    def __init__(
        self, hass: HomeAssistant, entry: EasStationConfigEntry, source: AnySource
    ) -> None:
        """Make the station; it does not hear yet."""
        super().__init__(
            hass,
            _LOGGER,
            config_entry=entry,
            name=DOMAIN,
            update_interval=None,
            always_update=False,
        )
        self.source_kind = source.kind
        self.station = Station(source, StationOptions(name=entry.title))
        self.data = StationState(status=self.station.status)
        self._moment_listeners: list[MomentListener] = []
        self._levels: deque[LevelReading] = deque()
        self._level_written: datetime | None = None
        self._stop_listening: CALLBACK_TYPE | None = None

    async def async_start(self) -> None:
        """Begin to hear."""
        self._stop_listening = self.station.listen(self._from_thread)
        await self.hass.async_add_executor_job(self.station.start)

    async def async_stop(self) -> None:
        """End hearing; the threads are gone when this returns."""
        await self.hass.async_add_executor_job(self.station.stop)
        if self._stop_listening is not None:
            self._stop_listening()
            self._stop_listening = None

    @callback
    def async_listen_moments(self, listener: MomentListener) -> CALLBACK_TYPE:
        """Call the listener with each alert and end of message; return what ends that."""
        self._moment_listeners.append(listener)
        return lambda: self._moment_listeners.remove(listener)

    def _from_thread(self, record: StationRecord) -> None:
        """Take a record on the station's thread."""
        self.hass.loop.call_soon_threadsafe(self._async_take, record)

    @callback
    def _async_take(self, record: StationRecord) -> None:
        match record:
            case LevelReading():
                self._async_take_level(record)
            case SourceStatus():
                self._async_take_status(record)
            case SignalReading() | SpectrumReading() | ChannelStatus():
                pass
            case AttentionHeard():
                _LOGGER.debug(
                    "Attention signal %s, %.1f s", record.kind, record.seconds
                )
            case _:
                self._async_take_moment(record)

    @callback
    def _async_take_level(self, level: LevelReading) -> None:
        """Show the mean of the last seconds: often enough, and not more often."""
        levels = self._levels
        levels.append(level)
        while level.at - levels[0].at > LEVEL_AVERAGED:
            levels.popleft()
        written, shown = self._level_written, self.data.level_dbfs
        if written is not None and level.at - written < LEVEL_AT_MOST_EVERY:
            return
        powers = [10 ** (one.rms_dbfs / 10) for one in levels]
        mean = 10 * math.log10(math.fsum(powers) / len(powers))
        due = written is None or level.at - written >= LEVEL_AT_LEAST_EVERY
        if due or shown is None or abs(mean - shown) >= LEVEL_STEP_DB:
            self._level_written = level.at
            self.async_set_updated_data(replace(self.data, level_dbfs=round(mean, 1)))

    @callback
    def _async_take_status(self, status: SourceStatus) -> None:
        was_down = self.data.status.state is SourceState.DOWN
        if status.state is SourceState.DOWN:
            _LOGGER.warning(
                "%s hears nothing: %s", self.config_entry.title, status.hint
            )
        elif was_down and status.state is SourceState.HEARING:
            _LOGGER.info("%s hears again", self.config_entry.title)
        level = self.data.level_dbfs
        if status.state in (SourceState.DOWN, SourceState.STOPPED):
            # A level from before would look like one of now.
            level = None
            self._levels.clear()
            self._level_written = None
        self.async_set_updated_data(replace(self.data, status=status, level_dbfs=level))

    @callback
    def _async_take_moment(self, moment: Moment) -> None:
        if isinstance(moment, Alert):
            self.async_set_updated_data(replace(self.data, last_alert=moment))
        elif isinstance(moment, AlertUpdated):
            shown = self.data.last_alert
            if shown is not None and shown.id == moment.alert.id:
                self.async_set_updated_data(replace(self.data, last_alert=moment.alert))
        for listener in tuple(self._moment_listeners):
            listener(moment)
