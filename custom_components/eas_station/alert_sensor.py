"""Sensors of alerts: the last, those that are active, when one ends, the weekly test."""

from datetime import datetime
from typing import Any, Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory

from .coordinator import EasStationCoordinator
from .eas_core.station import Alert
from .entity import EasStationEntity
from .events import alert_data
from .filters import active_alerts, judge

LAST_ALERT: Final = SensorEntityDescription(
    key="last_alert", translation_key="last_alert"
)
ACTIVE_ALERTS: Final = SensorEntityDescription(
    key="active_alerts",
    translation_key="active_alerts",
    state_class=SensorStateClass.MEASUREMENT,
)
NEXT_EXPIRY: Final = SensorEntityDescription(
    key="next_expiry",
    translation_key="next_expiry",
    device_class=SensorDeviceClass.TIMESTAMP,
)
WEEKLY_TEST: Final = SensorEntityDescription(
    key="last_weekly_test",
    translation_key="last_weekly_test",
    device_class=SensorDeviceClass.TIMESTAMP,
    entity_category=EntityCategory.DIAGNOSTIC,
)


class ActiveAlertsSensor(EasStationEntity, SensorEntity):
    """How many relevant alerts live, and which."""

    _domain = "sensor"
    _unrecorded_attributes = frozenset({"alerts"})

    def __init__(self, coordinator: EasStationCoordinator) -> None:
        """Take the coordinator."""
        super().__init__(coordinator, ACTIVE_ALERTS)

    @property
    @override
    def native_value(self) -> int:
        """Return how many; tests are none."""
        return len(active_alerts(self.coordinator.config_entry))

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """Return what a list of them shows, newest first."""
        alerts = active_alerts(self.coordinator.config_entry)
        return {"alerts": [_in_short(alert) for alert in reversed(alerts)]}


def _in_short(alert: Alert) -> dict[str, Any]:
    return {
        "id": alert.id,
        "event_code": alert.event_code,
        "event": alert.event,
        "significance": alert.significance,
        "places": [place.name for place in alert.locations],
        "issued": alert.issued.isoformat(),
        "expires": alert.expires.isoformat(),
        "message": alert.message,
    }


class NextExpirySensor(EasStationEntity, SensorEntity):
    """When the next of the relevant alerts ends."""

    _domain = "sensor"

    def __init__(self, coordinator: EasStationCoordinator) -> None:
        """Take the coordinator."""
        super().__init__(coordinator, NEXT_EXPIRY)

    @property
    @override
    def native_value(self) -> datetime | None:
        """Return when, None where there is none."""
        alerts = active_alerts(self.coordinator.config_entry)
        return min((alert.expires for alert in alerts), default=None)


class WeeklyTestSensor(EasStationEntity, SensorEntity):
    """When the last required weekly test came: that all of the way to here works."""

    _domain = "sensor"

    def __init__(self, coordinator: EasStationCoordinator) -> None:
        """Take the coordinator."""
        super().__init__(coordinator, WEEKLY_TEST)

    @property
    @override
    def native_value(self) -> datetime | None:
        """Return when, None where none is known."""
        return self.coordinator.data.heard.weekly_test


class LastAlertSensor(EasStationEntity, SensorEntity):
    """The last alert's name, with what it said; the history knows it after a restart."""

    _domain = "sensor"
    _unrecorded_attributes = frozenset({"locations", "message", "best_guess", "header"})

    def __init__(self, coordinator: EasStationCoordinator) -> None:
        """Take the coordinator."""
        super().__init__(coordinator, LAST_ALERT)

    @property
    @override
    def native_value(self) -> str | None:
        """Return the event's name."""
        alert = self.coordinator.data.last_alert
        return None if alert is None else alert.event

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any] | None:
        """Return the alert as its event told it."""
        alert = self.coordinator.data.last_alert
        if alert is None:
            return None
        entry = self.coordinator.config_entry
        return alert_data(entry, alert, judge(entry, alert))


ALERT_SENSORS: Final = (
    LastAlertSensor,
    ActiveAlertsSensor,
    NextExpirySensor,
    WeeklyTestSensor,
)
