"""An hour of each fault of agents and of their broker: a line when it begins, one when it is over."""

from collections.abc import Callable
from datetime import timedelta
import itertools
import logging
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.eas_station.eas_core.agent.followed import FollowedStation
from custom_components.eas_station.eas_core.fault_log import MOST_LINES
from custom_components.eas_station.eas_core.station import SourceState
from eas_core.agent.link import status, to_json
from eas_core.station.contract import alert_fields
from tests.integration.fault_lines import (
    an_hour,
    lines,
    most_in_an_hour,
    pass_time,
    repairs,
)
from tests.integration.mqtt_agents import follow, health, now_alert, shown

NOBODY = (
    "WARNING Home EAS hears nothing:"
    " No agent is connected to the broker: start one, or look at its log."
)


class Agents:
    """What agents say comes to the station that follows them, as their broker would bring it."""

    def __init__(
        self,
        hass: HomeAssistant,
        freezer: FrozenDateTimeFactory,
        station: FollowedStation,
    ) -> None:
        self.hass, self.freezer, self.station = hass, freezer, station

    def say(self, topic: str, told: object, **more: bool) -> None:
        payload = told if isinstance(told, bytes) else to_json(told)
        self.station.feed(f"eas_station/{topic}", payload, **more)
        self.station.flush()

    def come(self, name: str) -> None:
        self.say(f"{name}/status", status("online", ["Radio"]))
        self.tell(name)

    def go(self, name: str) -> None:
        self.say(f"{name}/status", status("offline"))

    def tell(self, name: str, minutes: float = 0.0, **more: Any) -> None:
        """Have an agent tell how it does, by a clock that is so far ahead."""
        at = dt_util.utcnow() + timedelta(minutes=minutes)
        told = health(SourceState.HEARING) | {"at": at.isoformat()}
        self.say(f"{name}/health", told | more)

    def alert(self, name: str, **more: object) -> None:
        told = {"version": 1, "agent": name, "station": "Radio"}
        self.say(f"{name}/alert", told | alert_fields(now_alert()) | more)

    async def pass_time(self, seconds: float = 0.0) -> None:
        await pass_time(self.hass, self.freezer, seconds)

    async def an_hour(self, happens: Callable[[], None], every: float = 1.0) -> None:
        await an_hour(self.hass, self.freezer, happens, every)


