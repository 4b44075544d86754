"""What shows that a station would miss a warning, over weeks: found, told, and gone by itself."""

from dataclasses import replace
from datetime import timedelta
import itertools
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.eas_station.const import DOMAIN
from custom_components.eas_station.coordinator import EasStationCoordinator
from custom_components.eas_station.eas_core.sources.source import SourceErrorReason
from custom_components.eas_station.eas_core.station import (
    Alert,
    SourceState,
    SourceStatus,
    Station,
)
from custom_components.eas_station.load import Load, LoadMeter
from tests.integration.alerts import alert, set_up, tell
from tests.integration.waiting import shown_state

OVERDUE = "binary_sensor.home_eas_weekly_test_overdue"
CLOCK = "binary_sensor.home_eas_clock_problem"
BEHIND = "binary_sensor.home_eas_decoder_behind"


@pytest.fixture
async def coordinator(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    simulator_entry: MockConfigEntry,
) -> EasStationCoordinator:
    """A station that says nothing by itself, in a time that stands."""
    return await set_up(hass, simulator_entry)


def issue(hass: HomeAssistant, name: str) -> ir.IssueEntry | None:
    return ir.async_get(hass).async_get_issue(DOMAIN, f"{name}_simulator_entry")


async def after(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, **time: float
) -> None:
    freezer.tick(timedelta(**time))
    async_fire_time_changed(hass)
    await hass.async_block_till_done()


async def test_a_weekly_test_is_overdue_after_eight_days(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    coordinator: EasStationCoordinator,
) -> None:
    for _ in range(3):
        await after(hass, freezer, days=7)
        await tell(hass, coordinator, alert("RWT"))
        assert shown_state(hass, OVERDUE).state == "off"
    last = dt_util.as_local(dt_util.utcnow()).date().isoformat()
    await after(hass, freezer, days=7.9)
    assert shown_state(hass, OVERDUE).state == "off"
    await after(hass, freezer, days=0.2)
    assert shown_state(hass, OVERDUE).state == "on"
    found = issue(hass, "weekly_test")
    assert found is not None
    assert found.is_fixable
    assert found.translation_placeholders == {"name": "Home EAS", "since": last}
    # And it goes with the next.
    await tell(hass, coordinator, alert("RWT"))
    assert shown_state(hass, OVERDUE).state == "off"
    assert issue(hass, "weekly_test") is None


@pytest.mark.parametrize(
    ("heard", "state"),
    [
        (alert("RMT"), "off"),
        (alert("TOR"), "on"),
        (alert("RWT", self_test=True), "on"),
    ],
    ids=["monthly", "warning", "self-test"],
)
async def test_only_a_required_test_off_the_air_is_one(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    coordinator: EasStationCoordinator,
    heard: Alert,
    state: str,
) -> None:
    await after(hass, freezer, days=4)
    await tell(hass, coordinator, replace(heard, received=dt_util.utcnow()))
    await after(hass, freezer, days=4.5)
    assert shown_state(hass, OVERDUE).state == state


async def test_a_test_that_is_told_late_is_not_the_last(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    coordinator: EasStationCoordinator,
) -> None:
    kept = replace(alert("RWT"), late=True)
    await after(hass, freezer, days=7)
    newest = alert("RWT")
    await tell(hass, coordinator, newest, kept)
    assert coordinator.data.heard.required_test == newest.received
    assert coordinator.data.heard.weekly_test == newest.received


async def reload(hass: HomeAssistant, entry_id: str) -> None:
    with patch.object(Station, "start"):
        assert await hass.config_entries.async_reload(entry_id)
    await hass.async_block_till_done()


