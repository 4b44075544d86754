"""An agent as Home Assistant's MQTT integration finds it by itself, for those without this one's.

One retained payload says what all its topics mean: MQTT device discovery,
`homeassistant/device/<id>/config`.
"""

from collections.abc import Mapping
from contextlib import suppress
import json
from pathlib import Path
import re
from typing import Any, Final

from .. import __version__
from ..same.codes import SIGNIFICANCES
from ..station.records import SourceState
from ..station.station import Station
from .topics import Topics

PREFIX: Final = "homeassistant"
FILE: Final = "discovered"
URL: Final = "https://github.com/eas-station/eas-station-ha"

TOLD_OF_ALERTS: Final = (
    *("id", "event", "event_code", "header", "message", "locations"),
    *("issued", "expires", "received", "channels", "test", "self_test", "late"),
)

OVER: Final = "(value_json.late and as_datetime(value_json.expires) <= utcnow())"
"""What was kept until it was over must set nothing off."""


class Discovery:
    """Tells an agent's discovery payload, and takes it back where it is not wanted any more.

    What was told stands in the agent's folder, so that nothing is published
    where nothing ever was.
    """

    def __init__(
        self,
        folder: Path,
        topics: Topics,
        prefix: str | None,
        payload: Mapping[str, Any],
    ) -> None:
        """Take where it is told; no prefix says that it is not."""
        self.topic = f"{prefix}/device/{_identity(topics)}/config" if prefix else None
        self._payload = payload
        self._file = folder / FILE

    def messages(self) -> list[tuple[str, Mapping[str, Any] | None]]:
        """Return what has to be published, retained, at a connection; None takes back."""
        told = self._told()
        taken_back = [(one, None) for one in sorted(told - {self.topic})]
        if self.topic is None:
            return [*taken_back]
        # Before it is told: what is not remembered is never taken back.
        self._remember(told | {self.topic})
        return [*taken_back, (self.topic, self._payload)]

    def published(self, topic: str) -> None:
        """Take it that the broker has what was published there."""
        if topic != self.topic:
            self._remember(self._told() - {topic})

    def _told(self) -> set[str]:
        try:
            return {*self._file.read_text(encoding="utf-8").split()}
        except OSError, UnicodeDecodeError:
            return set()

    def _remember(self, told: set[str]) -> None:
        with suppress(OSError):
            if told:
                self._file.write_text("\n".join(sorted(told)), encoding="utf-8")
            else:
                self._file.unlink(missing_ok=True)


def device_payload(topics: Topics, stations: Mapping[str, Station]) -> dict[str, Any]:
    """Return what Home Assistant is told of an agent with these stations."""
    components = {"connected": _connected(topics), "alert": _alert(topics)}
    for index, (name, station) in enumerate(stations.items()):
        lead = f"{name} " if len(stations) > 1 else ""
        components |= {
            f"{key}_{index}": _available(topics) | component
            for key, component in _of_station(
                topics, index, name, lead, radio=station.options.radio is not None
            ).items()
        }
    identity = _identity(topics)
    for key, component in components.items():
        component["unique_id"] = f"{identity}_{key}"
    return {
        "device": {
            "identifiers": [identity],
            "name": f"EAS {topics.agent}",
            "manufacturer": "EAS Station",
            "model": "Agent",
            "sw_version": __version__,
        },
        "origin": {"name": "EAS Station agent", "sw_version": __version__, "url": URL},
        "qos": 1,
        "components": components,
    }


def _identity(topics: Topics) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "_", f"{topics.base}_{topics.agent}")


def _connected(topics: Topics) -> dict[str, Any]:
    return {
        "platform": "binary_sensor",
        "name": "Connected",
        "device_class": "connectivity",
        "entity_category": "diagnostic",
        "state_topic": topics.status,
        "value_template": "{{ value_json.state }}",
        "payload_on": "online",
        "payload_off": "offline",
    }


def _available(topics: Topics) -> dict[str, Any]:
    return {
        "availability_topic": topics.status,
        "availability_template": "{{ value_json.state }}",
    }


def _alert(topics: Topics) -> dict[str, Any]:
    """Return the event that happens once for each alert, as long as it lives."""
    told = ", ".join(f"'{key}': value_json.{key}" for key in TOLD_OF_ALERTS)
    known = "value_json.significance if value_json.significance in types else 'unknown'"
    return {
        "platform": "event",
        "name": "Alert",
        "icon": "mdi:alert-decagram",
        "state_topic": topics.alert,
        "event_types": [*SIGNIFICANCES],
        "value_template": (
            f"{{% set types = {[*SIGNIFICANCES]} %}}"
            # As an attribute it would be the method of that name.
            f"{{% if not value_json['update'] and not {OVER} %}}"
            f"{{{{ {{'event_type': {known}, {told}}} | tojson }}}}{{% endif %}}"
        ),
    }


def _of_station(
    topics: Topics, index: int, name: str, lead: str, *, radio: bool
) -> dict[str, dict[str, Any]]:
    measured = {
        "state_topic": topics.health,
        "platform": "sensor",
        "state_class": "measurement",
        "entity_category": "diagnostic",
        "suggested_display_precision": 0,
    }
    press = {"id": "discovery", "command": "self_test", "station": name}
    found: dict[str, dict[str, Any]] = {
        "status": {
            "platform": "sensor",
            "name": f"{lead}Source status",
            "device_class": "enum",
            "options": [state.value for state in SourceState],
            "entity_category": "diagnostic",
            "icon": "mdi:radio-tower",
            "state_topic": topics.health,
            "value_template": f"{{{{ value_json.stations[{index}].state }}}}",
        },
        "level": measured
        | {
            "name": f"{lead}Audio level",
            "unit_of_measurement": "dBFS",
            "icon": "mdi:volume-high",
            "value_template": _most(index, "level_dbfs"),
        },
        "self_test": {
            "platform": "button",
            "name": f"{lead}Self-test",
            "entity_category": "diagnostic",
            "icon": "mdi:test-tube",
            "command_topic": topics.command,
            "payload_press": json.dumps(press),
        },
    }
    if radio:
        found["signal"] = measured | {
            "name": f"{lead}Signal-to-noise ratio",
            "device_class": "signal_strength",
            "unit_of_measurement": "dB",
            "value_template": _most(index, "snr_db"),
        }
    return found


def _most(index: int, key: str) -> str:
    """Return the template of the most that a channel of a station has of something."""
    values = f"value_json.stations[{index}].channels | map(attribute='{key}')"
    return f"{{{{ {values} | select('number') | max | default('None') }}}}"
