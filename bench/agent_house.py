"""A house for trials: one Mosquitto, real agents that hear a transmitter, and one real hass."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
import json
from pathlib import Path
import shutil
import subprocess
import sys
import tempfile
import time
from typing import Any, Final

import aiohttp
from homeassistant.util import slugify
import numpy as np
from numpy.typing import NDArray

from bench.fleet import set_up
from bench.loop_lag import leave_the_internet_alone
from bench.on_air import RATE, Transmitter, on_air
from eas_core.agent.spool import Spool
from eas_core.modem.encoder import encode_bursts, encode_end_of_message
from script.hass_process import HassError, HassProcess, make_configuration
from script.ports import free_port
from tests.core.agent.told import alert as alert_of
from tests.peers.mosquitto import Mosquitto, mosquitto, write_certificates_for_both
from tests.peers.proxy import Proxy, proxy

ROOT: Final = Path(__file__).parent.parent
PROBE: Final = Path(__file__).with_name("event_probe")
GAP_SECONDS: Final = 0.5
VOICE_SECONDS: Final = 2.5
BASE: Final = "eas_station"
EVENTS: Final = ("TOR", "SVR", "FFW", "EWW", "TOA", "SVA", "FLW", "HUW", "BZW", "WSW")
COUNTIES: Final = 88
CONFIG: Final = """
[agent]
name = "{name}"
base = "{base}"
folder = "{folder}/kept"
health_seconds = 5
[broker]
host = "127.0.0.1"
port = {port}
keepalive = 5
{broker}
[[station]]
name = "Radio"
source = "tcp://127.0.0.1:{source}"
rate = {rate}
"""
WRONG_CLOCK: Final = """
import datetime, sys
import eas_core.clock
right = eas_core.clock.SystemClock.now
ahead = datetime.timedelta(seconds=float(sys.argv.pop(1)))
eas_core.clock.SystemClock.now = lambda clock: right(clock) + ahead
from eas_core.cli import main
sys.exit(main(sys.argv[1:]))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is sent; seconds where its first burst and the first of its end are over."""

    header: str
    id: str
    audio: NDArray[np.float32]
    after_first_burst: float
    in_the_end: float


def message(number: int) -> Message:
    """Return a warning that is issued now, unlike the others."""
    now = datetime.now(UTC)
    place = f"039{number % COUNTIES * 2 + 1:03}"
    event = EVENTS[number // COUNTIES % len(EVENTS)]
    header = f"ZCZC-WXR-{event}-{place}+0030-{now:%j%H%M}-KCLE/NWS-"
    head = encode_bursts(header.encode(), RATE, gap_seconds=GAP_SECONDS)
    voice = np.random.default_rng(number).normal(0, 0.05, round(VOICE_SECONDS * RATE))
    end = encode_end_of_message(RATE, gap_seconds=GAP_SECONDS)
    before_end = (len(head) + len(voice)) / RATE
    return Message(
        header=header,
        id=alert_of(header=header, now=now).id,
        audio=np.concatenate((head, voice.astype(np.float32), end)),
        after_first_burst=(len(head) / RATE - 3 * GAP_SECONDS) / 3 + 0.5 * GAP_SECONDS,
        in_the_end=before_end + 0.4,
    )


class AgentProcess:
    """One `eas-station agent`, behind a network of its own."""

    def __init__(
        self, name: str, folder: Path, network: Proxy, source: int, **more: str
    ) -> None:
        """Write its settings; `more` are its base, what it says of the broker, its clock's error."""
        self.name, self.folder, self.network = name, folder / name, network
        self.base = more.get("base", BASE)
        self._ahead = more.get("ahead")
        self._source = source
        self._process: subprocess.Popen[bytes] | None = None
        self.folder.mkdir()
        self.configure(more.get("broker", ""))

    def configure(self, broker: str) -> None:
        """Write what it is told of the broker."""
        text = CONFIG.format(
            name=self.name,
            base=self.base,
            folder=self.folder,
            port=self.network.port,
            broker=broker,
            source=self._source,
            rate=RATE,
        )
        (self.folder / "agent.toml").write_text(text)

    def start(self) -> None:
        """Start it."""
        program = ["-m", "eas_core"]
        if self._ahead is not None:
            program = ["-c", WRONG_CLOCK, self._ahead]
        command = [sys.executable, *program, "agent", "--config", "agent.toml"]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=self.folder, stderr=log, env={"PYTHONPATH": str(ROOT)}
            )

    def kill(self) -> None:
        """End it with SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @property
    def log(self) -> str:
        """What it has said."""
        return (self.folder / "log").read_text()

    def kept(self) -> Spool:
        """Return what it has on its disk by now."""
        copy = self.folder / "copy"
        copy.mkdir(exist_ok=True)
        with suppress(FileNotFoundError):
            shutil.copy(self.folder / "kept" / "heard.jsonl", copy)
        return Spool(copy)

    def has_kept(self, alert_id: str) -> bool:
        """Whether it heard an alert."""
        return any(one.payload.get("id") == alert_id for one in self.kept().after(""))


@dataclass(slots=True)
class House:
    """All that runs, and what was told by then."""

    folder: Path
    broker: Mosquitto
    network: Proxy
    """Between hass and the broker."""
    air: Transmitter
    hass: HassProcess
    tls_port: int
    """Where the broker speaks TLS, and wants to see a certificate."""
    agents: dict[str, AgentProcess] = field(default_factory=dict)
    _heard_by: dict[str, set[str]] = field(default_factory=dict)

    def told(self) -> list[dict[str, Any]]:
        """Return all events that hass has fired, over all its lives."""
        path = self.hass.folder / "events.jsonl"
        if not path.exists():
            return []
        return [json.loads(line) for line in path.read_text().splitlines()]

    def counted(self) -> Counter[tuple[str, str]]:
        """Return how often each event was fired, by kind and alert."""
        return Counter((one["event"], one["id"]) for one in self.told())

    def is_fired(self, alert_id: str, event: str = "eas_alert") -> bool:
        """Whether an event of an alert was fired."""
        return any(
            (one["event"], one["id"]) == (event, alert_id) for one in self.told()
        )

    async def entry(self, alert_id: str) -> dict[str, Any] | None:
        """Return the history's entry of an alert, None where there is none, or nobody to ask."""
        try:
            async with asyncio.timeout(10), self.hass.websocket() as websocket:
                page = await websocket.command(type="eas_station/history", limit=50)
        except HassError, aiohttp.ClientError, TimeoutError:
            return None
        found = [one for one in page["entries"] if one["id"] == alert_id]
        assert len(found) <= 1, "an alert has two entries"
        return found[0] if found else None

    async def is_settled(self, sent: Message) -> bool:
        """Whether an alert and its end are told, with all agents named that heard it."""
        if not self.is_fired(sent.id, "eas_end_of_message"):
            return False
        entry = await self.entry(sent.id)
        if entry is None or not entry["ended"]:
            return False
        named = {channel.split()[0] for channel in entry["channels"]}
        return self.heard_by(sent.id) <= named and not any(
            one.kept().unsent for one in self.agents.values()
        )

    def heard_by(self, alert_id: str) -> set[str]:
        """Return the agents that have an alert on their disk; those that are gone have told it."""
        for name, one in self.agents.items():
            if one.has_kept(alert_id):
                self._heard_by.setdefault(alert_id, set()).add(name)
        return self._heard_by.get(alert_id, set())

    async def start_hass(self) -> None:
        """Start hass again, and wait until it has."""
        await self.hass.start()
        await self.hass.log_in()

    async def add_agent(self, agent: AgentProcess) -> None:
        """Start another agent, and wait until it hears and is known."""
        self.agents[agent.name] = agent
        await asyncio.to_thread(agent.start)
        if agent.base == BASE:
            assert await when(lambda: self.is_connected(agent.name)), agent.log
        else:
            assert await when(lambda: "Connected" in agent.log), agent.log

    async def remove_agent(self, agent: AgentProcess) -> None:
        """End an agent."""
        del self.agents[agent.name]
        await asyncio.to_thread(agent.kill)

    async def is_connected(self, name: str) -> bool:
        """Whether hass shows that an agent is there."""
        entity_id = f"binary_sensor.county_{slugify(name)}_agent_connected"
        async with self.hass.websocket() as websocket:
            states = await websocket.command(type="get_states")
        return any(
            one["entity_id"] == entity_id and one["state"] == "on" for one in states
        )


