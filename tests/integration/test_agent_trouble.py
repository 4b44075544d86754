"""Issues of agents: each named, telling what to do, gone when the agent speaks well."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, override

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.eas_station.agent_trouble import MOST_ISSUES
from custom_components.eas_station.const import DOMAIN
from custom_components.eas_station.eas_core.agent.followed import FollowedStation
from custom_components.eas_station.eas_core.station import SourceState
from eas_core.agent.link import status, to_json
from eas_core.clock import SystemClock
from eas_core.station.contract import alert_fields
from tests.integration.mqtt_agents import (
    follow,
    health,
    now_alert,
    running_agent,
    shown,
)
from tests.integration.waiting import seen
from tests.peers.mosquitto import Listener, Mosquitto


@pytest.fixture
async def station(hass: HomeAssistant, agents_entry: MockConfigEntry) -> Any:
    await follow(hass, agents_entry)
    return agents_entry.runtime_data.station


def say(station: FollowedStation, topic: str, told: Any, **more: bool) -> None:
    payload = told if isinstance(told, bytes) else to_json(told)
    station.feed(f"eas_station/{topic}", payload, **more)


def alert(agent: str = "attic", **more: object) -> dict[str, Any]:
    told = {"version": 1, "agent": agent, "station": "Radio"}
    return told | alert_fields(now_alert()) | more


def at(minutes: float = 0.0) -> dict[str, Any]:
    """Health of an agent whose clock is so far ahead."""
    time = dt_util.utcnow() + timedelta(minutes=minutes)
    return health(SourceState.HEARING) | {"at": time.isoformat()}


def issues(hass: HomeAssistant) -> dict[str, ir.IssueEntry]:
    registry = ir.async_get(hass)
    return {
        one.translation_key or "": one
        for one in registry.issues.values()
        if one.domain == DOMAIN and one.active
    }


async def text(hass: HomeAssistant, issue: ir.IssueEntry, part: str) -> str:
    texts = await async_get_translations(hass, "en", "issues", [DOMAIN])
    key = f"component.{DOMAIN}.issues.{issue.translation_key}.{part}"
    return texts[key].format(**(issue.translation_placeholders or {}))


async def test_a_later_version_says_what_to_update(
    hass: HomeAssistant, station: FollowedStation
) -> None:
    say(station, "barn/status", status("online"))
    say(station, "barn/health", at())
    say(station, "attic/status", status("online") | {"version": 2}, retained=True)
    (issue,) = issues(hass).values()
    assert await text(hass, issue, "title") == (
        "The agent attic is newer than Home EAS"
    )
    description = await text(hass, issue, "description")
    assert "speaks version 2" in description
    assert "eas_station/attic/status" in description
    assert "Update EAS Station in Home Assistant" in description
    # The other goes on as ever.
    assert station.fleet.agents["barn"].online
    say(station, "attic/status", status("online"))
    assert not issues(hass)


async def test_an_alert_that_is_none_is_told_of_and_never_fired(
    hass: HomeAssistant,
    station: FollowedStation,
    caplog: pytest.LogCaptureFixture,
    agents_entry: MockConfigEntry,
) -> None:
    events = async_capture_events(hass, "eas_alert")
    say(station, "attic/status", status("online"))
    for wrong in (
        b"\xff",
        alert(bursts="many"),
        alert("barn"),
        alert(event_code="RWT"),
        alert(purge_minutes=10**9),
        alert(received="0001-01-01T00:00:00+14:00"),
    ):
        say(station, "attic/alert", wrong)
        await hass.async_block_till_done()
        assert not events
        (issue,) = issues(hass).values()
        assert issue.translation_key == "agent_malformed"
    assert "eas_station/attic/alert" in await text(hass, issue, "description")
    assert station.fleet.agents["attic"].malformed == 6
    assert caplog.text.count("is no message") == 1
    # That its health can be read does not say that its alerts can.
    say(station, "attic/health", at())
    assert issues(hass)
    say(station, "attic/alert", alert())
    await hass.async_block_till_done()
    assert not issues(hass)
    assert len(events) == 1
    say(station, "attic/eom", b"{}")
    assert issues(hass)
    assert await hass.config_entries.async_unload(agents_entry.entry_id)
    assert not issues(hass)


async def test_a_clock_that_is_off_is_told_until_it_is_right(
    hass: HomeAssistant, station: FollowedStation
) -> None:
    for name in ("attic", "barn", "cabin"):
        say(station, f"{name}/status", status("online"))
        say(station, f"{name}/health", at())
    say(station, "attic/health", at(60.0))
    issue = issues(hass)["agent_clock_ahead"]
    assert await text(hass, issue, "title") == (
        "The clock of the agent attic of Home EAS is ahead"
    )
    assert "60 minutes" in await text(hass, issue, "description")
    say(station, "attic/health", at(0.5))
    assert not issues(hass)


async def test_where_most_clocks_are_off_it_is_the_one_here(
    hass: HomeAssistant, station: FollowedStation
) -> None:
    names = ("attic", "barn", "cabin", "dock")
    for name in names:
        say(station, f"{name}/status", status("online"))
    for name in names[:2]:
        say(station, f"{name}/health", at(60.0))
    assert set(issues(hass)) == {"agent_clock_ahead"}
    say(station, "cabin/health", at(60.0))
    (issue,) = issues(hass).values()
    assert "3 agents" in await text(hass, issue, "description")
    say(station, "attic/health", at())
    assert set(issues(hass)) == {"agent_clock_ahead"}
    say(station, "barn/status", status("offline"))
    say(station, "cabin/health", at())
    assert not issues(hass)


async def test_a_flood_of_rubbish_is_not_a_flood_of_issues(
    hass: HomeAssistant, station: FollowedStation
) -> None:
    for number in range(3 * MOST_ISSUES):
        say(station, f"a{number}/alert", b"rubbish")
    registry = ir.async_get(hass)
    assert sum(one.domain == DOMAIN for one in registry.issues.values()) == MOST_ISSUES
    assert not station.fleet.agents


@pytest.mark.usefixtures("with_mqtt")
async def test_what_the_broker_kept_from_another_time_is_no_trouble(
    hass: HomeAssistant, agent: Listener, agents_entry: MockConfigEntry
) -> None:
    """An agent that is gone, and one whose last health is of yesterday."""

    def leave_behind() -> None:
        topic = "eas_station/barn"
        agent.publish(f"{topic}/status", status("offline"), retain=True)
        agent.publish(f"{topic}/health", b"rubbish", retain=True)
        topic = "eas_station/attic"
        agent.publish(f"{topic}/status", status("online"), retain=True)
        agent.publish(f"{topic}/health", at(-24 * 60.0), retain=True)

    await hass.async_add_executor_job(leave_behind)
    await follow(hass, agents_entry)
    fleet = agents_entry.runtime_data.station.fleet
    await seen(lambda: fleet.counts["malformed"] == 1)
    await seen(lambda: fleet.counts["health"] == 1)
    assert not issues(hass)
    # What comes now tells of the clock.
    await hass.async_add_executor_job(
        agent.publish, "eas_station/attic/health", at(60.0)
    )
    await seen(lambda: set(issues(hass)) == {"agent_clock_ahead"})
    assert await hass.config_entries.async_unload(agents_entry.entry_id)


class FastClock(SystemClock):
    """A clock that is an hour ahead."""

    @override
    def now(self) -> datetime:
        return super().now() + timedelta(hours=1)


@pytest.mark.usefixtures("with_mqtt")
async def test_a_real_agent_with_a_wrong_clock_is_told_of_and_heard(
    hass: HomeAssistant,
    tmp_path: Path,
    broker: Mosquitto,
    agents_entry: MockConfigEntry,
) -> None:
    events = async_capture_events(hass, "eas_alert")
    with running_agent(tmp_path, broker, "Radio", clock=FastClock()):
        await follow(hass, agents_entry)
        # The health that the broker kept says nothing of the clock, the next does.
        await seen(lambda: shown(hass, "sensor.home_eas_sdr_status") == "hearing")
        data = {"entity_id": "button.home_eas_attic_self_test"}
        await hass.services.async_call("button", "press", data, blocking=True)
        await seen(lambda: len(events) == 1)
        received = datetime.fromisoformat(events[0].data["received"])
        assert abs(received - dt_util.utcnow()) < timedelta(minutes=1)
        assert not events[0].data["late"]
        await seen(lambda: set(issues(hass)) == {"agent_clock_ahead"})
        assert await hass.config_entries.async_unload(agents_entry.entry_id)
