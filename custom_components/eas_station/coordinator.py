"""The station of an entry: what all its sources together hear, as Home Assistant's state."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, fields, replace
from datetime import datetime
import logging
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from .alarm import Alarm
from .const import DOMAIN
from .eas_core.fault_log import FaultLog
from .eas_core.station import (
    Alert,
    AlertUpdated,
    ChannelStatus,
    Counters,
    EndOfMessage,
    RecordingIndex,
    RecordingProblem,
    SourceState,
    SourceStatus,
    SpectrumReading,
)
from .eas_core.station.any_station import AnyStation
from .eas_core.station.merging import Merger
from .faults import NO_FAULTS, Faults
from .heard import NOTHING_HEARD, Heard, Relevant, Remembered
from .history import AlertHistory
from .load import Load
from .measurements import Measured
from .source_coordinator import Moment, Reading, SourceCoordinator, SourceData
from .source_settings import StationSource
from .telemetry import Telemetry
from .text_counters import TextCounters

__all__ = [
    "EasStationConfigEntry",
    "EasStationCoordinator",
    "Moment",
    "MomentListener",
    "Reading",
    "ReadingListener",
    "StationState",
]

_LOGGER = logging.getLogger(__name__)

HEARS: Final = (SourceState.HEARING, SourceState.DEGRADED)

HISTORY: Final = 64
"""Alerts that another source's message may be the same as."""

