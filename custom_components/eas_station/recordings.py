"""Where a station's recordings are, how they are made, and what others call them by."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from homeassistant.core import HomeAssistant

from .const import (
    CONF_COPY,
    CONF_FLOOR_MB,
    CONF_KEEP_DAYS,
    CONF_KEEP_MB,
    CONF_KEEP_TEST_DAYS,
    CONF_RECORD,
    CONF_TONES_IN_COPY,
    DOMAIN,
)
from .eas_core.station import RecordingOptions

LOCAL: Final = "local"
URI_SCHEME: Final = "media-source://"


def recording_folder(hass: HomeAssistant, entry_id: str) -> Path:
    """Return the folder of an entry's recordings, in Home Assistant's media."""
    folders = hass.config.media_dirs
    usual = next(iter(folders.values()), hass.config.path("media"))
    return Path(folders.get(LOCAL, usual), DOMAIN, entry_id)


def recording_options(
    options: Mapping[str, Any], folder: Path
) -> RecordingOptions | None:
    """Return how a station records, None where it does not."""
    if not options.get(CONF_RECORD, True):
        return None
    usual = RecordingOptions(folder=str(folder))
    return replace(
        usual,
        copy=options.get(CONF_COPY, usual.copy),
        tones_in_copy=options.get(CONF_TONES_IN_COPY, usual.tones_in_copy),
        keep_days=options.get(CONF_KEEP_DAYS, usual.keep_days),
        keep_test_days=options.get(CONF_KEEP_TEST_DAYS, usual.keep_test_days),
        keep_mb=options.get(CONF_KEEP_MB, usual.keep_mb),
        floor_mb=options.get(CONF_FLOOR_MB, usual.floor_mb),
    )


def recording_uri(entry_id: str, name: str | None) -> str | None:
    """Return what media players, events and the history call a recording by."""
    return None if name is None else f"{URI_SCHEME}{DOMAIN}/{entry_id}/{name}"
