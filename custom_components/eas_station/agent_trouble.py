"""Issues of agents: of a later version, with messages that are none, with a clock that is off.

Each is by its agent, and goes by itself when the agent speaks well again.
"""

from collections import defaultdict
from collections.abc import Mapping
import logging
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .coordinator import EasStationConfigEntry
from .devices import source_identity
from .eas_core.agent.followed import FollowedStation
from .eas_core.agent.seen import AgentFault
from .eas_core.fault_log import FaultLog, Room
from .source_coordinator import SourceCoordinator

_LOGGER = logging.getLogger(__name__)

LEARN_MORE: Final = (
    "https://github.com/eas-station/eas-station-ha/blob/main/docs/agent.md"
)
MOST_ISSUES: Final = 20
"""Of one source at once: nobody reads more, and anybody may write to a broker."""

MANY: Final = 3
"""Where so many clocks are off, and most, it is rather the one here."""

NAMED: Final = 5
ALL_CLOCKS: Final = "agent_clocks"

LOGGED: Final = {
    "agent_newer": "The agent %(agent)s is newer than %(name)s reads: %(text)s",
    "agent_malformed": "What came to %(topic)s is no message: %(text)s",
    "agent_clock_ahead": "The clock of the agent %(agent)s is %(minutes)s minutes ahead",
    "agent_clock_behind": "The clock of the agent %(agent)s is %(minutes)s minutes behind",
    ALL_CLOCKS: "The clocks of %(count)s agents of %(name)s differ from the one here",
}
LOGGED_OVER: Final = {
    "agent_newer": "What the agent %(agent)s says can be read again",
    "agent_malformed": "What comes to %(topic)s can be read again",
    "agent_clock_ahead": "The clock of the agent %(agent)s is right again",
    "agent_clock_behind": "The clock of the agent %(agent)s is right again",
    ALL_CLOCKS: "The clocks of most agents of %(name)s agree with the one here again",
}
CLOCKS: Final = ("agent_clock_ahead", "agent_clock_behind", ALL_CLOCKS)


@callback
def async_watch_agents(
    hass: HomeAssistant, entry: EasStationConfigEntry
) -> CALLBACK_TYPE:
    """Tell of agents' troubles from now on; return what ends that, and takes issues away."""
    troubles = [
        AgentTroubles(hass, source, source.station)
        for source in entry.runtime_data.sources
        if isinstance(source.station, FollowedStation)
    ]

    @callback
    def end() -> None:
        for each in troubles:
            each.async_end()

    return end


class AgentTroubles:
    """Keeps the issues of the agents that one source follows."""

    def __init__(
        self, hass: HomeAssistant, source: SourceCoordinator, station: FollowedStation
    ) -> None:
        """Look at each agent that something is new of."""
        self._hass = hass
        self._fleet = station.fleet
        self._name = source.full_name
        self._identity = source_identity(source)
        self._shown: dict[str, Mapping[str, str]] = {}
        self._logs = AgentLogs()
        self._off: set[str] = set()
        self._unsubscribe = station.listen_agent(None, self._async_look)

    @callback
    def async_end(self) -> None:
        """Forget it all."""
        self._unsubscribe()
        for issue in tuple(self._shown):
            self._hide(issue)

    @callback
    def _async_look(self, name: str) -> None:
        faults = self._fleet.faults_of(name)
        newer = next((one for one in faults if one.newer), None)
        malformed = next((one for one in faults if not one.newer), None)
        self._look_at_fault("agent_newer", name, newer)
        self._look_at_fault("agent_malformed", name, malformed)
        self._look_at_clock(name)

    def _look_at_fault(self, key: str, name: str, fault: AgentFault | None) -> None:
        issue = f"{key}_{name}"
        if fault is None:
            self._end(issue)
        else:
            told = {"agent": name, "topic": fault.topic, "text": fault.text}
            self._show(issue, key, told, ir.IssueSeverity.ERROR)

    def _look_at_clock(self, name: str) -> None:
        seen = self._fleet.agents.get(name)
        if seen is not None and seen.online and seen.clock.off is not None:
            self._off.add(name)
        else:
            self._off.discard(name)
        if self._most_are_off():
            for each in self._off:
                self._hide(f"agent_clock_{each}")
                self._logs.forget(f"agent_clock_{each}")
            names = sorted(self._off)
            told = {"count": str(len(names)), "agents": ", ".join(names[:NAMED])}
            self._show(ALL_CLOCKS, ALL_CLOCKS, told)
            return
        if ALL_CLOCKS in self._shown:
            self._end(ALL_CLOCKS)
            for each in self._off:
                self._show_clock(each)
        if name in self._off:
            self._show_clock(name)
        elif seen is None or seen.clock.off is None:
            self._end(f"agent_clock_{name}")
        else:
            # One that has gone tells of its clock when it comes again.
            self._hide(f"agent_clock_{name}")

    def _most_are_off(self) -> bool:
        if len(self._off) < MANY:
            return False
        there = sum(one.online for one in self._fleet.agents.values())
        return 2 * len(self._off) > there

    def _show_clock(self, name: str) -> None:
        off = self._fleet.agents[name].clock.off
        assert off is not None
        ahead = off.total_seconds() > 0
        minutes = round(abs(off).total_seconds() / 60)
        self._show(
            f"agent_clock_{name}",
            "agent_clock_ahead" if ahead else "agent_clock_behind",
            {"agent": name, "minutes": str(minutes)},
        )

    def _show(
        self,
        issue: str,
        key: str,
        told: Mapping[str, str],
        severity: ir.IssueSeverity = ir.IssueSeverity.WARNING,
    ) -> None:
        if issue not in self._shown and len(self._shown) >= MOST_ISSUES:
            return
        values = {"name": self._name, **told}
        self._logs.fault(issue, key, values)
        if self._shown.get(issue) == told:
            return
        self._shown[issue] = told
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            self._issue_id(issue),
            is_fixable=False,
            learn_more_url=LEARN_MORE,
            severity=severity,
            translation_key=key,
            translation_placeholders=values,
        )

    def _end(self, issue: str) -> None:
        self._hide(issue)
        self._logs.over(issue)

    def _hide(self, issue: str) -> None:
        if self._shown.pop(issue, None) is not None:
            ir.async_delete_issue(self._hass, DOMAIN, self._issue_id(issue))

    def _issue_id(self, issue: str) -> str:
        return f"{issue}_{self._identity}"


class AgentLogs:
    """Logs each trouble of each agent once, and its end: those of a kind share ten lines an hour."""

    def __init__(self) -> None:
        """Know of none."""
        self._rooms = defaultdict[str, Room](Room)
        self._logs: dict[str, tuple[FaultLog, str, Mapping[str, str]]] = {}

    def fault(self, issue: str, key: str, values: Mapping[str, str]) -> None:
        """Log a trouble that was not logged since its last end."""
        if issue in self._logs:
            log, *_ = self._logs[issue]
        else:
            kind = "clock" if key in CLOCKS else key
            log = FaultLog(_LOGGER, self._rooms[kind])
        self._logs[issue] = log, key, values
        log.once(LOGGED[key], values)

    def over(self, issue: str) -> None:
        """Log that a trouble is over that was logged."""
        if issue in self._logs:
            log, key, values = self._logs.pop(issue)
            log.over(LOGGED_OVER[key], values)

    def forget(self, issue: str) -> None:
        """Leave a trouble that another now tells of."""
        if issue in self._logs:
            self._logs.pop(issue)[0].forget()
