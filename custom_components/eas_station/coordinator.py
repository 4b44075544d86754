"""Where records leave the station's threads and become Home Assistant's state.

The one file that crosses threads: records wait in a queue, `call_soon_threadsafe`
wakes the event loop for all that are there, and nothing else of Home Assistant
is touched from elsewhere.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
import logging
from typing import Final

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_track_point_in_utc_time
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .eas_core.radio.plan import RadioPlan
from .eas_core.sources.source import Source
from .eas_core.station import (
    Alert,
    AlertUpdated,
    AttentionHeard,
    ChannelStatus,
    EndOfMessage,
    LevelReading,
    RecordingFinished,
    RecordingIndex,
    RecordingProblem,
    SignalReading,
    SourceState,
    SourceStatus,
    SpectrumReading,
    Station,
    StationRecord,
)
from .heard import NOTHING_HEARD, Heard
from .heard_store import HeardStore
from .load import NO_LOAD, Load, LoadMeter
from .masking import mask_secrets
from .measurements import NOTHING_MEASURED, Measured, Measurements
from .recordings import recording_folder, recording_options
from .sources import station_options

_LOGGER = logging.getLogger(__name__)

LONGEST_QUEUE: Final = 10_000
"""Records of minutes in which the event loop does nothing; the oldest go first."""

type EasStationConfigEntry = ConfigEntry[EasStationCoordinator]
type Moment = Alert | AlertUpdated | EndOfMessage | RecordingFinished | RecordingProblem
type MomentListener = Callable[[Moment], None]
type Reading = LevelReading | SignalReading | SpectrumReading
type ReadingListener = Callable[[Reading], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class StationState:
    """What entities show: how the source and its channels do, what is measured and heard.

    `last_alert` is the last whatever its age; `messages` counts those decoded;
    `recording_problem` is why nothing can be recorded.
    """

    status: SourceStatus
    channels: tuple[ChannelStatus, ...] = ()
    measured: Measured = NOTHING_MEASURED
    last_alert: Alert | None = None
    heard: Heard = NOTHING_HEARD
    messages: int = 0
    load: Load = NO_LOAD
    recording_problem: RecordingProblem | None = None


class EasStationCoordinator(DataUpdateCoordinator[StationState]):
    """Owns the station of one entry and tells entities what it hears."""

    config_entry: EasStationConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: EasStationConfigEntry,
        source: Source,
        plan: RadioPlan | None,
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
        recording = recording_options(
            entry.options, recording_folder(hass, entry.entry_id)
        )
        options = station_options(entry.title, entry.options, plan, recording)
        self.is_radio = plan is not None
        self.station = Station(source, options)
        self.data = StationState(
            status=self.station.status,
            channels=tuple(one.status for one in self.station.health.channels),
        )
        self._moment_listeners: list[MomentListener] = []
        self._reading_listeners: list[ReadingListener] = []
        self._measurements = Measurements(radio=self.is_radio)
        self._load = LoadMeter(self.station)
        self._store = HeardStore(hass, entry.entry_id)
        self._alarm: CALLBACK_TYPE | None = None
        self._alarm_at: datetime | None = None
        self._records: deque[StationRecord] = deque(maxlen=LONGEST_QUEUE)
        self._awake = False
        self._pause = asyncio.Lock()
        self._stop_listening: CALLBACK_TYPE | None = None

    @property
    def recordings(self) -> RecordingIndex | None:
        """The list of what is recorded, None where nothing is; not for the event loop."""
        return self.station.recordings

    async def async_restore(self) -> None:
        """Know what was heard before a restart, and lives on."""
        self.data = replace(self.data, heard=await self._store.async_load())

    async def async_start(self) -> None:
        """Begin to hear."""
        self._set_alarm(self.data.heard.next_change)
        self._stop_listening = self.station.listen(self._from_thread)
        await self.hass.async_add_executor_job(self.station.start)

    async def async_stop(self) -> None:
        """End hearing; the threads are gone when this returns."""
        await self.hass.async_add_executor_job(self.station.stop)
        if self._stop_listening is not None:
            self._stop_listening()
            self._stop_listening = None
        # The last may still wait for the loop, which would set the alarm again.
        self._async_take_all()
        self._set_alarm(None)
        await self._store.async_flush()

    @asynccontextmanager
    async def async_paused(self) -> AsyncIterator[None]:
        """Leave the receiver to somebody else for a while; one at a time."""
        async with self._pause:
            await self.async_stop()
            try:
                yield
            finally:
                if self._is_in_use():
                    await self.async_start()

    def _is_in_use(self) -> bool:
        """Whether it is still the entry's, which may have been reloaded meanwhile."""
        entry = self.config_entry
        return (
            not self.hass.is_stopping
            and entry.state is ConfigEntryState.LOADED
            and entry.runtime_data is self
        )

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

    def _from_thread(self, record: StationRecord) -> None:
        """Take a record on a thread of the station's, and wake the loop where it does not know yet."""
        self._records.append(record)
        if not self._awake:
            self._awake = True
            self.hass.loop.call_soon_threadsafe(self._async_take_all)

    @callback
    def _async_take_all(self) -> None:
        """Take all records that wait, and show once what they made of the state."""
        # Before the first is taken: what comes from here on wakes the loop again.
        self._awake = False
        if not self._records:
            return
        state, moments = self.data, list[Moment]()
        while self._records:
            record = self._records.popleft()
            state = self._take(state, record)
            match record:
                case Alert() | AlertUpdated() | EndOfMessage():
                    moments.append(record)
                    heard = state.heard.take(record, dt_util.utcnow())
                    state = replace(state, heard=heard)
                case RecordingFinished() | RecordingProblem():
                    moments.append(record)
                case LevelReading() | SignalReading() | SpectrumReading():
                    for watcher in tuple(self._reading_listeners):
                        watcher(record)
        self._show(self._counted(state))
        for moment in moments:
            for listener in tuple(self._moment_listeners):
                listener(moment)

    def _counted(self, state: StationState) -> StationState:
        messages = self.station.counters.messages
        load = self._load.read() or state.load
        if (messages, load) == (state.messages, state.load):
            return state
        return replace(state, messages=messages, load=load)

    def _show(self, state: StationState) -> None:
        """Tell entities where the state is new, and again when time alone changes it."""
        if state != self.data:
            self.async_set_updated_data(state)
        self._store.async_keep(state.heard)
        self._set_alarm(state.heard.next_change)

    def _set_alarm(self, at: datetime | None) -> None:
        if at == self._alarm_at:
            return
        if self._alarm is not None:
            self._alarm()
            self._alarm = None
        self._alarm_at = at
        if at is not None:
            job = HassJob(self._async_time_is_up, cancel_on_shutdown=True)
            self._alarm = async_track_point_in_utc_time(self.hass, job, at)

    @callback
    def _async_time_is_up(self, now: datetime) -> None:
        self._alarm = self._alarm_at = None
        # `now` is when it was to be; a machine that slept is later.
        heard = self.data.heard.at(max(now, dt_util.utcnow()))
        self._show(replace(self.data, heard=heard))

    def _take(self, state: StationState, record: StationRecord) -> StationState:
        match record:
            case LevelReading() | SignalReading():
                measured = self._measurements.take(record)
                return state if measured is None else replace(state, measured=measured)
            case SourceStatus():
                return self._take_status(state, record)
            case ChannelStatus():
                return replace(state, channels=_with(state.channels, record))
            case Alert():
                return replace(state, last_alert=record)
            case AlertUpdated():
                shown = state.last_alert
                if shown is not None and shown.id == record.alert.id:
                    return replace(state, last_alert=record.alert)
            case AttentionHeard():
                _LOGGER.debug(
                    "Attention signal %s, %.1f s", record.kind, record.seconds
                )
            case RecordingProblem():
                problem = record if record.reason else None
                return replace(state, recording_problem=problem)
            case SpectrumReading() | EndOfMessage() | RecordingFinished():
                pass
        return state

    def _take_status(self, state: StationState, status: SourceStatus) -> StationState:
        if status.hint is not None:
            status = replace(status, hint=mask_secrets(status.hint))
        state = replace(state, status=status)
        if status.state not in (SourceState.DOWN, SourceState.STOPPED):
            return state
        # What was measured before would look like one of now.
        self._measurements = Measurements(radio=self.is_radio)
        return replace(state, measured=NOTHING_MEASURED, heard=state.heard.silenced())


def _with(
    channels: tuple[ChannelStatus, ...], status: ChannelStatus
) -> tuple[ChannelStatus, ...]:
    return tuple(status if one.channel == status.channel else one for one in channels)
