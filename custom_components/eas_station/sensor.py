"""Sensors: levels and signal, the source's status and load, and what was heard."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import PERCENTAGE, SIGNAL_STRENGTH_DECIBELS, EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .agent_entity import async_add_agents
from .agent_sensor import agent_sensors
from .alert_sensor import ALERT_SENSORS
from .channel_sensor import MEASURED, STATUS, ChannelSensor, ChannelStatusSensor
from .coordinator import EasStationConfigEntry, EasStationCoordinator
from .devices import channel_subentry_id
from .eas_core.station import SourceState
from .entity import EasSourceEntity, EasStationEntity
from .source_coordinator import SourceCoordinator, SourceData

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class SourceSensorDescription(SensorEntityDescription):
    """A sensor and how its value comes from a source's data."""

    value_fn: Callable[[SourceData], float | str | datetime | None]
    attributes_fn: Callable[[SourceData], dict[str, Any]] | None = None
    needs_source: bool = True


SOURCE_SENSORS: Final = (
    SourceSensorDescription(
        key="audio_level",
        translation_key="audio_level",
        native_unit_of_measurement="dBFS",
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        suggested_display_precision=0,
        value_fn=lambda data: data.measured.level_dbfs,
    ),
    SourceSensorDescription(
        key="audio_peak",
        translation_key="audio_peak",
        native_unit_of_measurement="dBFS",
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        suggested_display_precision=0,
        value_fn=lambda data: data.measured.peak_dbfs,
    ),
    SourceSensorDescription(
        key="sdr_status",
        translation_key="source_status",
        device_class=SensorDeviceClass.ENUM,
        options=[state.value for state in SourceState],
        entity_category=EntityCategory.DIAGNOSTIC,
        needs_source=False,
        value_fn=lambda data: data.status.state.value,
        attributes_fn=lambda data: {
            "since": data.status.since.isoformat(),
            "reason": data.status.reason.value if data.status.reason else None,
            "hint": data.status.hint,
            "channels": {one.channel: one.state.value for one in data.channels},
        },
    ),
    SourceSensorDescription(
        key="decoder_cpu",
        translation_key="decoder_cpu",
        native_unit_of_measurement=PERCENTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        suggested_display_precision=1,
        value_fn=lambda data: data.load.cpu_percent,
    ),
    SourceSensorDescription(
        key="samples_lost",
        translation_key="samples_lost",
        native_unit_of_measurement=PERCENTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        suggested_display_precision=2,
        value_fn=lambda data: data.load.lost_percent,
    ),
)
RADIO_SENSORS: Final = (
    SourceSensorDescription(
        key="signal_to_noise",
        translation_key="signal_to_noise",
        device_class=SensorDeviceClass.SIGNAL_STRENGTH,
        native_unit_of_measurement=SIGNAL_STRENGTH_DECIBELS,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        suggested_display_precision=0,
        value_fn=lambda data: data.measured.snr_db,
        attributes_fn=lambda data: {"channel": data.measured.channel},
    ),
    SourceSensorDescription(
        key="signal_power",
        translation_key="signal_power",
        native_unit_of_measurement="dBFS",
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        suggested_display_precision=0,
        value_fn=lambda data: data.measured.power_dbfs,
    ),
)


MESSAGES: Final = SensorEntityDescription(
    key="messages_decoded",
    translation_key="messages_decoded",
    state_class=SensorStateClass.TOTAL_INCREASING,
    entity_category=EntityCategory.DIAGNOSTIC,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: EasStationConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors of each source, of each channel, and the station's."""
    coordinator = entry.runtime_data
    for source in coordinator.sources:
        described = SOURCE_SENSORS + (RADIO_SENSORS if source.is_radio else ())
        async_add_entities(
            [SourceSensor(source, description) for description in described],
            config_subentry_id=source.setting.subentry_id,
        )
        for channel in source.weather_channels:
            async_add_entities(
                [
                    ChannelStatusSensor(source, STATUS, channel),
                    *(ChannelSensor(source, one, channel) for one in MEASURED),
                ],
                config_subentry_id=channel_subentry_id(source, channel.frequency),
            )
        async_add_agents(source, async_add_entities, agent_sensors)
    async_add_entities(
        [MessagesSensor(coordinator), *(make(coordinator) for make in ALERT_SENSORS)]
    )


class MessagesSensor(EasStationEntity, SensorEntity):
    """How many messages were decoded since the station was set up."""

    _domain = "sensor"

    def __init__(self, coordinator: EasStationCoordinator) -> None:
        """Take the coordinator."""
        super().__init__(coordinator, MESSAGES)

    @property
    @override
    def native_value(self) -> int:
        """Return how many."""
        return self.coordinator.data.messages


class SourceSensor(EasSourceEntity, SensorEntity):
    """A sensor that shows a part of a source's data."""

    _domain = "sensor"
    entity_description: SourceSensorDescription

    def __init__(
        self, coordinator: SourceCoordinator, description: SourceSensorDescription
    ) -> None:
        """Take what it shows."""
        super().__init__(coordinator, description)
        self._needs_source = description.needs_source

    @property
    @override
    def native_value(self) -> float | str | datetime | None:
        """Return the value."""
        return self.entity_description.value_fn(self.coordinator.data)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any] | None:
        """Return what goes with the value."""
        attributes_fn = self.entity_description.attributes_fn
        return attributes_fn(self.coordinator.data) if attributes_fn else None
