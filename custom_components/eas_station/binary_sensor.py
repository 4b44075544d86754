"""Binary sensors: alerts by severity, a message on the air, and what is wrong with the source."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, override

from homeassistant.components.binary_sensor import (
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.const import EntityCategory
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.event import async_call_later

from .agent_entity import async_add_agents
from .agent_presence import agent_binary_sensors
from .coordinator import EasStationConfigEntry
from .eas_core.sources.source import SourceErrorReason
from .eas_core.station import Alert, SourceState
from .eas_core.station.filters import WARNING_OR_ABOVE
from .entity import EasSourceEntity, EasStationEntity
from .faults import Faults
from .filters import active_alerts
from .source_coordinator import SourceData

PARALLEL_UPDATES = 0

PROBLEM_AFTER_SECONDS: Final = 60.0
"""What is mended by itself within this time is no problem."""

BAD: Final = (SourceState.DOWN, SourceState.DEGRADED, SourceState.NO_SIGNAL)


@dataclass(frozen=True, kw_only=True)
class AlertActiveDescription(BinarySensorEntityDescription):
    """A binary sensor that is on while such an alert lives."""

    counts: Callable[[Alert], bool]


@dataclass(frozen=True, kw_only=True)
class SourceDescription(BinarySensorEntityDescription):
    """A binary sensor that shows a part of a source's data."""

    is_on_fn: Callable[[SourceData], bool]


@dataclass(frozen=True, kw_only=True)
class FaultDescription(BinarySensorEntityDescription):
    """A binary sensor of something that no source says of itself."""

    is_on_fn: Callable[[Faults], bool]