async def test_it_is_counted_from_the_set_up_over_restarts(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    coordinator: EasStationCoordinator,
) -> None:
    entry_id = "simulator_entry"
    for _ in range(3):
        await after(hass, freezer, days=2)
        await reload(hass, entry_id)
        assert shown_state(hass, OVERDUE).state == "off"
    await after(hass, freezer, days=2.1)
    assert shown_state(hass, OVERDUE).state == "on"
    await reload(hass, entry_id)
    assert shown_state(hass, OVERDUE).state == "on"
    assert await hass.config_entries.async_unload(entry_id)
    assert issue(hass, "weekly_test") is None


async def test_it_can_be_switched_off(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    simulator_entry: MockConfigEntry,
    coordinator: EasStationCoordinator,
) -> None:
    await after(hass, freezer, days=9)
    assert shown_state(hass, OVERDUE).state == "on"
    hass.config_entries.async_update_entry(
        simulator_entry, options={"expect_tests": False}
    )
    await hass.async_block_till_done()
    assert shown_state(hass, OVERDUE).state == "off"
    assert issue(hass, "weekly_test") is None


async def test_a_recording_sends_no_tests(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, file_entry: MockConfigEntry
) -> None:
    await set_up(hass, file_entry)
    await after(hass, freezer, days=30)
    assert shown_state(hass, OVERDUE).state == "off"


async def fixed(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, issue_id: str
) -> dict[str, Any]:
    """Click through an issue's repair; return how it ends."""
    assert await async_setup_component(hass, "repairs", {})
    client = await hass_client()
    path = "/api/repairs/issues/fix"
    answer = await client.post(path, json={"handler": DOMAIN, "issue_id": issue_id})
    flow = await answer.json()
    assert flow["step_id"] == "confirm"
    assert flow["description_placeholders"]["name"] == "Home EAS"
    answer = await client.post(f"{path}/{flow['flow_id']}", json={})
    return dict(await answer.json())


async def test_a_click_makes_a_self_test_and_the_issue_stays_until_a_test_comes(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    simulator_entry: MockConfigEntry,
) -> None:
    simulator_entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(simulator_entry.entry_id)
    coordinator: EasStationCoordinator = simulator_entry.runtime_data
    coordinator.set_up_at -= timedelta(days=9)
    coordinator.async_update_listeners()
    ended = await fixed(hass, hass_client, "weekly_test_simulator_entry")
    assert (ended["type"], ended["reason"]) == ("abort", "self_test_passed")
    assert issue(hass, "weekly_test") is not None
    assert await hass.config_entries.async_unload(simulator_entry.entry_id)


async def test_a_click_at_a_station_that_does_not_run_says_so(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    coordinator: EasStationCoordinator,
) -> None:
    coordinator.set_up_at -= timedelta(days=9)
    coordinator.async_update_listeners()
    # Its threads were not started.
    ended = await fixed(hass, hass_client, "weekly_test_simulator_entry")
    assert ended["reason"] == "self_test_failed"
    coordinator.config_entry.mock_state(hass, "not_loaded")  # type: ignore[attr-defined]
    ended = await fixed(hass, hass_client, "weekly_test_simulator_entry")
    assert ended["reason"] == "not_loaded"


async def test_a_click_opens_a_source_anew(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    freezer: FrozenDateTimeFactory,
    simulator_entry: MockConfigEntry,
) -> None:
    coordinator = await set_up(hass, simulator_entry)
    down = SourceStatus(
        state=SourceState.DOWN,
        since=dt_util.utcnow(),
        reason=SourceErrorReason.UNPLUGGED,
        hint="Plug it in.",
    )
    await tell(hass, coordinator, down)
    await after(hass, freezer, minutes=6)
    assert issue(hass, "source") is not None
    ended = await fixed(hass, hass_client, "source_simulator_entry")
    assert ended["reason"] == "restarted"
    assert coordinator.station.running
    assert await hass.config_entries.async_unload(simulator_entry.entry_id)


PLACES = itertools.cycle(f"0390{number}" for number in range(11, 99, 2))


