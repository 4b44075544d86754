"""A span of a soak: a real Home Assistant, and all that is done to it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
import json
import os
from pathlib import Path
import shutil
import signal
import time
from typing import Any, Final

import aiohttp
import numpy as np

from bench.loop_lag import leave_the_internet_alone
from bench.soak_agent import KilledAgent
from bench.soak_air import Air
from bench.soak_dongle import Dongle, captures
from bench.soak_home_faults import (
    OF_THE_CAPTURE,
    OF_THE_DONGLE,
    OF_THE_SERVER,
    OF_THE_STREAM,
    OF_THE_WEB,
    STALLED_SECONDS,
    draw,
)
from bench.soak_inside import Probe
from bench.soak_script import Script
from bench.soak_station import filled
from bench.soak_watch import Fault, Sample, look
from bench.soak_web import Web
from script.hass_process import HassError, HassProcess, make_configuration
from script.ports import free_port
from script.simulated_radio import set_up_radio
from tests.peers.mosquitto import Mosquitto

ROOT: Final = Path(__file__).parent.parent
TLS_OFF: Final = {"set_client_cert": False, "set_ca_cert": "off"}
MORE: Final = "soak_probe:\n"
HEARS: Final = ("hearing", "degraded", "quiet")
PATIENCE: Final = 120.0
SLOW_MS: Final = "15"
"""A write's time on the slow disk; a flush takes ten times that."""