@pytest.fixture
async def agents(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    agents_entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> Agents:
    """Two agents that hear, and a station that follows them."""
    caplog.set_level(logging.INFO)
    hass.loop.set_debug(False)
    await follow(hass, agents_entry)
    agents = Agents(hass, freezer, agents_entry.runtime_data.station)
    for name in ("attic", "barn"):
        agents.come(name)
    await agents.pass_time(61)
    assert shown(hass, "sensor.home_eas_sdr_status") == "hearing"
    caplog.clear()
    return agents


def connected(hass: HomeAssistant, name: str) -> str | None:
    return shown(hass, f"binary_sensor.home_eas_{name}_agent_connected")


def problem(hass: HomeAssistant, name: str) -> str | None:
    return shown(hass, f"binary_sensor.home_eas_{name}_problem")


async def test_an_agent_that_is_away_is_off_and_the_last_of_them_a_repair(
    hass: HomeAssistant, agents: Agents, caplog: pytest.LogCaptureFixture
) -> None:
    agents.go("attic")
    await agents.an_hour(lambda: agents.tell("barn"))
    assert connected(hass, "attic") == "off"
    assert shown(hass, "sensor.home_eas_sdr_status") == "hearing"
    assert not repairs(hass)
    assert lines(caplog) == []

    agents.go("barn")
    # The broker tells again what it has kept.
    await agents.an_hour(lambda: agents.go("barn"), every=30.0)
    assert shown(hass, "sensor.home_eas_sdr_status") == "down"
    assert repairs(hass) == {"source_down"}
    agents.come("barn")
    await agents.pass_time(61)
    assert not repairs(hass)
    assert lines(caplog) == [NOBODY, "INFO Home EAS hears again"]


async def test_an_agent_that_comes_and_goes_fills_no_log(
    agents: Agents, caplog: pytest.LogCaptureFixture
) -> None:
    agents.go("barn")
    for _ in range(15):
        agents.go("attic")
        await agents.pass_time(60)
        agents.come("attic")
        await agents.pass_time(70)
    assert lines(caplog)[:2] == [NOBODY, "INFO Home EAS hears again"]
    assert most_in_an_hour(caplog) <= MOST_LINES


async def test_an_agent_of_a_later_version_is_a_problem_and_a_repair_until_it_is_none(
    hass: HomeAssistant, agents: Agents, caplog: pytest.LogCaptureFixture
) -> None:
    await agents.an_hour(lambda: agents.tell("attic", version=2), every=5.0)
    assert problem(hass, "attic") == "on"
    assert repairs(hass) == {"agent_newer"}
    agents.tell("attic")
    await agents.pass_time()
    assert problem(hass, "attic") == "off"
    assert not repairs(hass)
    begun, over = lines(caplog)
    assert begun.startswith("WARNING The agent attic is newer than Home EAS reads: ")
    assert over == "INFO What the agent attic says can be read again"


async def test_what_cannot_be_read_is_a_problem_and_a_repair_until_it_can(
    hass: HomeAssistant, agents: Agents, caplog: pytest.LogCaptureFixture
) -> None:
    def rubbish() -> None:
        agents.tell("attic")
        agents.say("attic/alert", b"rubbish")
        agents.alert("attic", bursts="many")

    await agents.an_hour(rubbish, every=5.0)
    assert problem(hass, "attic") == "on"
    assert repairs(hass) == {"agent_malformed"}
    agents.alert("attic")
    await agents.pass_time()
    assert problem(hass, "attic") == "off"
    assert not repairs(hass)
    begun, over = lines(caplog)
    assert begun.startswith(
        "WARNING What came to eas_station/attic/alert is no message"
    )
    assert over == "INFO What comes to eas_station/attic/alert can be read again"


@pytest.mark.parametrize(
    ("minutes", "repair", "said"),
    [
        (60.0, "agent_clock_ahead", "60 minutes ahead"),
        (-60.0, "agent_clock_behind", "60 minutes behind"),
    ],
)
async def test_a_clock_of_an_agent_is_a_problem_and_a_repair_until_it_is_right(
    hass: HomeAssistant,
    agents: Agents,
    caplog: pytest.LogCaptureFixture,
    minutes: float,
    repair: str,
    said: str,
) -> None:
    # A clock that drifts tells another number of minutes each time.
    drift = itertools.count()
    await agents.an_hour(
        lambda: agents.tell("attic", minutes + next(drift) / 60), every=5.0
    )
    assert problem(hass, "attic") == "on"
    assert repairs(hass) == {repair}
    # Who sets its clock right may start it anew for that.
    agents.go("attic")
    await agents.pass_time()
    assert not repairs(hass)
    agents.come("attic")
    await agents.pass_time()
    assert problem(hass, "attic") == "off"
    assert not repairs(hass)
    assert lines(caplog) == [
        f"WARNING The clock of the agent attic is {said}",
        "INFO The clock of the agent attic is right again",
    ]


async def test_the_clocks_of_most_agents_are_one_repair_and_one_line(
    hass: HomeAssistant, agents: Agents, caplog: pytest.LogCaptureFixture
) -> None:
    names = [f"agent-{number}" for number in range(10)]
    for name in names:
        agents.come(name)

    def tell() -> None:
        for name in names:
            agents.tell(name, 60.0)

    await agents.an_hour(tell, every=30.0)
    assert repairs(hass) == {"agent_clocks"}
    for name in names:
        agents.tell(name)
    await agents.pass_time()
    assert not repairs(hass)
    told = lines(caplog)
    all_of_them = "INFO The clocks of most agents of Home EAS agree with the one here"
    assert "WARNING The clocks of 7 agents of Home EAS differ from the one here" in told
    assert f"{all_of_them} again" in told
    assert most_in_an_hour(caplog) <= MOST_LINES


FAULTS = ("newer", "malformed", "clock")


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_of_many_agents_that_comes_and_goes_fills_no_log(
    agents: Agents, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    names = [f"agent-{number}" for number in range(30)]
    bad: dict[str, Callable[[str], None]] = {
        "newer": lambda name: agents.tell(name, version=2),
        "malformed": lambda name: agents.say(f"{name}/health", b"rubbish"),
        "clock": lambda name: agents.tell(name, 60.0),
    }
    for name in names:
        agents.come(name)

    def come_and_go() -> None:
        for do in (bad[fault], agents.tell):
            for name in names:
                do(name)

    await agents.an_hour(come_and_go, every=300.0)
    assert 2 <= most_in_an_hour(caplog) <= MOST_LINES
