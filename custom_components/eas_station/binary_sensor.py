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

from .coordinator import EasStationConfigEntry, StationState
from .eas_core.station import Alert, SourceState
from .eas_core.station.filters import WARNING_OR_ABOVE
from .entity import EasStationEntity
from .filters import active_alerts

PARALLEL_UPDATES = 0

PROBLEM_AFTER_SECONDS: Final = 60.0
"""What is mended by itself within this time is no problem."""

BAD: Final = (SourceState.DOWN, SourceState.DEGRADED, SourceState.NO_SIGNAL)


@dataclass(frozen=True, kw_only=True)
class AlertActiveDescription(BinarySensorEntityDescription):
    """A binary sensor that is on while such an alert lives."""

    counts: Callable[[Alert], bool]


@dataclass(frozen=True, kw_only=True)
class StateDescription(BinarySensorEntityDescription):
    """A binary sensor that shows a part of the station's state."""

    is_on_fn: Callable[[StationState], bool]


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
RECEIVING: Final = StateDescription(
    key="receiving",
    translation_key="receiving",
    device_class=BinarySensorDeviceClass.RUNNING,
    is_on_fn=lambda state: bool(state.heard.on_air),
)
SILENCE: Final = StateDescription(
    key="silence",
    translation_key="silence",
    entity_category=EntityCategory.DIAGNOSTIC,
    is_on_fn=lambda state: state.status.state is SourceState.QUIET,
)
RECORDING_PROBLEM: Final = StateDescription(
    key="recording_problem",
    translation_key="recording_problem",
    device_class=BinarySensorDeviceClass.PROBLEM,
    entity_category=EntityCategory.DIAGNOSTIC,
    is_on_fn=lambda state: state.recording_problem is not None,
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
    """Add the station's binary sensors."""
    coordinator = entry.runtime_data
    async_add_entities(
        [
            *(AlertActiveSensor(coordinator, description) for description in ALERTS),
            StateBinarySensor(coordinator, RECEIVING),
            StateBinarySensor(coordinator, SILENCE),
            ProblemSensor(coordinator, PROBLEM),
            RecordingProblemSensor(coordinator, RECORDING_PROBLEM),
        ]
    )


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


class StateBinarySensor(EasStationEntity, BinarySensorEntity):
    """A part of the station's state; not known while nothing comes from the source."""

    _domain = "binary_sensor"
    _needs_source = True
    entity_description: StateDescription

    @property
    @override
    def is_on(self) -> bool:
        """Whether it is so."""
        return self.entity_description.is_on_fn(self.coordinator.data)


class RecordingProblemSensor(StateBinarySensor):
    """Whether nothing can be recorded, whatever the source does; `reason` tells why."""

    _needs_source = False

    @property
    @override
    def extra_state_attributes(self) -> dict[str, str | None]:
        """Why, none where it records."""
        problem = self.coordinator.data.recording_problem
        return {"reason": problem.reason if problem else None}


class ProblemSensor(EasStationEntity, BinarySensorEntity):
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
