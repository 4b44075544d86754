"""What is told of a station that cannot record: an issue that goes by itself, and the log."""

import logging

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .coordinator import EasStationConfigEntry
from .eas_core.fault_log import FaultLog
from .eas_core.station import RecordingTrouble
from .eas_core.station.trouble_log import CANNOT_RECORD, RECORDS_AGAIN
from .recordings import recording_folder
from .trouble import LEARN_MORE

_LOGGER = logging.getLogger(__name__)


@callback
def async_watch_recording(
    hass: HomeAssistant, entry: EasStationConfigEntry
) -> CALLBACK_TYPE:
    """Show an issue while nothing can be recorded; return what ends that, and takes it away."""
    coordinator = entry.runtime_data
    folder = str(recording_folder(hass, entry.entry_id))
    shown: RecordingTrouble | None = None
    log = FaultLog(_LOGGER)

    @callback
    def look() -> None:
        nonlocal shown
        problem = coordinator.data.recording_problem
        reason = problem.reason if problem else None
        if reason == shown:
            return
        shown = reason
        _manage_issue(hass, entry, reason, folder)
        if problem is None:
            log.over(RECORDS_AGAIN, entry.title)
        else:
            log.fault(CANNOT_RECORD, entry.title, problem.hint or reason)

    unsubscribe = coordinator.async_add_listener(look)
    look()

    @callback
    def end() -> None:
        unsubscribe()
        _manage_issue(hass, entry, None, folder)

    return end


def _manage_issue(
    hass: HomeAssistant,
    entry: EasStationConfigEntry,
    reason: RecordingTrouble | None,
    folder: str,
) -> None:
    issue_id = f"recording_{entry.entry_id}"
    if reason is None:
        ir.async_delete_issue(hass, DOMAIN, issue_id)
        return
    recording = entry.runtime_data.station.options.recording
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id,
        is_fixable=False,
        learn_more_url=LEARN_MORE,
        severity=ir.IssueSeverity.WARNING,
        translation_key=f"recording_{reason}",
        translation_placeholders={
            "name": entry.title,
            "folder": folder,
            "floor": f"{recording.floor_mb:.0f}" if recording else "",
        },
    )
