"""Names that the integration shares with configurations and automations."""

from typing import Final

DOMAIN: Final = "eas_station"

EVENT_ALERT: Final = "eas_alert"
EVENT_END_OF_MESSAGE: Final = "eas_end_of_message"

CONF_SOURCE: Final = "source"
CONF_LOCATIONS: Final = "locations"
CONF_CALL_SIGN: Final = "call_sign"
CONF_FIRST_ALERT: Final = "first_alert_seconds"
CONF_INTERVAL: Final = "interval_minutes"
CONF_PATH: Final = "path"
CONF_LOOP: Final = "loop"

SOURCE_SIMULATOR: Final = "simulator"
SOURCE_FILE: Final = "file"

DEFAULT_CALL_SIGN: Final = "KSIM/NWS"
DEFAULT_FIRST_ALERT: Final = 15
DEFAULT_INTERVAL: Final = 30
