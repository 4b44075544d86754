"""What is told of a source that does not hear well: in the log once, as an issue when it lasts."""

from datetime import UTC, datetime, timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.issue_registry import IssueEntry, IssueSeverity
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.eas_station.const import DOMAIN
from custom_components.eas_station.coordinator import EasStationCoordinator
from custom_components.eas_station.eas_core.sources.source import SourceErrorReason
from custom_components.eas_station.eas_core.station import SourceState, SourceStatus
from custom_components.eas_station.source_settings import (
    source_settings,
    station_source,
)
from custom_components.eas_station.trouble import Trouble
from tests.integration.waiting import shown_state, until

BAD = [
    SourceState.DOWN,
    SourceState.DEGRADED,
    SourceState.QUIET,
    SourceState.NO_SIGNAL,
]
NOW = datetime(2026, 6, 8, 20, 45, tzinfo=UTC)


class Watched:
    """A trouble that is told what happens, and Home Assistant's clock."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        self.hass = hass
        entry.add_to_hass(hass)
        sources = [station_source(entry, one) for one in source_settings(entry)]
        self.trouble = Trouble(hass, EasStationCoordinator(hass, entry, sources).own)
        self.freezer = freezer

    def take(self, state: SourceState, hint: str | None = None) -> None:
        reason = SourceErrorReason.BUSY if state in BAD else None
        self.trouble.async_take(
            SourceStatus(state=state, since=NOW, reason=reason, hint=hint or "Do this.")
        )

    def after(self, seconds: float) -> None:
        self.freezer.tick(seconds)
        async_fire_time_changed(self.hass)

    def has_issue(self) -> bool:
        return self._find() is not None

    @property
    def issue(self) -> IssueEntry:
        found = self._find()
        assert found is not None
        return found

    def _find(self) -> IssueEntry | None:
        issues = ir.async_get(self.hass)
        return issues.async_get_issue(DOMAIN, "source_simulator_entry")


@pytest.fixture
def watched(
    hass: HomeAssistant,
    simulator_entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> Watched:
    return Watched(hass, simulator_entry, freezer)


@pytest.mark.parametrize("state", BAD)
async def test_what_lasts_for_five_minutes_is_an_issue(
    watched: Watched, state: SourceState
) -> None:
    watched.take(state)
    watched.after(290)
    assert not watched.has_issue()
    watched.after(11)
    issue = watched.issue
    down = state is SourceState.DOWN
    assert issue.severity is (IssueSeverity.ERROR if down else IssueSeverity.WARNING)
    assert issue.translation_key == f"source_{state}"
    assert issue.is_fixable is True
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["name"] == "Home EAS"
    assert issue.translation_placeholders["hint"] == "Do this."
    watched.trouble.async_end()


@pytest.mark.parametrize("state", BAD)
async def test_an_issue_is_gone_when_it_hears_again(
    watched: Watched, state: SourceState
) -> None:
    watched.take(state)
    watched.after(301)
    watched.take(SourceState.HEARING)
    assert not watched.has_issue()
    watched.after(61)
    watched.take(state)
    watched.after(290)
    assert not watched.has_issue()
    watched.trouble.async_end()


async def test_what_changes_between_is_one_trouble_and_one_issue(
    watched: Watched,
) -> None:
    for state in (SourceState.QUIET, SourceState.DOWN, SourceState.NO_SIGNAL):
        watched.take(state)
        watched.after(110)
    assert watched.has_issue()
    assert watched.issue.translation_key == "source_no_signal"
    watched.take(SourceState.DOWN, "Plug it in.")
    assert watched.issue.translation_key == "source_down"
    watched.take(SourceState.DOWN, "Stop the other program.")
    told = watched.issue.translation_placeholders
    assert told is not None
    assert told["hint"] == "Stop the other program."
    assert len(ir.async_get(watched.hass).issues) == 1
    watched.trouble.async_end()


async def test_to_be_opened_again_is_no_recovery(watched: Watched) -> None:
    watched.take(SourceState.DOWN)
    watched.after(200)
    watched.take(SourceState.STARTING)
    watched.after(101)
    assert watched.has_issue()
    watched.take(SourceState.STARTING)
    assert watched.has_issue()
    watched.trouble.async_end()


async def test_a_source_that_hears_for_a_moment_has_not_recovered(
    watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(100):
        watched.take(SourceState.DOWN)
        watched.after(30)
        watched.take(SourceState.HEARING)
        watched.after(5)
    watched.take(SourceState.DOWN)
    assert watched.has_issue()
    assert caplog.text.count("hears nothing") == 1
    assert "hears again" not in caplog.text
    watched.trouble.async_end()


async def test_hours_down_with_ever_new_hints_are_one_line_in_the_log(
    watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    for minute in range(240):
        watched.take(SourceState.DOWN, f"Try {minute}.")
        watched.after(60)
    watched.take(SourceState.HEARING)
    watched.after(61)
    lines = [one for one in caplog.messages if one.startswith("Home EAS")]
    assert lines == ["Home EAS hears nothing: Try 0.", "Home EAS hears again"]


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (SourceState.DOWN, "Home EAS hears nothing: Do this."),
        (SourceState.DEGRADED, "Home EAS hears badly: Do this."),
        (SourceState.QUIET, "Home EAS hears silence: Do this."),
        (SourceState.NO_SIGNAL, "Home EAS hears no station: Do this."),
    ],
)
async def test_each_trouble_is_a_warning_once(
    watched: Watched, caplog: pytest.LogCaptureFixture, state: SourceState, said: str
) -> None:
    watched.take(state)
    watched.take(SourceState.STARTING)
    watched.take(state)
    warned = [one.message for one in caplog.records if one.levelname == "WARNING"]
    assert [one for one in warned if one.startswith("Home EAS")] == [said]
    watched.trouble.async_end()


@pytest.mark.parametrize("how", ["ends", "stops"])
async def test_what_is_not_heard_any_more_is_no_issue(
    watched: Watched, how: str
) -> None:
    watched.take(SourceState.DOWN)
    watched.after(301)
    assert watched.has_issue()
    if how == "ends":
        watched.trouble.async_end()
    else:
        watched.take(SourceState.STOPPED)
    assert not watched.has_issue()
    watched.after(1000)
    assert not watched.has_issue()


async def test_an_entry_has_its_issue_while_it_is_loaded(
    hass: HomeAssistant, file_entry: MockConfigEntry
) -> None:
    file_entry.add_to_hass(hass)
    data = {**file_entry.data, "path": "nowhere.wav"}
    hass.config_entries.async_update_entry(file_entry, data=data)
    assert await hass.config_entries.async_setup(file_entry.entry_id)
    await until(
        hass, lambda: shown_state(hass, "sensor.home_eas_sdr_status").state == "down"
    )
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=301))
    issue_id = "source_file_entry"
    issues = ir.async_get(hass)
    found = issues.async_get_issue(DOMAIN, issue_id)
    assert found is not None
    assert found.translation_placeholders is not None
    assert found.translation_placeholders["reason"] == "It is not there."
    assert "Check the path" in found.translation_placeholders["hint"]

    texts = await async_get_translations(hass, "en", "issues", {DOMAIN})
    text = texts[
        f"component.{DOMAIN}.issues.source_down.fix_flow.step.confirm.description"
    ]
    assert text.format(**found.translation_placeholders).startswith(
        "It is not there. Check the path"
    )
    assert await hass.config_entries.async_remove(file_entry.entry_id)
    assert issues.async_get_issue(DOMAIN, issue_id) is None
