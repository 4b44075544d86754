"""What is told where a source does not hear well: once in the log, and as an issue when it lasts."""

from collections.abc import Callable
from datetime import datetime
import logging
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.translation import async_get_cached_translations
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN
from .coordinator import EasStationConfigEntry
from .devices import source_identity
from .eas_core.fault_log import FaultLog
from .eas_core.station import SourceState, SourceStatus, Station
from .eas_core.station.trouble_log import HEARS_AGAIN, HEARS_BADLY, OVER_AFTER_SECONDS
from .source_coordinator import SourceCoordinator

_LOGGER = logging.getLogger(__name__)

FIX_RESTART: Final = "restart"
ISSUE_AFTER_SECONDS: Final = 300.0
LEAST_ROUNDS: Final = 10
"""Of a thread that comes round each second, in a minute."""

LEARN_MORE: Final = (
    "https://github.com/eas-station/eas-station-ha/blob/main/docs/troubleshooting.md"
)

_LOGS: HassKey[dict[str, FaultLog]] = HassKey(f"{DOMAIN}_hearing_logs")
"""By source: a station that is loaded again because it hangs has the same fault, or its end."""

REASON_TEXTS: Final = (
    f"component.{DOMAIN}.entity.sensor.source_status.state_attributes.reason.state."
)


@callback
def async_watch_trouble(
    hass: HomeAssistant, entry: EasStationConfigEntry
) -> CALLBACK_TYPE:
    """Tell of each source's troubles from now on; return what ends that, and takes issues away."""
    ends = [_async_watch(hass, one) for one in entry.runtime_data.sources]

    @callback
    def end() -> None:
        for each in ends:
            each()

    return end


def _async_watch(hass: HomeAssistant, source: SourceCoordinator) -> CALLBACK_TYPE:
    trouble = Trouble(hass, source)
    unsubscribe = source.async_add_listener(
        lambda: trouble.async_take(source.data.status)
    )

    @callback
    def end() -> None:
        unsubscribe()
        trouble.async_end()

    return end


class Trouble:
    """The time from when a source first fails to when it has heard well for a minute."""

    def __init__(self, hass: HomeAssistant, source: SourceCoordinator) -> None:
        """Begin without trouble."""
        self._hass = hass
        self._entry_id = source.config_entry.entry_id
        self._source = source_identity(source)
        self._name = source.full_name
        self._station = source.station
        self._rounds = 0
        logs = hass.data.setdefault(_LOGS, {})
        self._log = logs.setdefault(self._source, FaultLog(_LOGGER))
        self._status: SourceStatus | None = None
        self._lasts = False
        self._wait_to_show: CALLBACK_TYPE | None = None
        self._wait_to_end: CALLBACK_TYPE | None = None

    @callback
    def async_take(self, status: SourceStatus) -> None:
        """Take how the source does, whether that is new or not."""
        if status == self._status or status.state is SourceState.STARTING:
            return
        self._status = status
        if status.state in HEARS_BADLY:
            self._async_is_bad(status)
        elif status.state is SourceState.STOPPED:
            self._async_is_over()
        elif self._log.stands and self._wait_to_end is None:
            self._begin_to_end()
        self._async_manage_issue()

    @callback
    def async_end(self) -> None:
        """Forget it all."""
        self._status = None
        self._async_is_over()
        self._async_manage_issue()

    def _async_is_bad(self, status: SourceStatus) -> None:
        self._cancel_end()
        self._log.once(HEARS_BADLY[status.state], self._name, status.hint)
        if self._wait_to_show is None and not self._lasts:
            self._wait_to_show = self._later(
                ISSUE_AFTER_SECONDS, self._async_has_lasted
            )

    @callback
    def _async_has_lasted(self, now: datetime) -> None:
        self._wait_to_show = None
        self._lasts = True
        self._async_manage_issue()

    def _begin_to_end(self) -> None:
        self._rounds = self._station.health.rounds
        self._wait_to_end = self._later(OVER_AFTER_SECONDS, self._async_has_heard)

    @callback
    def _async_has_heard(self, now: datetime) -> None:
        self._wait_to_end = None
        station = self._station
        rounds = station.health.rounds - self._rounds
        is_real = isinstance(station, Station) and station.running
        if is_real and rounds < LEAST_ROUNDS:
            # Its thread hangs anew, which its pulse will tell.
            self._begin_to_end()
            return
        self._log.over(HEARS_AGAIN, self._name)
        self._async_is_over()

    def _async_is_over(self) -> None:
        self._cancel_end()
        if self._wait_to_show is not None:
            self._wait_to_show()
            self._wait_to_show = None
        self._lasts = False

    def _cancel_end(self) -> None:
        if self._wait_to_end is not None:
            self._wait_to_end()
            self._wait_to_end = None

    def _async_manage_issue(self) -> None:
        """Show the issue of a trouble that lasts, and none where it hears."""
        status = self._status
        issue_id = f"source_{self._source}"
        if status is None or status.state not in HEARS_BADLY or not self._lasts:
            ir.async_delete_issue(self._hass, DOMAIN, issue_id)
            return
        down = status.state is SourceState.DOWN
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            issue_id,
            data={
                "entry_id": self._entry_id,
                "source": self._source,
                "fix": FIX_RESTART,
            },
            is_fixable=True,
            learn_more_url=LEARN_MORE,
            severity=ir.IssueSeverity.ERROR if down else ir.IssueSeverity.WARNING,
            translation_key=f"source_{status.state}",
            translation_placeholders={
                "name": self._name,
                "reason": self._reason_text(status),
                "hint": status.hint or "",
            },
        )

    def _reason_text(self, status: SourceStatus) -> str:
        """Return the reason in Home Assistant's language."""
        texts = async_get_cached_translations(
            self._hass, self._hass.config.language, "entity", DOMAIN
        )
        return texts.get(f"{REASON_TEXTS}{status.reason}", "")

    def _later(self, seconds: float, do: Callable[[datetime], None]) -> CALLBACK_TYPE:
        return async_call_later(
            self._hass, seconds, HassJob(do, cancel_on_shutdown=True)
        )
