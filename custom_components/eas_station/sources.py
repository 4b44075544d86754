"""From a config entry's data to the source that it names."""

from collections.abc import Mapping
from typing import Any, assert_never

from .const import (
    CONF_CALL_SIGN,
    CONF_FIRST_ALERT,
    CONF_INTERVAL,
    CONF_LOCATIONS,
    CONF_LOOP,
    CONF_PATH,
    CONF_SOURCE,
    DEFAULT_CALL_SIGN,
    DEFAULT_FIRST_ALERT,
    DEFAULT_INTERVAL,
    SOURCE_FILE,
    SOURCE_SIMULATOR,
)
from .eas_core.sources.file import FileSource
from .eas_core.sources.simulator import SimulatorSource

type AnySource = SimulatorSource | FileSource


def build_source(data: Mapping[str, Any]) -> AnySource:
    """Return the source; raises HeaderError where the simulator cannot send that."""
    match data[CONF_SOURCE]:
        case "simulator":
            return SimulatorSource(
                data[CONF_LOCATIONS],
                call_sign=data.get(CONF_CALL_SIGN, DEFAULT_CALL_SIGN),
                first_alert_seconds=float(
                    data.get(CONF_FIRST_ALERT, DEFAULT_FIRST_ALERT)
                ),
                interval_seconds=60.0
                * float(data.get(CONF_INTERVAL, DEFAULT_INTERVAL)),
            )
        case "file":
            return FileSource(data[CONF_PATH], loop=data[CONF_LOOP], live=True)
        case other:
            assert_never(other)


MODELS = {SOURCE_SIMULATOR: "Simulator", SOURCE_FILE: "Audio file"}
