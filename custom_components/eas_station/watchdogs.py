"""Looks after what no source says of itself: tests that do not come, a clock that is off, a decoder behind."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
import logging
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from .alarm import Alarm
from .const import CONF_EXPECT_TESTS, CONF_SOURCE, DOMAIN, SOURCE_FILE
from .coordinator import EasStationConfigEntry, Moment
from .eas_core.fault_log import FaultLog
from .eas_core.station import Alert
from .faults import ClockWatch, Faults, test_is_due
from .trouble import LEARN_MORE

_LOGGER = logging.getLogger(__name__)

FIX_SELF_TEST: Final = "self_test"

LOGGED: Final = {
    "weekly_test_overdue": "%(name)s has heard no weekly test since %(since)s",
    "clock_ahead": "The clock of %(name)s seems to be %(minutes)s minutes ahead",
    "clock_behind": "The clock of %(name)s seems to be %(minutes)s minutes behind",
    "decoder_behind": "The decoder of %(source)s is behind",
}
LOGGED_OVER: Final = {
    "weekly_test_overdue": "%(name)s has heard a test again",
    "clock_ahead": "The clock of %(name)s is right again",
    "clock_behind": "The clock of %(name)s is right again",
    "decoder_behind": "The decoder of %(source)s keeps up again",
}


def expects_tests(entry: EasStationConfigEntry) -> bool:
    """Whether required tests must come: as set, else from all that is no recording."""
    usual = entry.data[CONF_SOURCE] != SOURCE_FILE
    return bool(entry.options.get(CONF_EXPECT_TESTS, usual))


@callback
def async_watch_faults(
    hass: HomeAssistant, entry: EasStationConfigEntry
) -> CALLBACK_TYPE:
    """Find the entry's faults from now on; return what ends that, and takes the issues away."""
    watchdogs = Watchdogs(hass, entry)
    coordinator = entry.runtime_data
    unsubscribe = (
        coordinator.async_listen_moments(watchdogs.async_take),
        coordinator.async_add_listener(watchdogs.async_look),
    )
    watchdogs.async_look()

    @callback
    def end() -> None:
        for stop in unsubscribe:
            stop()
        watchdogs.async_end()

    return end


class Watchdogs:
    """Finds a station's faults, tells its coordinator, and keeps an issue for each."""

    def __init__(self, hass: HomeAssistant, entry: EasStationConfigEntry) -> None:
        """Know of none."""
        self._hass = hass
        self._entry = entry
        self._clock = ClockWatch()
        self._alarm = Alarm(hass, self._async_is_due)
        self._shown: dict[str, tuple[str, Mapping[str, str]]] = {}
        self._logs = defaultdict[str, FaultLog](lambda: FaultLog(_LOGGER))

    @callback
    def async_take(self, moment: Moment) -> None:
        """Take what happens; of recordings that are played the clock is no matter.

        What an agent kept was received by a clock that may have been another.
        """
        if not isinstance(moment, Alert) or moment.late:
            return
        source = self._entry.runtime_data.source_of(moment.channels[0])
        if source is not None and source.setting.kind != SOURCE_FILE:
            self._clock.take(moment)
            self.async_look()

    @callback
    def async_look(self) -> None:
        """See how the station does."""
        coordinator = self._entry.runtime_data
        heard, now = coordinator.data.heard, dt_util.utcnow()
        due = test_is_due(coordinator.set_up_at, heard.required_test)
        expected = expects_tests(self._entry)
        self._alarm.async_set(due if expected and due > now else None)
        faults = Faults(
            weekly_test_overdue=expected and due <= now,
            clock_ahead=self._clock.ahead,
        )
        self._show_test(faults)
        self._show_clock(faults.clock_ahead)
        self._show_decoders()
        if faults != coordinator.data.faults:
            coordinator.async_find(faults)

    @callback
    def async_end(self) -> None:
        """Look no more."""
        self._alarm.async_set(None)
        for issue in self._shown:
            ir.async_delete_issue(self._hass, DOMAIN, self._issue_id(issue))
        self._shown.clear()

    @callback
    def _async_is_due(self, now: datetime) -> None:
        self.async_look()

    def _show_test(self, faults: Faults) -> None:
        if not faults.weekly_test_overdue:
            self._hide("weekly_test")
            return
        coordinator = self._entry.runtime_data
        last = coordinator.data.heard.required_test or coordinator.set_up_at
        since = {"since": dt_util.as_local(last).date().isoformat()}
        self._show("weekly_test", "weekly_test_overdue", since, FIX_SELF_TEST)

    def _show_clock(self, ahead: timedelta | None) -> None:
        if ahead is None:
            self._hide("clock")
            return
        key = "clock_ahead" if ahead > timedelta() else "clock_behind"
        minutes = round(abs(ahead).total_seconds() / 60)
        self._show("clock", key, {"minutes": str(minutes)})

    def _show_decoders(self) -> None:
        for source in self._entry.runtime_data.sources:
            issue = f"decoder_{source.setting.subentry_id or ''}"
            if source.data.load.is_behind:
                self._show(issue, "decoder_behind", {"source": source.full_name})
            else:
                self._hide(issue)

    def _show(
        self,
        issue: str,
        key: str,
        placeholders: Mapping[str, str],
        fix: str | None = None,
    ) -> None:
        values = {"name": self._entry.title, **placeholders}
        if issue not in self._shown:
            self._logs[issue].fault(LOGGED[key], values)
        self._shown[issue] = key, values
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            self._issue_id(issue),
            data={"entry_id": self._entry.entry_id, "fix": fix},
            is_fixable=fix is not None,
            learn_more_url=LEARN_MORE,
            severity=ir.IssueSeverity.WARNING,
            translation_key=key,
            translation_placeholders=values,
        )

    def _hide(self, issue: str) -> None:
        if issue in self._shown:
            key, values = self._shown.pop(issue)
            self._logs[issue].over(LOGGED_OVER[key], values)
            ir.async_delete_issue(self._hass, DOMAIN, self._issue_id(issue))

    def _issue_id(self, issue: str) -> str:
        return f"{issue}_{self._entry.entry_id}"
