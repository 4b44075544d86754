"""What is changed while a station hears.

One rule: what the receiver needs begins the station anew; what the user wants to
be told of does not, it is read at each alert.
"""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import (
    ConfigEntryState,
    ConfigFlowResult,
    OptionsFlowWithReload,
)
from homeassistant.helpers.selector import BooleanSelector
import probatio

from ..const import (
    CONF_COPY,
    CONF_CORROBORATED,
    CONF_EVENT_RULE,
    CONF_EVENTS,
    CONF_EXPECT_TESTS,
    CONF_FLOOR_MB,
    CONF_KEEP_DAYS,
    CONF_KEEP_MB,
    CONF_KEEP_TEST_DAYS,
    CONF_LOCATIONS,
    CONF_PLACES,
    CONF_QUIET_DBFS,
    CONF_QUIET_SECONDS,
    CONF_RECORD,
    CONF_SOURCE,
    CONF_TESTS,
    CONF_TONES_IN_COPY,
    CONF_TRANSCRIPT_ENGINE,
    RADIOS,
    RECEIVER_OPTIONS,
    SOURCE_AGENTS,
)
from ..coordinator import EasStationConfigEntry
from ..eas_core.same import EVENTS, is_test
from ..eas_core.station import RecordingOptions, StationOptions
from ..eas_core.station.filters import EventRule
from ..watchdogs import expects_tests
from .fields import Fields, choice, number, receiver_fields, receiver_options
from .form import NEAR_HOME, are_codes
from .places import home_places, place_choices
from .texts import TEXT_OPTIONS, text_fields

DEFAULTS = StationOptions(name="")
QUIET = {
    CONF_QUIET_DBFS: DEFAULTS.quiet_dbfs,
    CONF_QUIET_SECONDS: DEFAULTS.quiet_seconds,
}
RECORDING = RecordingOptions(folder="")
COPIES = ("mp3", "opus")


