"""What an entry has told since it was loaded, and how long that took, for diagnostics."""

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.util import dt as dt_util

from .eas_core.station import Alert
from .eas_core.station.latencies import Latencies

if TYPE_CHECKING:
    from .coordinator import EasStationConfigEntry, Moment


class Telemetry:
    """Counts moments by their kind and alerts by their event; `decided_to_event` is from thread to bus."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.told = Counter[str]()
        self.alerts = Counter[str]()
        self.decided_to_event = Latencies()

    def as_dict(self) -> dict[str, Any]:
        """Return it for diagnostics."""
        return {
            "told": dict(self.told),
            "alerts": dict(self.alerts),
            "decided_to_event": asdict(self.decided_to_event.latency),
        }


@callback
def async_measure(hass: HomeAssistant, entry: EasStationConfigEntry) -> CALLBACK_TYPE:
    """Count what the entry tells from now on, after all who listened before; return what ends that."""
    telemetry = entry.runtime_data.telemetry

    @callback
    def take(moment: Moment) -> None:
        telemetry.told[type(moment).__name__] += 1
        if isinstance(moment, Alert):
            telemetry.alerts[moment.event_code or "?"] += 1
            if not moment.late:
                passed = dt_util.utcnow() - moment.received
                telemetry.decided_to_event.add(passed.total_seconds())

    return entry.runtime_data.async_listen_moments(take)