type EasStationConfigEntry = ConfigEntry[EasStationCoordinator]
type MomentListener = Callable[[Moment], None]
type ReadingListener = Callable[[Reading], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class StationState:
    """What entities show: how the sources do, the entry's own first, and what was heard.

    `last_alert` is the last whatever its age; `messages_before` are those of
    before the start.
    """

    sources: tuple[SourceData, ...]
    last_alert: Alert | None = None
    heard: Heard = NOTHING_HEARD
    messages_before: int = 0
    faults: Faults = NO_FAULTS

    @property
    def status(self) -> SourceStatus:
        """How the entry's own source does."""
        return self.sources[0].status

    @property
    def hearing(self) -> SourceStatus:
        """How the station hears: as its own source does, but for another that hears while it does not."""
        statuses = [one.status for one in self.sources]
        return next((one for one in statuses if one.state in HEARS), statuses[0])

    @property
    def channels(self) -> tuple[ChannelStatus, ...]:
        """The channels of all sources."""
        return tuple(channel for one in self.sources for channel in one.channels)

    @property
    def measured(self) -> Measured:
        """What is measured of the entry's own source."""
        return self.sources[0].measured

    @property
    def load(self) -> Load:
        """What the entry's own source costs."""
        return self.sources[0].load

    @property
    def messages(self) -> int:
        """How many messages all sources have decoded since the entry was made."""
        return self.messages_before + sum(one.messages for one in self.sources)

    @property
    def recording_problem(self) -> RecordingProblem | None:
        """Why nothing can be recorded, None where all is well."""
        problems = (one.recording_problem for one in self.sources)
        return next((one for one in problems if one is not None), None)


class EasStationCoordinator(DataUpdateCoordinator[StationState]):
    """Owns the sources of one entry and tells entities what they hear.

    The same message from several of them is one alert.
    """

    config_entry: EasStationConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: EasStationConfigEntry,
        sources: Sequence[StationSource],
    ) -> None:
        """Make the entry's own source, which is the first, and the others; none hears yet."""
        super().__init__(
            hass,
            _LOGGER,
            config_entry=entry,
            name=DOMAIN,
            update_interval=None,
            always_update=False,
        )
        self.sources = tuple(
            SourceCoordinator(
                hass,
                entry,
                one,
                told=self._told,
                read=self._read if one is sources[0] else self._read_of_other,
            )
            for one in sources
        )
        self.data = StationState(sources=tuple(one.data for one in self.sources))
        self.relevant: Relevant | None = None
        self._merger = Merger(HISTORY)
        self.text_counters = TextCounters()
        self.telemetry = Telemetry()
        self._moment_listeners: list[MomentListener] = []
        self._logger = FaultLog(_LOGGER)
        self._reading_listeners: list[ReadingListener] = []
        self.history = AlertHistory(hass, entry.entry_id)
        self.set_up_at = dt_util.utcnow()
        self._counted_before = Counters()
        self._alarm = Alarm(hass, self._async_time_is_up)

    @property
    def own(self) -> SourceCoordinator:
        """The entry's own source."""
        return self.sources[0]

    @property
    def station(self) -> AnyStation:
        """The core's station of the entry's own source."""
        return self.own.station

    @property
    def is_radio(self) -> bool:
        """Whether the entry's own source hears radio samples."""
        return self.own.is_radio

    @property
    def recent_alerts(self) -> tuple[Alert, ...]:
        """The newest alerts of all sources, newest last; self-tests are none."""
        return self._merger.known

    @property
    def recordings(self) -> RecordingIndex | None:
        """The list of what all sources have recorded, None where nothing is; not for the event loop."""
        found = (one.station.recordings for one in self.sources)
        return next((one for one in found if one is not None), None)

    @property
    def listenable(self) -> dict[str, SourceCoordinator]:
        """The channels that can be listened to live, and whose they are."""
        return {
            name: source
            for source in self.sources
            for name in source.station.live.names
        }

    def source_of(self, channel: str) -> SourceCoordinator | None:
        """Return which source has a channel, whose name no other source has."""
        for source in self.sources:
            if any(one.channel == channel for one in source.data.channels):
                return source
        return None

    @property
    def counters(self) -> Counters:
        """What all sources have counted since the entry was made."""
        parts = (self._counted_before, *(one.station.counters for one in self.sources))
        names = [one.name for one in fields(Counters)]
        return Counters(
            **{name: sum(getattr(part, name) for part in parts) for name in names}
        )

    @callback
    def async_remember(self, before: Remembered) -> None:
        """Know what was heard before a restart; to be called before the start."""
        self.set_up_at = before.set_up_at
        self._counted_before = before.counters
        self._merger.remember(before.known, before.begun, before.ended)
        self.data = replace(
            self.data,
            heard=before.heard,
            last_alert=before.last_alert,
            messages_before=before.counters.messages,
        )

    @callback
    def async_find(self, faults: Faults) -> None:
        """Tell entities of faults that were found, or are over."""
        self._show(replace(self.data, faults=faults))

    async def async_start(self) -> None:
        """Begin to hear."""
        self._alarm.async_set(self.data.heard.next_change)
        await asyncio.gather(*(one.async_start() for one in self.sources))

    async def async_stop(self) -> None:
        """End hearing and live listening; the threads are gone when this returns."""
        for one in self.sources:
            one.station.live.close()
        await asyncio.gather(*(one.async_stop() for one in self.sources))
        self._alarm.async_set(None)
        await self.history.async_flush()

    def async_paused(self) -> AbstractAsyncContextManager[None]:
        """Leave the entry's own receiver to somebody else for a while; one at a time."""
        return self.own.async_paused()

    @callback
    def async_listen_moments(self, listener: MomentListener) -> CALLBACK_TYPE:
        """Call the listener with all that happens once; return what ends that.

        Alerts, ends of message, and what is told of recordings.
        """
        self._moment_listeners.append(listener)
        return lambda: self._moment_listeners.remove(listener)

    @callback
    def async_listen_readings(self, listener: ReadingListener) -> CALLBACK_TYPE:
        """Call the listener with each reading, many a second; return what ends that."""
        self._reading_listeners.append(listener)
        return lambda: self._reading_listeners.remove(listener)

    @callback
    def _read(self, reading: Reading) -> None:
        for listener in tuple(self._reading_listeners):
            listener(reading)

    @callback
    def _read_of_other(self, reading: Reading) -> None:
        # A spectrum does not say whose it is; the station's is that of its own radio.
        if not isinstance(reading, SpectrumReading):
            self._read(reading)

    @callback
    def _told(self, moments: list[Moment]) -> None:
        """Take what is new of a source, and show once what it makes of the state."""
        sources = tuple(one.data for one in self.sources)
        state, told = replace(self.data, sources=sources), list[Moment]()
        now = dt_util.utcnow()
        for moment in moments:
            for new in self._merged(moment, now):
                state = _after(state, new, now)
                told.append(new)
        self._show(state)
        for moment in told:
            for listener in tuple(self._moment_listeners):
                try:
                    listener(moment)
                except Exception:  # one's fault must keep no other from an alert
                    self._logger.exception(
                        "A listener failed on %s", type(moment).__name__
                    )

    def _merged(self, moment: Moment, now: datetime) -> Iterator[Moment]:
        if isinstance(moment, RecordingProblem):
            yield moment
            return
        for new in self._merger.take_in_order(moment, now):
            # One that was told before, and is too old to be remembered as more than that.
            known = isinstance(new, Alert) and new.late and self.history.knows(new.id)
            if not known:
                yield new

    def _show(self, state: StationState) -> None:
        """Tell entities where the state is new, and again when time alone changes it."""
        if state != self.data:
            self.async_set_updated_data(state)
        self._alarm.async_set(state.heard.next_change)

    @callback
    def _async_time_is_up(self, now: datetime) -> None:
        self._show(replace(self.data, heard=self.data.heard.at(now)))


def _after(state: StationState, moment: Moment, now: datetime) -> StationState:
    match moment:
        case Alert():
            last, heard = state.last_alert, state.heard.take(moment, now)
            newest = last is None or not moment.late or moment.received >= last.received
            return replace(state, heard=heard, last_alert=moment if newest else last)
        case AlertUpdated():
            state = replace(state, heard=state.heard.take(moment, now))
            shown = state.last_alert
            if shown is not None and shown.id == moment.alert.id:
                return replace(state, last_alert=moment.alert)
        case EndOfMessage():
            return replace(state, heard=state.heard.at(now))
    return state
