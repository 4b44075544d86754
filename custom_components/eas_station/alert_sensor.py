"""Sensors of alerts: the last, those that are active, when one ends, the weekly test."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory
from homeassistant.helpers.restore_state import ExtraStoredData, RestoreEntity

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


@dataclass
class _LastAlertData(ExtraStoredData):
    """What the sensor showed, kept over a restart."""

    event: str | None
    attributes: dict[str, Any]

    @override
    def as_dict(self) -> dict[str, Any]:
        return {"event": self.event, "attributes": self.attributes}


class LastAlertSensor(EasStationEntity, SensorEntity, RestoreEntity):
    """The last alert's name, with what it said; it is remembered over a restart."""

    _domain = "sensor"
    _unrecorded_attributes = frozenset({"locations", "message", "best_guess", "header"})
    _restored: _LastAlertData | None = None

    def __init__(self, coordinator: EasStationCoordinator) -> None:
        """Take the coordinator."""
        super().__init__(coordinator, LAST_ALERT)

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
    def native_value(self) -> str | None:
        """Return the event's name."""
        alert = self.coordinator.data.last_alert
        if alert is None:
            return self._restored.event if self._restored else None
        return alert.event

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any] | None:
        """Return the alert as its event told it."""
        alert = self.coordinator.data.last_alert
        if alert is None:
            return self._restored.attributes if self._restored else None
        entry = self.coordinator.config_entry
        return alert_data(entry, alert, judge(entry, alert))

    @property
    @override
    def extra_restore_state_data(self) -> ExtraStoredData:
        """Return what is to be remembered."""
        return _LastAlertData(self.native_value, self.extra_state_attributes or {})


ALERT_SENSORS: Final = (
    LastAlertSensor,
    ActiveAlertsSensor,
    NextExpirySensor,
    WeeklyTestSensor,
)
