"""Sensors of each agent: how it hears, its best channel's signal and level, and what it decoded.

Signal and level come with the agent's health. They are shown slowly, since
hundreds of agents would fill a recorder.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import SIGNAL_STRENGTH_DECIBELS, EntityCategory
from homeassistant.util import dt as dt_util

from .agent_entity import AgentEntity
from .channel_measurements import AT_LEAST_EVERY, AT_MOST_EVERY, STEP_DB
from .eas_core.agent.fleet import BEST_FIRST
from .eas_core.agent.reading import AgentHealth, AgentStation
from .eas_core.station import SourceState
from .source_coordinator import SourceCoordinator

STATUS: Final = SensorEntityDescription(
    key="sdr_status",
    translation_key="source_status",
    device_class=SensorDeviceClass.ENUM,
    options=[state.value for state in SourceState],
    entity_category=EntityCategory.DIAGNOSTIC,
)
MESSAGES: Final = SensorEntityDescription(
    key="messages_decoded",
    translation_key="messages_decoded",
    state_class=SensorStateClass.TOTAL_INCREASING,
    entity_category=EntityCategory.DIAGNOSTIC,
)


@dataclass(frozen=True, slots=True)
class BestChannel:
    """What is measured of the channel with the most signal: of an agent without radio, its first."""

    name: str
    snr_db: float | None
    level_dbfs: float | None


@dataclass(frozen=True, kw_only=True)
class MeasuredDescription(SensorEntityDescription):
    """A sensor and how its value comes from what is measured of the best channel."""

    value_fn: Callable[[BestChannel], float | None]


MEASURED: Final = (
    MeasuredDescription(
        key="signal_to_noise",
        translation_key="signal_to_noise",
        device_class=SensorDeviceClass.SIGNAL_STRENGTH,
        native_unit_of_measurement=SIGNAL_STRENGTH_DECIBELS,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        suggested_display_precision=0,
        value_fn=lambda best: best.snr_db,
    ),
    MeasuredDescription(
        key="audio_level",
        translation_key="audio_level",
        native_unit_of_measurement="dBFS",
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        suggested_display_precision=0,
        value_fn=lambda best: best.level_dbfs,
    ),
)


def agent_sensors(source: SourceCoordinator, name: str) -> Iterator[AgentEntity]:
    """Make those of an agent."""
    yield AgentStatusSensor(source, name, STATUS)
    yield AgentMessagesSensor(source, name, MESSAGES)
    for description in MEASURED:
        yield AgentMeasuredSensor(source, name, description)


class AgentStatusSensor(AgentEntity, SensorEntity):
    """How an agent hears: as the best of its stations does."""

    _domain = "sensor"

    @property
    @override
    def native_value(self) -> str:
        """Return the state of the best."""
        best = self._best
        return (SourceState.STARTING if best is None else best.state).value

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """Return since when, why, what to do, and how each channel does."""
        best = self._best
        if best is None:
            return {}
        return {
            "since": best.since.isoformat(),
            "reason": best.reason,
            "hint": best.hint,
            "channels": {
                status.channel: status.state.value
                for station in self._stations
                for status in station.channels
            },
        }

    @override
    def shown(self) -> object:
        """Return all that is shown."""
        return (self.native_value, self.extra_state_attributes)

    @property
    def _stations(self) -> tuple[AgentStation, ...]:
        health = None if self.seen is None else self.seen.health
        return () if health is None else health.stations

    @property
    def _best(self) -> AgentStation | None:
        order = BEST_FIRST.index
        return min(self._stations, key=lambda one: order(one.state), default=None)


class AgentMessagesSensor(AgentEntity, SensorEntity):
    """How many messages an agent has decoded since it was started."""

    _domain = "sensor"

    @property
    @override
    def native_value(self) -> int | None:
        """Return how many, of all its stations."""
        health = None if self.seen is None else self.seen.health
        return None if health is None else sum(one.messages for one in health.stations)

    @override
    def shown(self) -> object:
        """Return all that is shown."""
        return self.native_value


class AgentMeasuredSensor(AgentEntity, SensorEntity):
    """What an agent measured last of its best channel."""

    _domain = "sensor"
    entity_description: MeasuredDescription
    _best: BestChannel | None = None
    _shown_at: datetime | None = None

    @property
    @override
    def native_value(self) -> float | None:
        """Return the value, None before it is known."""
        best = self._best
        return None if best is None else self.entity_description.value_fn(best)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """Return which channel is the best."""
        return {"channel": None if self._best is None else self._best.name}

    @override
    def shown(self) -> object:
        """Return all that is shown, where it is due, else what was shown last."""
        seen, now = self.seen, dt_util.utcnow()
        if seen is None or not seen.online:
            self._best, self._shown_at = None, None
            return None
        best = None if seen.health is None else _best_channel(seen.health, self._best)
        if self._is_due(best, now):
            self._best, self._shown_at = best, now
        return (self._shown_at, self._best)

    def _is_due(self, best: BestChannel | None, now: datetime) -> bool:
        value = None if best is None else self.entity_description.value_fn(best)
        before, at = self.native_value, self._shown_at
        if before is None or at is None:
            return value is not None
        ago = now - at
        if ago < AT_MOST_EVERY:
            return False
        return ago >= AT_LEAST_EVERY or value is None or abs(value - before) >= STEP_DB


def _best_channel(health: AgentHealth, shown: BestChannel | None) -> BestChannel | None:
    """Return the channel with the most signal; the one that was shown, where another is hardly better."""
    channels = [
        BestChannel(
            status.channel,
            station.snr_db.get(status.channel),
            station.level_dbfs.get(status.channel),
        )
        for station in health.stations
        for status in station.channels
    ]
    with_signal = [one for one in channels if one.snr_db is not None]
    if not with_signal:
        return channels[0] if channels else None
    last = "" if shown is None else shown.name
    return max(
        with_signal, key=lambda one: (one.snr_db or 0.0) + STEP_DB * (one.name == last)
    )
