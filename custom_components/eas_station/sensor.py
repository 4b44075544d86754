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

from .alert_sensor import ALERT_SENSORS
from .coordinator import EasStationConfigEntry, EasStationCoordinator, StationState
from .eas_core.station import SourceState
from .entity import EasStationEntity

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class EasStationSensorDescription(SensorEntityDescription):
    """A sensor and how its value comes from the station's state."""

    value_fn: Callable[[StationState], float | str | datetime | None]
    attributes_fn: Callable[[StationState], dict[str, Any]] | None = None
    needs_source: bool = True


SENSORS: Final = (
    EasStationSensorDescription(
        key="audio_level",
        translation_key="audio_level",
        native_unit_of_measurement="dBFS",
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        suggested_display_precision=0,
        value_fn=lambda state: state.measured.level_dbfs,
    ),
    EasStationSensorDescription(
        key="audio_peak",
        translation_key="audio_peak",
        native_unit_of_measurement="dBFS",
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        suggested_display_precision=0,
        value_fn=lambda state: state.measured.peak_dbfs,
    ),
    EasStationSensorDescription(
        key="sdr_status",
        translation_key="source_status",
        device_class=SensorDeviceClass.ENUM,
        options=[state.value for state in SourceState],
        entity_category=EntityCategory.DIAGNOSTIC,
        needs_source=False,
        value_fn=lambda state: state.status.state.value,
        attributes_fn=lambda state: {
            "since": state.status.since.isoformat(),
            "reason": state.status.reason.value if state.status.reason else None,
            "hint": state.status.hint,
            "channels": {one.channel: one.state.value for one in state.channels},
        },
    ),
    EasStationSensorDescription(
        key="messages_decoded",
        translation_key="messages_decoded",
        state_class=SensorStateClass.TOTAL_INCREASING,
        entity_category=EntityCategory.DIAGNOSTIC,
        needs_source=False,
        value_fn=lambda state: state.messages,
    ),
    EasStationSensorDescription(
        key="decoder_cpu",
        translation_key="decoder_cpu",
        native_unit_of_measurement=PERCENTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        suggested_display_precision=1,
        value_fn=lambda state: state.load.cpu_percent,
    ),
    EasStationSensorDescription(
        key="samples_lost",
        translation_key="samples_lost",
        native_unit_of_measurement=PERCENTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        suggested_display_precision=2,
        value_fn=lambda state: state.load.lost_percent,
    ),
)
RADIO_SENSORS: Final = (
    EasStationSensorDescription(
        key="signal_to_noise",
        translation_key="signal_to_noise",
        device_class=SensorDeviceClass.SIGNAL_STRENGTH,
        native_unit_of_measurement=SIGNAL_STRENGTH_DECIBELS,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        suggested_display_precision=0,
        value_fn=lambda state: state.measured.snr_db,
        attributes_fn=lambda state: {"channel": state.measured.channel},
    ),
    EasStationSensorDescription(
        key="signal_power",
        translation_key="signal_power",
        native_unit_of_measurement="dBFS",
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        suggested_display_precision=0,
        value_fn=lambda state: state.measured.power_dbfs,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: EasStationConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the station's sensors."""
    coordinator = entry.runtime_data
    described = SENSORS + RADIO_SENSORS if coordinator.is_radio else SENSORS
    async_add_entities(
        [
            *(EasStationSensor(coordinator, description) for description in described),
            *(make(coordinator) for make in ALERT_SENSORS),
        ]
    )


class EasStationSensor(EasStationEntity, SensorEntity):
    """A sensor that shows a part of the station's state."""

    _domain = "sensor"
    entity_description: EasStationSensorDescription

    def __init__(
        self,
        coordinator: EasStationCoordinator,
        description: EasStationSensorDescription,
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
