"""What is told of a history that cannot be written: an issue that goes by itself, and the log."""

import logging

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .coordinator import EasStationConfigEntry
from .eas_core.fault_log import FaultLog
from .trouble import LEARN_MORE

_LOGGER = logging.getLogger(__name__)


@callback
def async_watch_history(
    hass: HomeAssistant, entry: EasStationConfigEntry
) -> CALLBACK_TYPE:
    """Show an issue while the history cannot be written; return what ends that, and takes it away."""
    disk = entry.runtime_data.history.disk
    log = FaultLog(_LOGGER)
    issue_id = f"history_{entry.entry_id}"

    @callback
    def look() -> None:
        if disk.problem is None:
            ir.async_delete_issue(hass, DOMAIN, issue_id)
            log.over("The history of %s is written again", entry.title)
            return
        log.fault(
            "The history of %s cannot be written, and is kept in memory: %s",
            entry.title,
            disk.problem,
        )
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue_id,
            is_fixable=False,
            learn_more_url=LEARN_MORE,
            severity=ir.IssueSeverity.WARNING,
            translation_key="history_cannot_write",
            translation_placeholders={"name": entry.title, "error": disk.problem},
        )

    unsubscribe = disk.async_listen(look)

    @callback
    def end() -> None:
        unsubscribe()
        ir.async_delete_issue(hass, DOMAIN, issue_id)

    return end