class StationOptionsFlow(OptionsFlowWithReload):
    """Sets what the user wants to be told of; the receiver, and what counts as silence."""

    def __init__(self) -> None:
        """Know neither places nor what was typed yet."""
        self._places: dict[str, str] = {}
        self._wanted: dict[str, Any] = {}

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Choose what to set."""
        is_radio = self.config_entry.data[CONF_SOURCE] in RADIOS
        return self.async_show_menu(
            step_id="init",
            menu_options=[
                "alerts",
                "radio" if is_radio else "silence",
                "recordings",
                "texts",
            ],
        )

    async def async_step_alerts(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Set places, the rule for events, and tests."""
        errors: dict[str, str] = {}
        if user_input is not None:
            self._wanted = user_input
            if not are_codes(user_input[CONF_PLACES]):
                errors = {CONF_PLACES: "invalid_locations"}
            elif user_input[CONF_CORROBORATED] and self._hears_one_channel():
                errors = {CONF_CORROBORATED: "no_second_channel"}
            elif user_input[CONF_EVENT_RULE] == EventRule.LISTED:
                return await self.async_step_events()
            else:
                return self._tell_by(user_input)
        home = self.hass.config
        if not self._places:
            self._places = await self.hass.async_add_executor_job(
                _choices, home.latitude, home.longitude
            )
        data = self.config_entry.data
        shown = {CONF_PLACES: data.get(CONF_LOCATIONS, []), **self.config_entry.options}
        fields = _filter_fields(self._places, expected=expects_tests(self.config_entry))
        return self._form("alerts", fields, shown | self._wanted, errors)

    async def async_step_events(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """List the events."""
        errors: dict[str, str] = {}
        if user_input is not None:
            if user_input[CONF_EVENTS]:
                return self._tell_by(self._wanted | user_input)
            errors = {CONF_EVENTS: "no_events"}
        return self._form("events", _event_fields(), self.config_entry.options, errors)

    async def async_step_silence(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Set what counts as silence."""
        if user_input is not None:
            return self._hear_by(user_input)
        return self._form("silence", _quiet_fields(), self.config_entry.options)

    async def async_step_radio(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Set the receiver, and what counts as silence."""
        if user_input is not None:
            return self._hear_by(user_input)
        fields = receiver_fields() | _quiet_fields()
        return self._form("radio", fields, self.config_entry.options)

    async def async_step_recordings(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Set whether and how messages are recorded; the station begins anew."""
        if user_input is not None:
            return self.async_create_entry(
                data={**self.config_entry.options, **user_input}
            )
        return self._form("recordings", _recording_fields(), self.config_entry.options)

    async def async_step_texts(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Set where texts of alerts come from; the station hears on."""
        options = self.config_entry.options
        if user_input is None:
            fields = text_fields(self.hass, options.get(CONF_TRANSCRIPT_ENGINE))
            return self._form("texts", fields, options)
        self.automatic_reload = False
        kept = {key: options[key] for key in options if key not in TEXT_OPTIONS}
        return self.async_create_entry(data=kept | user_input)

    def _hears_one_channel(self) -> bool:
        """Whether no second one can ever agree, as far as that is known now."""
        entry: EasStationConfigEntry = self.config_entry
        if entry.state is not ConfigEntryState.LOADED:
            return False
        sources = entry.runtime_data.sources
        agents = any(one.setting.kind == SOURCE_AGENTS for one in sources)
        return not agents and len(entry.runtime_data.data.channels) < 2

    def _form(
        self,
        step: str,
        fields: Fields,
        shown: Mapping[str, Any],
        errors: dict[str, str] | None = None,
    ) -> ConfigFlowResult:
        return self.async_show_form(
            step_id=step,
            data_schema=self.add_suggested_values_to_schema(
                probatio.Schema(dict(fields)), shown
            ),
            errors=errors or {},
        )

    def _tell_by(self, wanted: dict[str, Any]) -> ConfigFlowResult:
        """Set the filter; the station hears on."""
        self.automatic_reload = False
        return self.async_create_entry(data={**self.config_entry.options, **wanted})

    def _hear_by(self, typed: dict[str, Any]) -> ConfigFlowResult:
        """Set the receiver, which is opened again; for what is silence the station begins anew."""
        options = self.config_entry.options
        kept = {key: options[key] for key in options if key not in RECEIVER_OPTIONS}
        quiet = {key: typed[key] for key in QUIET}
        self.automatic_reload = quiet != QUIET | {
            key: options[key] for key in QUIET if key in options
        }
        return self.async_create_entry(data=kept | receiver_options(typed) | quiet)


def _choices(latitude: float, longitude: float) -> dict[str, str]:
    return place_choices(home_places(latitude, longitude, NEAR_HOME))


def _filter_fields(places: dict[str, str], *, expected: bool) -> Fields:
    # Its own values are for parts of counties.
    chosen = choice(places, multiple=True, custom_value=True)
    rule = choice(list(EventRule), in_list=True, translation_key="event_rule")
    return {
        probatio.Optional(CONF_PLACES, default=list): chosen,
        probatio.Required(CONF_EVENT_RULE, default=EventRule.ALL.value): rule,
        probatio.Required(CONF_TESTS, default=True): BooleanSelector(),
        probatio.Required(CONF_CORROBORATED, default=False): BooleanSelector(),
        probatio.Required(CONF_EXPECT_TESTS, default=expected): BooleanSelector(),
    }


def _event_fields() -> Fields:
    names = {code: f"{EVENTS[code]} ({code})" for code in EVENTS if not is_test(code)}
    by_name = dict(sorted(names.items(), key=lambda one: one[1]))
    return {
        probatio.Required(CONF_EVENTS, default=list): choice(by_name, multiple=True)
    }


def _quiet_fields() -> Fields:
    return {
        probatio.Required(CONF_QUIET_DBFS, default=DEFAULTS.quiet_dbfs): number(
            -100, -20, "dBFS"
        ),
        probatio.Required(CONF_QUIET_SECONDS, default=DEFAULTS.quiet_seconds): number(
            5, 3600, "s"
        ),
    }


def _recording_fields() -> Fields:
    usual = RECORDING
    copies = choice(COPIES, translation_key="copy")
    return {
        probatio.Required(CONF_RECORD, default=True): BooleanSelector(),
        probatio.Required(CONF_COPY, default=usual.copy): copies,
        probatio.Required(
            CONF_TONES_IN_COPY, default=usual.tones_in_copy
        ): BooleanSelector(),
        probatio.Required(CONF_KEEP_DAYS, default=usual.keep_days): number(
            1, 36500, "d"
        ),
        probatio.Required(CONF_KEEP_TEST_DAYS, default=usual.keep_test_days): number(
            1, 36500, "d"
        ),
        probatio.Required(CONF_KEEP_MB, default=usual.keep_mb): number(
            10, 1_000_000, "MB"
        ),
        probatio.Required(CONF_FLOOR_MB, default=usual.floor_mb): number(
            100, 1_000_000, "MB"
        ),
    }