async def when(done: Callable[[], Any], seconds: float = 90.0) -> bool:
    """Wait until something is so, at most so long; return whether it is."""
    deadline = time.monotonic() + seconds
    while True:
        found = done()
        if await found if asyncio.iscoroutine(found) else found:
            return True
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.02)


@asynccontextmanager
async def house(*agents: str) -> AsyncIterator[House]:
    """Give a house where all is well, with agents of these names."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="agents")))
        tls_port = free_port()
        broker = stack.enter_context(
            mosquitto(
                lambda at: (
                    "allow_anonymous true\n"
                    f"listener {tls_port} 127.0.0.1\n{write_certificates_for_both(at)}"
                )
            )
        )
        air = stack.enter_context(on_air())
        network = stack.enter_context(proxy(broker.port))
        port, home = free_port(), folder / "hass"
        component = ROOT / "custom_components" / "eas_station"
        make_configuration(home, component, port, more="event_probe:\n")
        shutil.copytree(PROBE, home / "custom_components" / "event_probe")
        (home / "custom_components" / "__init__.py").touch()
        hass = await stack.enter_async_context(HassProcess(home, port))
        await hass.log_in()
        await leave_the_internet_alone(hass)
        await set_up(hass, network.port)
        # Home Assistant writes them a second later, and it may be killed by then.
        entries = home / ".storage" / "core.config_entries"
        assert await when(
            lambda: entries.exists() and "agents:eas_station" in entries.read_text()
        )
        made = House(folder, broker, network, air, hass, tls_port)
        for name in agents:
            between = stack.enter_context(proxy(broker.port))
            agent = AgentProcess(name, folder, between, air.port)
            stack.callback(agent.kill)
            await made.add_agent(agent)
        yield made
