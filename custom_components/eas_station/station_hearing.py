"""How one station hears, followed for one automation: its silences and recoveries."""

from abc import abstractmethod
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final, override

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.trigger import (
    NotTriggeredInfo,
    TriggerActionRunner,
    TriggerNotTriggeredReporter,
)
from homeassistant.util import dt as dt_util

from .coordinator import HEARS, EasStationConfigEntry
from .eas_core.station import SourceState
from .eas_core.station.trouble_log import OVER_AFTER_SECONDS
from .events import station_data

SILENT: Final = (SourceState.DOWN, SourceState.NO_SIGNAL, SourceState.QUIET)
NOT_SET_UP: Final = "not_set_up"
"""Home Assistant could not start the station; it may try again."""
SILENCES: Final = (*(state.value for state in SILENT), NOT_SET_UP)


class Told:
    """Where an automation is told of one station."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: EasStationConfigEntry,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None,
    ) -> None:
        """Take what runs the automation."""
        self.hass = hass
        self._entry = entry
        self._run_action = run_action
        self._did_not_trigger = did_not_trigger

    @callback
    def async_happened(self, what: str, data: dict[str, Any]) -> None:
        """Run the automation."""
        payload = station_data(self.hass, self._entry) | data
        self._run_action(payload, f"{self._entry.title} {what}")

    @callback
    def async_did_not(self, reason: str, data: dict[str, Any]) -> None:
        """Tell the trace why the automation does not run."""
        if self._did_not_trigger is not None:
            told = {"station": self._entry.title} | data
            self._did_not_trigger(NotTriggeredInfo(reason, told))


class Hearing:
    """How one station hears, followed for one automation."""

    def __init__(self, told: Told) -> None:
        """Begin with nothing known."""
        self._told = told
        self._state = ""
        self._shown: dict[str, Any] = {}
        self._waits: dict[str, CALLBACK_TYPE] = {}

    @callback
    def async_take(self, state: str, reason: str | None, hint: str | None) -> None:
        """Take how the station hears, whether that is new or not."""
        self._shown = {"state": state, "reason": reason, "hint": hint}
        if state == self._state:
            return
        self._state = state
        if state != SourceState.STARTING.value:
            self._async_changed(state)

    @callback
    def async_end(self) -> None:
        """Wait for nothing any more."""
        while self._waits:
            self._waits.popitem()[1]()

    @abstractmethod
    def _async_changed(self, state: str) -> None:
        """Take another state than before."""

    def _wait(self, name: str, time: timedelta, do: Callable[[], None]) -> None:
        """Do something later, once, unless it is cancelled by its name."""
        if name in self._waits:
            return

        @callback
        def is_time(now: datetime) -> None:
            del self._waits[name]
            do()

        job = HassJob(is_time, cancel_on_shutdown=True)
        self._waits[name] = async_call_later(self._told.hass, time, job)

    def _cancel(self, name: str) -> None:
        if name in self._waits:
            self._waits.pop(name)()


class Silence(Hearing):
    """Waits for a silence that lasts.

    A source that hears for less than a minute between two failures has not
    recovered: its silence goes on.
    """

    def __init__(self, told: Told, lasting: timedelta, states: list[str]) -> None:
        """Take how long it has to last, and what counts as silence."""
        super().__init__(told)
        self._lasting = lasting
        self._states = states
        self._since: datetime | None = None
        self._is_due = False
        self._has_happened = False

    @override
    @callback
    def _async_changed(self, state: str) -> None:
        if state in self._states:
            self._cancel("over")
            if self._since is None:
                self._since = dt_util.utcnow()
                self._wait("due", self._lasting, self._async_due)
            self._async_happen_if_due()
        elif state == SourceState.STOPPED.value:
            self._async_forget()
        else:
            if state in SILENCES:
                self._told.async_did_not("other_state", {"state": state})
            if self._since is not None:
                self._wait(
                    "over", timedelta(seconds=OVER_AFTER_SECONDS), self._async_over
                )

    @callback
    def _async_due(self) -> None:
        self._is_due = True
        self._async_happen_if_due()

    @callback
    def _async_happen_if_due(self) -> None:
        if self._is_due and not self._has_happened and self._state not in HEARS:
            self._has_happened = True
            self._told.async_happened("is silent", self._shown | _since(self._since))

    @callback
    def _async_over(self) -> None:
        if not self._has_happened:
            self._told.async_did_not("hears_again", _since(self._since))
        self._async_forget()

    @callback
    def _async_forget(self) -> None:
        self.async_end()
        self._since = None
        self._is_due = self._has_happened = False


class Recovery(Hearing):
    """Waits for hearing that lasts, after a silence."""

    def __init__(self, told: Told, lasting: timedelta, after: timedelta) -> None:
        """Take how long it has to last, and how long the silence before."""
        super().__init__(told)
        self._lasting = lasting
        self._after = after
        self._silent_since: datetime | None = None
        self._silence = timedelta()

    @override
    @callback
    def _async_changed(self, state: str) -> None:
        if state not in HEARS:
            self._cancel("lasts")
            if state in SILENCES and self._silent_since is None:
                self._silent_since = dt_util.utcnow()
        elif self._silent_since is not None and "lasts" not in self._waits:
            self._silence = dt_util.utcnow() - self._silent_since
            self._wait("lasts", self._lasting, self._async_has_lasted)

    @callback
    def _async_has_lasted(self) -> None:
        data = _since(self._silent_since) | {
            "silent_seconds": self._silence.total_seconds()
        }
        self._silent_since = None
        if self._silence < self._after:
            self._told.async_did_not("silence_too_short", data)
        else:
            self._told.async_happened("hears again", self._shown | data)


def _since(silent_since: datetime | None) -> dict[str, Any]:
    return {"silent_since": None if silent_since is None else silent_since.isoformat()}