class Home:
    """Home Assistant with a radio, a stream and agents, on a disk of its own."""

    def __init__(
        self,
        folder: Path,
        disk: Path,
        script: Script,
        agent: KilledAgent,
        dongle: Dongle | None = None,
    ) -> None:
        """Take where the bench keeps its files, the disk, what is sent, an agent; what the radio is, if no rtl_tcp server."""
        self.folder, self.disk, self.script, self.agent = folder, disk, script, agent
        self.dongle = dongle
        self.probe = Probe(folder / "probe.jsonl")
        self.faults: list[Fault] = []
        self.samples: list[Sample] = []
        self.kills: list[float] = []
        self.damaged: set[str] = set()
        self.step = timedelta()
        self.began = time.monotonic()
        self.entry = self.streamed = self.agents = ""
        self.hass: HassProcess
        self.air: Air
        self.web: Web
        self.broker: Mosquitto

    @property
    def now(self) -> float:
        """The second of air that it is, heard or not."""
        return time.monotonic() - self.air.began

    async def post(self, path: str) -> None:
        """Post; what a step of the clock has logged out logs in again."""
        try:
            await self.hass.post(path)
        except HassError:
            await self.log_in()
            await self.hass.post(path)

    def write_clock(self) -> None:
        """Show the script's time, and the step that makes it wrong."""
        wanted = self.script.now(self.now) + self.step
        ahead = round((wanted - datetime.now(UTC)).total_seconds() * 1e9)
        # In its place: others have it mapped.
        with (self.folder / "clock").open("r+b") as file:
            file.write(ahead.to_bytes(8, "little", signed=True))

    async def until(self, done: Callable[[], Any], seconds: float = PATIENCE) -> bool:
        """Wait until something is so; return whether it came to be."""
        deadline = time.monotonic() + seconds
        while not done():
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(0.1)
        return True

    def hears(self, since: float, *entries: str) -> bool:
        """Whether these entries, or that of the radio and that of the stream, have said since then that they hear."""
        newest = self.probe.newest("look")
        if newest is None or newest["at"] <= since:
            return False
        states = {one["entry_id"]: one["state"] for one in newest["stations"]}
        wanted = entries or (self.entry, self.streamed)
        return all(states.get(entry) in HEARS for entry in wanted)

    async def start_hass(self) -> None:
        """Start it again where it has ended."""
        await self.hass.restart()
        await self.log_in()

    async def log_in(self) -> None:
        """Log in; a clock that steps meanwhile makes the first try void."""
        for _ in range(5):
            try:
                await self.hass.log_in()
            except HassError, aiohttp.ClientError:
                await asyncio.sleep(2.0)
            else:
                return
        await self.hass.log_in()

    async def do(self, kind: str, rng: np.random.Generator) -> None:
        """Let a fault happen and be over; note how it went."""
        fault = Fault(kind_of_fault=kind, air=self.now)
        fault.wall_s = time.monotonic() - self.began
        self.faults.append(fault)
        await self._break(kind, float(rng.uniform(0.5, 4.0)))
        mended = time.monotonic()
        if "agent" in kind or "broker" in kind:
            told = await asyncio.to_thread(self.agent.say)
            fault.survived = await self.until(lambda: self._was_told(told))
        else:
            fault.survived = await self.until(lambda: self.hears(mended))
        fault.recovered_s = round(time.monotonic() - mended, 2)
        fault.until = self.now

    def _was_told(self, header: str) -> bool:
        return any(
            one["kind"] == "alert" and one["header"] == header
            for one in self.probe.look()
        )

    async def _break(self, kind: str, seconds: float) -> None:
        match kind:
            case "hass stopped and started":
                await self.start_hass()
            case "hass killed (SIGKILL) in mid-alert":
                await self._kill(seconds)
            case "history file truncated" | "history file of zeros":
                await self.hass.stop()
                self._damage(truncate="truncated" in kind)
                await self.start_hass()
            case "entry reloaded":
                path = f"/api/config/config_entries/entry/{self.entry}/reload"
                await self.post(path)
            case "disk full":
                with filled(self.disk):
                    await asyncio.sleep(4 * seconds)
            case "disk slow":
                (self.folder / "slow").write_text(SLOW_MS, encoding="utf-8")
                await asyncio.sleep(5 * seconds)
                (self.folder / "slow").unlink()
            case "clock stepped +1 h" | "clock stepped -1 h":
                self.step = timedelta(hours=1 if "+" in kind else -1)
                self.write_clock()
                await asyncio.sleep(5 * seconds)
                self.step = timedelta()
                self.write_clock()
            case "websocket clients that never read":
                await self._clients(6 * seconds)
            case "broker killed":
                await asyncio.to_thread(self.broker.kill)
                await asyncio.to_thread(self.agent.say)
                await asyncio.sleep(seconds)
                await asyncio.to_thread(self.broker.start)
            case "agent killed (SIGKILL)":
                told = await asyncio.to_thread(self.agent.say)
                await self.until(lambda: self.agent.has_kept(told), 10.0)
                await asyncio.to_thread(self.agent.kill)
                await asyncio.sleep(seconds)
                await asyncio.to_thread(self.agent.start)
            case _:
                await self._break_source(kind, seconds)

    async def _break_source(self, kind: str, seconds: float) -> None:
        seconds += STALLED_SECONDS.get(kind, 0.0)
        if kind in OF_THE_CAPTURE:
            # None is there, where it has ended by itself.
            with suppress(OSError):
                is_stream = kind in OF_THE_STREAM
                for child in captures(self.hass.pid, of_dongle=not is_stream):
                    os.kill(child, OF_THE_CAPTURE[kind])
            await asyncio.sleep(seconds)
            return
        do: Callable[[str], None] = self.air.do
        if kind in OF_THE_WEB:
            do = self.web.do
        elif self.dongle is not None:
            do = self.dongle.do
        first, again = (OF_THE_SERVER | OF_THE_DONGLE | OF_THE_WEB)[kind]
        for what in first:
            await asyncio.to_thread(do, what)
        await asyncio.sleep(seconds)
        for what in again:
            await asyncio.to_thread(do, what)

    async def _kill(self, seconds: float) -> None:
        """Kill it some moments after it has told of an alert."""
        count = len(self.probe.look())
        await self.until(
            lambda: any(one["kind"] == "alert" for one in self.probe.look()[count:]),
            20.0,
        )
        await asyncio.sleep(seconds / 4)
        os.kill(self.hass.pid, signal.SIGKILL)
        self.kills.append(time.monotonic())
        await self.hass.wait()
        await self.start_hass()

    def _damage(self, *, truncate: bool) -> None:
        """Spoil the newest file of the radio's history; remember what was in it."""
        files = history_files(self.disk, self.entry)
        if not files:
            return
        text = files[-1].read_bytes()
        self.damaged |= {one["id"] for one in json.loads(text)["data"]["entries"]}
        files[-1].write_bytes(text[: len(text) // 2] if truncate else bytes(len(text)))

    async def _clients(self, seconds: float) -> None:
        """Have clients subscribe to all that there is, and read none of it."""
        await self.log_in()
        async with aiohttp.ClientSession() as session:
            sockets = []
            for _ in range(5):
                socket = await session.ws_connect(f"{self.hass.url}/api/websocket")
                await socket.receive_json()
                token = self.hass._token  # noqa: SLF001
                await socket.send_json({"type": "auth", "access_token": token})
                await socket.receive_json()
                wanted = {"type": "eas_station/subscribe", "entry_id": self.entry}
                await socket.send_json({"id": 1, **wanted, "spectrum": True})
                sockets.append(socket)
            await asyncio.sleep(seconds)

    async def sample(self) -> None:
        """Look at the process every five seconds, and keep the clock."""
        while True:
            newest = self.probe.newest("look")
            with suppress(Exception):
                sample = look(
                    self.hass.pid,
                    time.monotonic() - self.began,
                    newest["tasks"] if newest else None,
                )
                if sample is not None:
                    self.samples.append(sample)
            self.write_clock()
            await asyncio.sleep(5.0)

    async def chat(self) -> None:
        """Have the agent tell of a warning now and then."""
        while True:
            await asyncio.sleep(9.0)
            if self.faults and self.faults[-1].recovered_s is None:
                continue
            await asyncio.to_thread(self.agent.say)


def history_files(disk: Path, entry: str) -> list[Path]:
    """Return the files of an entry's history, the newest last."""
    found = (disk / ".storage").glob(f"eas_station.{entry}.history.*")
    files = [path for path in found if path.suffix[1:].isdigit()]
    return sorted(files, key=lambda path: int(path.suffix[1:]))


@asynccontextmanager
async def at_home(
    home: Home, environment: dict[str, str], *, debug: bool
) -> AsyncIterator[Home]:
    """Start Home Assistant; connect it to the broker, and follow the agents."""
    port = free_port()
    make_configuration(
        home.disk, ROOT / "custom_components" / "eas_station", port, more=MORE
    )
    components = home.disk / "custom_components"
    shutil.copytree(
        ROOT / "bench" / "soak_probe",
        components / "soak_probe",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    (components / "__init__.py").touch()
    async with HassProcess(
        home.disk, port, environment=environment, debug=debug
    ) as hass:
        home.hass = hass
        await hass.log_in()
        await leave_the_internet_alone(hass)
        path = "/api/config/config_entries/flow"
        form = await hass.post(path, json={"handler": "mqtt"})
        fields = {
            field["name"]: field["default"]
            for field in form["data_schema"]
            if "default" in field
        }
        fields |= {"broker": "127.0.0.1", "port": home.broker.port}
        fields |= {"other_settings": TLS_OFF}
        await hass.post(f"{path}/{form['flow_id']}", json=fields)
        made = await hass.set_up("agents", name="County", base_topic="eas_station")
        home.agents = made["result"]["entry_id"]
        yield home


async def hear(home: Home, script: Script, faults: int) -> None:
    """Set the radio and the stream up on the air, and let faults happen until all is sent."""
    rng = np.random.default_rng(script.seed + 2)
    set_up = set_up_radio if home.dongle is None else home.dongle.set_up
    made = await set_up(home.hass, "Weather Radio", home.air.port)
    home.entry = made["result"]["entry_id"]
    made = await home.hass.set_up("stream", name="Web Radio", url=home.web.url)
    home.streamed = made["result"]["entry_id"]
    await home.until(lambda: home.hears(0.0))
    tasks = [asyncio.create_task(home.sample()), asyncio.create_task(home.chat())]
    for at, kind in draw(script, faults, rng, dongle=home.dongle is not None):
        await asyncio.sleep(max(0.0, at - home.now))
        if home.now > script.seconds:
            break
        await home.do(kind, rng)
    await asyncio.sleep(max(0.0, script.seconds + 10.0 - home.now))
    for task in tasks:
        task.cancel()