ALERTS: Final = (
    AlertActiveDescription(
        key="alert_active",
        translation_key="alert_active",
        device_class=BinarySensorDeviceClass.SAFETY,
        counts=lambda alert: True,
    ),
    AlertActiveDescription(
        key="warning_active",
        translation_key="warning_active",
        device_class=BinarySensorDeviceClass.SAFETY,
        counts=lambda alert: alert.significance in WARNING_OR_ABOVE,
    ),
    AlertActiveDescription(
        key="watch_active",
        translation_key="watch_active",
        device_class=BinarySensorDeviceClass.SAFETY,
        counts=lambda alert: alert.significance == "watch",
    ),
    AlertActiveDescription(
        key="advisory_active",
        translation_key="advisory_active",
        device_class=BinarySensorDeviceClass.SAFETY,
        counts=lambda alert: alert.significance in ("advisory", "statement"),
    ),
)
RECEIVING: Final = SourceDescription(
    key="receiving",
    translation_key="receiving",
    device_class=BinarySensorDeviceClass.RUNNING,
    is_on_fn=lambda data: bool(data.on_air.until),
)
SILENCE: Final = SourceDescription(
    key="silence",
    translation_key="silence",
    entity_category=EntityCategory.DIAGNOSTIC,
    is_on_fn=lambda data: data.status.state is SourceState.QUIET,
)
RECORDING_PROBLEM: Final = BinarySensorEntityDescription(
    key="recording_problem",
    translation_key="recording_problem",
    device_class=BinarySensorDeviceClass.PROBLEM,
    entity_category=EntityCategory.DIAGNOSTIC,
)
DECODER_BEHIND: Final = SourceDescription(
    key="decoder_behind",
    translation_key="decoder_behind",
    device_class=BinarySensorDeviceClass.PROBLEM,
    entity_category=EntityCategory.DIAGNOSTIC,
    is_on_fn=lambda data: (
        data.load.is_behind or data.status.reason is SourceErrorReason.OVERLOADED
    ),
)
FAULTS: Final = (
    FaultDescription(
        key="weekly_test_overdue",
        translation_key="weekly_test_overdue",
        device_class=BinarySensorDeviceClass.PROBLEM,
        entity_category=EntityCategory.DIAGNOSTIC,
        is_on_fn=lambda faults: faults.weekly_test_overdue,
    ),
    FaultDescription(
        key="clock_problem",
        translation_key="clock_problem",
        device_class=BinarySensorDeviceClass.PROBLEM,
        entity_category=EntityCategory.DIAGNOSTIC,
        is_on_fn=lambda faults: faults.clock_ahead is not None,
    ),
)
PROBLEM: Final = BinarySensorEntityDescription(
    key="problem",
    translation_key="problem",
    device_class=BinarySensorDeviceClass.PROBLEM,
    entity_category=EntityCategory.DIAGNOSTIC,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: EasStationConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the station's binary sensors, and those of each source."""
    coordinator = entry.runtime_data
    async_add_entities(
        [
            *(AlertActiveSensor(coordinator, description) for description in ALERTS),
            RecordingProblemSensor(coordinator, RECORDING_PROBLEM),
            *(FaultSensor(coordinator, description) for description in FAULTS),
        ]
    )
    for source in coordinator.sources:
        async_add_entities(
            [
                SourceBinarySensor(source, RECEIVING),
                SourceBinarySensor(source, SILENCE),
                SourceBinarySensor(source, DECODER_BEHIND),
                ProblemSensor(source, PROBLEM),
            ],
            config_subentry_id=source.setting.subentry_id,
        )
        async_add_agents(source, async_add_entities, agent_binary_sensors)


class AlertActiveSensor(EasStationEntity, BinarySensorEntity):
    """Whether a relevant alert of some severity lives."""

    _domain = "binary_sensor"
    entity_description: AlertActiveDescription

    @property
    @override
    def is_on(self) -> bool:
        """Whether there is one; tests are none."""
        return any(
            self.entity_description.counts(alert)
            for alert in active_alerts(self.coordinator.config_entry)
        )


class SourceBinarySensor(EasSourceEntity, BinarySensorEntity):
    """A part of a source's data; not known while nothing comes from it."""

    _domain = "binary_sensor"
    _needs_source = True
    entity_description: SourceDescription

    @property
    @override
    def is_on(self) -> bool:
        """Whether it is so."""
        return self.entity_description.is_on_fn(self.coordinator.data)


class RecordingProblemSensor(EasStationEntity, BinarySensorEntity):
    """Whether nothing can be recorded, whatever the source does; `reason` tells why."""

    _domain = "binary_sensor"

    @property
    @override
    def is_on(self) -> bool:
        """Whether it is so."""
        return self.coordinator.data.recording_problem is not None

    @property
    @override
    def extra_state_attributes(self) -> dict[str, str | None]:
        """Why, none where it records."""
        problem = self.coordinator.data.recording_problem
        return {"reason": problem.reason if problem else None}


class FaultSensor(EasStationEntity, BinarySensorEntity):
    """Whether the station would miss a warning, though its source seems well."""

    _domain = "binary_sensor"
    entity_description: FaultDescription

    @property
    @override
    def is_on(self) -> bool:
        """Whether it is so."""
        return self.entity_description.is_on_fn(self.coordinator.data.faults)


class ProblemSensor(EasSourceEntity, BinarySensorEntity):
    """Whether the source has failed or heard badly for a while."""

    _domain = "binary_sensor"
    _attr_is_on = False
    _wait: CALLBACK_TYPE | None = None

    @override
    async def async_added_to_hass(self) -> None:
        """Look at the source from now on."""
        await super().async_added_to_hass()
        self.async_on_remove(self._cancel)
        self._look()

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        self._look()
        super()._handle_coordinator_update()

    def _look(self) -> None:
        state = self.coordinator.data.status.state
        if state not in BAD:
            # A source that is opened anew has not recovered yet.
            if state is not SourceState.STARTING:
                self._cancel()
                self._attr_is_on = False
        elif not self._attr_is_on and self._wait is None:
            self._wait = async_call_later(
                self.hass,
                PROBLEM_AFTER_SECONDS,
                HassJob(self._has_lasted, cancel_on_shutdown=True),
            )

    @callback
    def _has_lasted(self, now: datetime) -> None:
        self._wait = None
        self._attr_is_on = True
        self.async_write_ha_state()

    @callback
    def _cancel(self) -> None:
        if self._wait is not None:
            self._wait()
            self._wait = None
