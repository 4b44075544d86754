"""Sensors of each channel of weather radio."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import (
    SIGNAL_STRENGTH_DECIBELS,
    EntityCategory,
    UnitOfFrequency,
)

from .channel_measurements import ChannelMeasured
from .eas_core.station import SourceState
from .entity import EasChannelEntity

CHANNEL_STATES: Final = (
    SourceState.STARTING,
    SourceState.HEARING,
    SourceState.QUIET,
    SourceState.NO_SIGNAL,
)


@dataclass(frozen=True, kw_only=True)
class ChannelSensorDescription(SensorEntityDescription):
    """A sensor and how its value comes from what is measured of a channel."""

    value_fn: Callable[[ChannelMeasured], float | None]


STATUS: Final = SensorEntityDescription(
    key="status",
    translation_key="channel_status",
    device_class=SensorDeviceClass.ENUM,
    options=[state.value for state in CHANNEL_STATES],
    entity_category=EntityCategory.DIAGNOSTIC,
)
MEASURED: Final = (
    ChannelSensorDescription(
        key="signal_to_noise",
        translation_key="signal_to_noise",
        device_class=SensorDeviceClass.SIGNAL_STRENGTH,
        native_unit_of_measurement=SIGNAL_STRENGTH_DECIBELS,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        suggested_display_precision=0,
        value_fn=lambda measured: measured.snr_db,
    ),
    ChannelSensorDescription(
        key="audio_level",
        translation_key="audio_level",
        native_unit_of_measurement="dBFS",
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        suggested_display_precision=0,
        value_fn=lambda measured: measured.level_dbfs,
    ),
    ChannelSensorDescription(
        key="frequency_offset",
        translation_key="frequency_offset",
        device_class=SensorDeviceClass.FREQUENCY,
        native_unit_of_measurement=UnitOfFrequency.HERTZ,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        suggested_display_precision=0,
        value_fn=lambda measured: measured.offset_hz,
    ),
)


class ChannelStatusSensor(EasChannelEntity, SensorEntity):
    """How a channel does."""

    _domain = "sensor"

    @property
    @override
    def native_value(self) -> str | None:
        """Return its state."""
        found: Iterator[str] = (
            one.state.value
            for one in self.coordinator.data.channels
            if one.channel == self.channel
        )
        return next(found, None)


class ChannelSensor(EasChannelEntity, SensorEntity):
    """What is measured of a channel."""

    _domain = "sensor"
    entity_description: ChannelSensorDescription

    @property
    @override
    def native_value(self) -> float | None:
        """Return the value, None before it is known."""
        measured = self.coordinator.data.receptions.get(self.channel)
        return None if measured is None else self.entity_description.value_fn(measured)
