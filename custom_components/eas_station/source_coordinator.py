"""Where records leave the threads of one source's station and become Home Assistant's state.

The one file that crosses threads: records wait in a queue, `call_soon_threadsafe`
wakes the event loop for all that are there, and nothing else of Home Assistant
is touched from elsewhere.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
import logging
from typing import TYPE_CHECKING, Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from .alarm import Alarm
from .channel_measurements import ChannelMeasured, ChannelMeter
from .const import DOMAIN
from .eas_core.agent.followed import FollowedStation
from .eas_core.masking import mask_secrets
from .eas_core.radio.plan import ChannelKind, RadioChannel
from .eas_core.sources.source import SourceErrorReason
from .eas_core.station import (
    Alert,
    AlertUpdated,
    AttentionHeard,
    ChannelStatus,
    EndOfMessage,
    LevelReading,
    RecordingFinished,
    RecordingOffered,
    RecordingProblem,
    SignalReading,
    SourceState,
    SourceStatus,
    SpectrumReading,
    Station,
    StationRecord,
)
from .eas_core.station.pulse import HUNG_HINT
from .load import NO_LOAD, Load, LoadMeter
from .measurements import NOTHING_MEASURED, Measured, Measurements
from .on_air import NOTHING_ON_AIR, OnAir
from .source_settings import SourceSetting, StationSource

if TYPE_CHECKING:
    from .coordinator import EasStationConfigEntry

_LOGGER = logging.getLogger(__name__)

LONGEST_QUEUE: Final = 10_000
"""Records of minutes in which the event loop does nothing; further readings are left out."""

type Moment = (
    Alert
    | AlertUpdated
    | EndOfMessage
    | RecordingFinished
    | RecordingOffered
    | RecordingProblem
)
type Reading = LevelReading | SignalReading | SpectrumReading
READINGS: Final = (LevelReading, SignalReading, SpectrumReading)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceData:
    """How a source and its channels do, what is measured of them, what is on the air.

    `measured` is the best channel's, `receptions` are those of all channels of a radio.
    `messages` counts those decoded; `recording_problem` is why nothing can be recorded.
    """

    status: SourceStatus
    channels: tuple[ChannelStatus, ...] = ()
    measured: Measured = NOTHING_MEASURED
    receptions: Mapping[str, ChannelMeasured] = field(default_factory=dict)
    on_air: OnAir = NOTHING_ON_AIR
    messages: int = 0
    load: Load = NO_LOAD
    recording_problem: RecordingProblem | None = None


class SourceCoordinator(DataUpdateCoordinator[SourceData]):
    """Owns the core's station of one source, and tells entities how it does.

    What it hears goes to the station of the entry, which knows what the others heard.
    """

    config_entry: EasStationConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: EasStationConfigEntry,
        source: StationSource,
        *,
        told: Callable[[list[Moment]], None],
        read: Callable[[Reading], None],
    ) -> None:
        """Make the station; it does not hear yet.

        `told` is called with the moments of each change of the data, if any;
        `read` with each reading.
        """
        super().__init__(
            hass,
            _LOGGER,
            config_entry=entry,
            name=f"{DOMAIN} {source.setting.name}",
            update_interval=None,
            always_update=False,
        )
        self.setting = source.setting
        self.station = source.station
        self.data = SourceData(
            status=self.station.status,
            channels=tuple(one.status for one in self.station.health.channels),
        )
        self._told = told
        self._read = read
        self._measurements = Measurements(radio=self.is_radio)
        self._meters: dict[str, ChannelMeter] = {}
        self._load = LoadMeter(self.station)
        self._alarm = Alarm(hass, self._async_time_is_up)
        self._records: deque[StationRecord] = deque()
        self._awake = False
        self._pause = asyncio.Lock()
        self._stop_listening: CALLBACK_TYPE | None = None

    @property
    def full_name(self) -> str:
        """What people call it: the station, and another source after it."""
        title = self.config_entry.title
        other = self.setting.subentry_id is not None
        return f"{title} {self.setting.name}" if other else title

    @property
    def waiting(self) -> int:
        """How many records wait for the event loop."""
        return len(self._records)

    @property
    def is_radio(self) -> bool:
        """Whether it hears radio samples."""
        return self.station.options.radio is not None

    @property
    def weather_channels(self) -> tuple[RadioChannel, ...]:
        """The channels of weather radio that it hears."""
        plan = self.station.options.radio
        channels = () if plan is None else plan.channels
        return tuple(one for one in channels if one.kind is ChannelKind.NWR)

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
        # The last may still wait for the loop, which would set the alarm again.
        self._async_take_all()
        self._alarm.async_set(None)

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

    async def async_tune(self, setting: SourceSetting) -> None:
        """Hear by other receiver options, after a moment; raises EasError."""
        station, source = self.station, setting.build()
        # Others have no receiver here.
        assert isinstance(station, Station)
        self.setting = setting
        self.async_update_listeners()
        async with self.async_paused():
            station.take_source(source)

    @callback
    def async_take_pulse(self, beats: bool) -> None:
        """Show that the station's own thread hangs, which it cannot tell itself, or no more."""
        if beats == (self.data.status.hint != HUNG_HINT):
            return
        hung = SourceStatus(
            state=SourceState.DOWN,
            since=dt_util.utcnow(),
            reason=SourceErrorReason.STALLED,
            hint=HUNG_HINT,
        )
        self._show(
            self._take_status(self.data, self.station.status if beats else hung), []
        )

    def _is_in_use(self) -> bool:
        """Whether it is still the entry's, which may have been reloaded meanwhile."""
        entry = self.config_entry
        return (
            not self.hass.is_stopping
            and entry.state is ConfigEntryState.LOADED
            and self in entry.runtime_data.sources
        )

    def _from_thread(self, record: StationRecord) -> None:
        """Take a record on a thread of the station's, and wake the loop where it does not know yet."""
        full = len(self._records) >= LONGEST_QUEUE
        if not full or not isinstance(record, READINGS):
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
        data, moments = self.data, list[Moment]()
        channels = dict[str, ChannelStatus]()
        while self._records:
            record = self._records.popleft()
            if isinstance(record, ChannelStatus):
                channels[record.channel] = record
                continue
            data = self._take(data, record)
            match record:
                case LevelReading() | SignalReading() | SpectrumReading():
                    self._read(record)
                case (
                    Alert()
                    | AlertUpdated()
                    | EndOfMessage()
                    | RecordingFinished()
                    | RecordingOffered()
                    | RecordingProblem()
                ):
                    moments.append(record)
        if channels:
            data = replace(data, channels=_with(data.channels, channels))
        self._show(self._counted(data), moments)

    def _counted(self, data: SourceData) -> SourceData:
        messages = self.station.counters.messages
        load = self._load.read() or data.load
        if (messages, load) == (data.messages, data.load):
            return data
        return replace(data, messages=messages, load=load)

    def _show(self, data: SourceData, moments: list[Moment]) -> None:
        """Tell entities where the data are new, and again when time alone changes them."""
        new = data != self.data
        if new:
            self.async_set_updated_data(data)
        self._alarm.async_set(data.on_air.next_change)
        if new or moments:
            self._told(moments)

    @callback
    def _async_time_is_up(self, now: datetime) -> None:
        self._show(replace(self.data, on_air=self.data.on_air.at(now)), [])

    def _take(self, data: SourceData, record: StationRecord) -> SourceData:
        match record:
            case LevelReading() | SignalReading():
                return self._measure(data, record)
            case SourceStatus():
                return self._take_status(data, record)
            case Alert() | EndOfMessage():
                on_air = data.on_air.take(record, dt_util.utcnow())
                return replace(data, on_air=on_air)
            case AttentionHeard():
                _LOGGER.debug(
                    "Attention signal %s, %.1f s", record.kind, record.seconds
                )
            case RecordingProblem():
                problem = record if record.reason else None
                return replace(data, recording_problem=problem)
            case SpectrumReading() | AlertUpdated():
                pass
            case RecordingFinished() | RecordingOffered():
                pass
        return data

    def _measure(
        self, data: SourceData, reading: LevelReading | SignalReading
    ) -> SourceData:
        measured = self._measurements.take(reading)
        if measured is not None:
            data = replace(data, measured=measured)
        if self.is_radio:
            name = (
                reading.channel
                if isinstance(reading, LevelReading)
                else reading.quality.channel
            )
            shown = self._meters.setdefault(name, ChannelMeter()).take(reading)
            if shown is not None:
                data = replace(data, receptions={**data.receptions, name: shown})
        return data

    def _take_status(self, data: SourceData, status: SourceStatus) -> SourceData:
        if status.hint is not None:
            status = replace(status, hint=mask_secrets(status.hint))
        data = replace(data, status=status)
        if status.state not in (SourceState.DOWN, SourceState.STOPPED):
            return data
        # What was measured before would look like one of now.
        self._measurements = Measurements(radio=self.is_radio)
        self._meters.clear()
        if isinstance(self.station, FollowedStation):
            # Nobody tells of each agent's where the broker itself is gone.
            down = (
                replace(one, state=SourceState.DOWN, since=status.since)
                for one in data.channels
            )
            data = replace(data, channels=tuple(down))
        return replace(
            data, measured=NOTHING_MEASURED, receptions={}, on_air=NOTHING_ON_AIR
        )


def _with(
    channels: tuple[ChannelStatus, ...], new: Mapping[str, ChannelStatus]
) -> tuple[ChannelStatus, ...]:
    # Agents come and go, and their channels with them.
    return (*{**{one.channel: one for one in channels}, **new}.values(),)
