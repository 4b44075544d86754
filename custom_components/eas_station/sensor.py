"""Sensors: audio level, signal-to-noise ratio, the source's status, the last alert."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import SIGNAL_STRENGTH_DECIBELS, EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.restore_state import ExtraStoredData, RestoreEntity
from homeassistant.util import slugify

from .coordinator import EasStationConfigEntry, EasStationCoordinator, StationState
from .eas_core.station import SourceState
from .entity import EasStationEntity
from .events import alert_data
from .filters import judge

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class EasStationSensorDescription(SensorEntityDescription):
    """A sensor and how its value comes from the station's state."""

    value_fn: Callable[[StationState], float | str | None]
    attributes_fn: Callable[[StationState], dict[str, Any]] | None = None


AUDIO_LEVEL = EasStationSensorDescription(
    key="audio_level",
    translation_key="audio_level",
    native_unit_of_measurement="dBFS",
    state_class=SensorStateClass.MEASUREMENT,
    entity_category=EntityCategory.DIAGNOSTIC,
    suggested_display_precision=0,
    value_fn=lambda state: state.measured.level_dbfs,
)
SIGNAL_TO_NOISE = EasStationSensorDescription(
    key="signal_to_noise",
    translation_key="signal_to_noise",
    device_class=SensorDeviceClass.SIGNAL_STRENGTH,
    native_unit_of_measurement=SIGNAL_STRENGTH_DECIBELS,
    state_class=SensorStateClass.MEASUREMENT,
    entity_category=EntityCategory.DIAGNOSTIC,
    suggested_display_precision=0,
    value_fn=lambda state: state.measured.snr_db,
    attributes_fn=lambda state: {"channel": state.measured.channel},
)
SOURCE_STATUS = EasStationSensorDescription(
    key="sdr_status",
    translation_key="source_status",
    device_class=SensorDeviceClass.ENUM,
    options=[state.value for state in SourceState],
    entity_category=EntityCategory.DIAGNOSTIC,
    value_fn=lambda state: state.status.state.value,
    attributes_fn=lambda state: {
        "since": state.status.since.isoformat(),
        "reason": state.status.reason.value if state.status.reason else None,
        "hint": state.status.hint,
        "channels": {one.channel: one.state.value for one in state.channels},
    },
)
LAST_ALERT = EasStationSensorDescription(
    key="last_alert",
    translation_key="last_alert",
    value_fn=lambda state: state.last_alert.event if state.last_alert else None,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: EasStationConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the station's sensors."""
    coordinator = entry.runtime_data
    described = [AUDIO_LEVEL, SOURCE_STATUS]
    if coordinator.is_radio:
        described.append(SIGNAL_TO_NOISE)
    async_add_entities(
        [
            *(EasStationSensor(coordinator, description) for description in described),
            LastAlertSensor(coordinator, LAST_ALERT),
        ]
    )


class EasStationSensor(EasStationEntity, SensorEntity):
    """A sensor that shows a part of the station's state."""

    entity_description: EasStationSensorDescription

    def __init__(
        self,
        coordinator: EasStationCoordinator,
        description: EasStationSensorDescription,
    ) -> None:
        """Ask for the entity id that automations rely on, in any language."""
        super().__init__(coordinator, description)
        station = slugify(coordinator.config_entry.title)
        self.entity_id = f"sensor.{station}_{description.key}"

    @property
    @override
    def native_value(self) -> float | str | None:
        """Return the value."""
        return self.entity_description.value_fn(self.coordinator.data)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any] | None:
        """Return what goes with the value."""
        attributes_fn = self.entity_description.attributes_fn
        return attributes_fn(self.coordinator.data) if attributes_fn else None


@dataclass
class _LastAlertData(ExtraStoredData):
    """What the sensor showed, kept over a restart."""

    event: str | None
    attributes: dict[str, Any]

    @override
    def as_dict(self) -> dict[str, Any]:
        return {"event": self.event, "attributes": self.attributes}


class LastAlertSensor(EasStationSensor, RestoreEntity):
    """The last alert's name, with what it said; it is remembered over a restart."""

    _unrecorded_attributes = frozenset({"locations", "message", "best_guess", "header"})
    _restored: _LastAlertData | None = None

    @override
    async def async_added_to_hass(self) -> None:
        """Show what was shown before, until a new alert comes."""
        await super().async_added_to_hass()
        stored = await self.async_get_last_extra_data()
        if stored is not None:
            kept = stored.as_dict()
            self._restored = _LastAlertData(
                kept.get("event"), kept.get("attributes") or {}
            )

    @property
    @override
    def native_value(self) -> float | str | None:
        """Return the event's name."""
        if self.coordinator.data.last_alert is None and self._restored is not None:
            return self._restored.event
        return super().native_value

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any] | None:
        """Return the alert as its event told it."""
        alert = self.coordinator.data.last_alert
        if alert is None:
            return self._restored.attributes if self._restored else None
        return alert_data(alert, judge(self.coordinator.config_entry, alert))

    @property
    @override
    def extra_restore_state_data(self) -> ExtraStoredData:
        """Return what is to be remembered."""
        value = self.native_value
        return _LastAlertData(
            str(value) if value is not None else None, self.extra_state_attributes or {}
        )