def issued_ago(minutes: float) -> Alert:
    """Return an alert that says to be so old when it is received."""
    heard = alert("TOR", next(PLACES))
    return replace(heard, issued=heard.received - timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("minutes", "key"),
    [
        ((-30, -28), "clock_behind"),
        ((-60 * 24 * 3, -60 * 24 * 3 + 1), "clock_behind"),
        ((120, 121, 119), "clock_ahead"),
        ((-30,), None),
        ((120, 121), None),
        ((40, 90, 20), None),
        ((-30, 120, -30), None),
        ((-2, -1, 0, 5, 14), None),
    ],
)
async def test_several_messages_that_agree_know_the_time(
    hass: HomeAssistant,
    coordinator: EasStationCoordinator,
    minutes: tuple[float, ...],
    key: str | None,
) -> None:
    for one in minutes:
        await tell(hass, coordinator, issued_ago(one))
    found = issue(hass, "clock")
    assert (found.translation_key if found else None) == key
    assert shown_state(hass, CLOCK).state == ("on" if key else "off")
    if found is not None:
        assert found.translation_placeholders is not None
        shown = float(found.translation_placeholders["minutes"])
        assert shown == abs(minutes[-1])
    # A message whose time agrees is enough to trust the clock again.
    await tell(hass, coordinator, issued_ago(1))
    assert issue(hass, "clock") is None
    assert shown_state(hass, CLOCK).state == "off"


async def test_what_has_no_time_of_its_own_says_nothing_of_the_clock(
    hass: HomeAssistant, coordinator: EasStationCoordinator
) -> None:
    for minutes in (-30, -31, -32):
        heard = issued_ago(minutes)
        await tell(hass, coordinator, replace(heard, self_test=True))
        await tell(hass, coordinator, replace(heard, id="?", time_valid=False))
    assert shown_state(hass, CLOCK).state == "off"


async def test_recordings_that_are_played_say_nothing_of_the_clock(
    hass: HomeAssistant, file_entry: MockConfigEntry
) -> None:
    coordinator = await set_up(hass, file_entry)
    for minutes in (9000, 9001, 9002):
        await tell(hass, coordinator, issued_ago(minutes))
    assert shown_state(hass, CLOCK).state == "off"


async def test_a_decoder_that_is_behind_is_told(
    hass: HomeAssistant, coordinator: EasStationCoordinator
) -> None:
    own = coordinator.own
    hearing = SourceStatus(state=SourceState.HEARING, since=dt_util.utcnow())
    await tell(hass, coordinator, hearing)
    assert shown_state(hass, BEHIND).state == "off"
    own._show(replace(own.data, load=Load(behind_seconds=3.0)), [])
    await hass.async_block_till_done()
    assert shown_state(hass, BEHIND).state == "on"
    found = issue(hass, "decoder_")
    assert found is not None
    assert found.translation_placeholders == {"name": "Home EAS", "source": "Home EAS"}
    own._show(replace(own.data, load=Load(behind_seconds=0.5)), [])
    await hass.async_block_till_done()
    assert shown_state(hass, BEHIND).state == "off"
    assert issue(hass, "decoder_") is None
    reason = SourceErrorReason.OVERLOADED
    dropping = replace(hearing, state=SourceState.DEGRADED, reason=reason)
    await tell(hass, coordinator, dropping)
    assert shown_state(hass, BEHIND).state == "on"


async def test_a_decoder_is_behind_when_it_was_for_two_minutes(
    coordinator: EasStationCoordinator, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued = iter((5.0, 0.1, 4.0, 3.0))

    class Station:
        @property
        def health(self) -> Any:
            return replace(coordinator.station.health, queued_s=next(queued))

    now = 0.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    meter = LoadMeter(Station())  # type: ignore[arg-type]
    behind = []
    for minute in range(1, 5):
        now = 60.0 * minute
        load = meter.read()
        assert load is not None
        behind.append((load.behind_seconds, load.is_behind))
    assert behind == [(0.0, False), (0.1, False), (0.1, False), (3.0, True)]
