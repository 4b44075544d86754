#!/usr/bin/env python3
"""From nothing to an agent's first alert in Home Assistant, for real: script/first_alert.py [PACKAGE].

Installs PACKAGE (this repository, with the extra `agent`) with pip into an empty
virtual environment, in which there is no Home Assistant; starts a Mosquitto, a hass
that knows it, and the agent; takes up what hass finds; and waits for the event.
Prints what was typed and what came, by seconds from the start of the agent. The
transcript in docs/agent.md is one of its runs. Ends only what it started.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
import json
from pathlib import Path
import shutil
import subprocess
import sys
import tempfile
import time
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.agent_house import when
from bench.fleet import TLS_OFF
from bench.hass_cost import resident_mb
from bench.loop_lag import leave_the_internet_alone
from script.hass_process import HassProcess, make_configuration
from script.ports import free_port
from tests.peers.mosquitto import mosquitto

ROOT: Final = Path(__file__).parent.parent
FLOWS: Final = "/api/config/config_entries/flow"
SHOWN: Final = (
    "binary_sensor.home_eas_attic_agent_connected",
    "binary_sensor.home_eas_warning_active",
    "sensor.home_eas_last_alert",
)
CONFIG: Final = """\
[agent]
name = "attic"
folder = "{folder}/kept"
[broker]
host = "127.0.0.1"
port = {port}
[[station]]
name = "Weather radio"
source = "simulator"
locations = ["039035"]
"""


def install(folder: Path, package: str) -> Path:
    """Make a virtual environment with what a user installs; return its programs' folder."""
    programs = folder / "venv" / "bin"
    uv = shutil.which("uv") or str(ROOT / ".uv" / "bin" / "uv")
    # Debian's Python has no pip of its own to put there.
    made = [uv, "venv", "--seed", "--quiet", "--python", sys.executable]
    subprocess.run([*made, str(folder / "venv")], check=True)
    begun = time.monotonic()
    pip = [str(programs / "pip"), "install", "--quiet", package]
    subprocess.run(pip, check=True)
    print(f"$ pip install '{package}'   # {time.monotonic() - begun:.0f} s")
    listed = subprocess.run(
        [str(programs / "pip"), "list", "--format=freeze"],
        check=True,
        capture_output=True,
        text=True,
    )
    print(" ".join(line for line in listed.stdout.split() if "==" in line))
    assert "homeassistant" not in listed.stdout
    return programs


async def know_broker(hass: HassProcess, port: int) -> None:
    """Set up Home Assistant's MQTT integration, as its form does."""
    form = await hass.post(FLOWS, json={"handler": "mqtt"})
    usual = {
        field["name"]: field["default"]
        for field in form["data_schema"]
        if "default" in field
    }
    typed = {"broker": "127.0.0.1", "port": port, "other_settings": TLS_OFF}
    made = await hass.post(f"{FLOWS}/{form['flow_id']}", json=usual | typed)
    assert made["type"] == "create_entry", made


async def take_up(hass: HassProcess) -> dict[str, Any]:
    """Take up what Home Assistant has found by itself; return what its form showed, and what was made."""

    async def found() -> list[dict[str, Any]]:
        async with hass.websocket() as websocket:
            flows = await websocket.command(type="config_entries/flow/progress")
        return [one for one in flows if one["handler"] == "eas_station"]

    async def is_found() -> bool:
        return bool(await found())

    assert await when(is_found, 60), "nothing was found"
    (flow,) = await found()
    typed = {"name": "Home EAS", "base_topic": "eas_station", "locations": ["039035"]}
    made = await hass.post(f"{FLOWS}/{flow['flow_id']}", json=typed)
    assert made["type"] == "create_entry", made
    return {"source": flow["context"]["source"], "step": flow["step_id"]} | {
        key: made[key] for key in ("type", "title")
    }


def check(programs: Path, folder: Path, port: int) -> list[str]:
    """Write the agent's settings, and have it look at them; return the command that runs it."""
    config = folder / "agent.toml"
    config.write_text(CONFIG.format(folder=folder, port=port))
    command = [str(programs / "eas-station"), "agent", "--config", str(config)]
    print("$ eas-station agent --config agent.toml --check", flush=True)
    subprocess.run([*command, "--check"], check=True, cwd=folder)
    return command


@contextmanager
def running(command: list[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run the agent, with what it says in `agent.log`."""
    print("$ eas-station agent --config agent.toml")
    with (
        (folder / "agent.log").open("wb") as log,
        subprocess.Popen(command, stderr=log, cwd=folder) as agent,
    ):
        try:
            yield agent
        finally:
            agent.terminate()
            agent.wait(30)


async def hear(agent: int, log: Path, hass: HassProcess) -> None:
    """Tell what comes, until the agent's first alert and its end are events of Home Assistant's."""
    begun = time.monotonic()

    def say(what: str, told: object) -> None:
        text = (
            told.strip()
            if isinstance(told, str)
            else json.dumps(told, ensure_ascii=False)
        )
        print(f"{time.monotonic() - begun:5.1f}  {what:22} {text}", flush=True)

    await when(lambda: "Connected" in log.read_text(), 60)
    say("agent", await asyncio.to_thread(log.read_text))
    say("config flow", await take_up(hass))
    async with hass.websocket() as websocket:
        for kind in ("eas_alert", "eas_end_of_message"):
            await websocket.command(type="subscribe_events", event_type=kind)
        for _ in range(2):
            event = await websocket.wait_for(lambda one: True, 90)
            say(event["event_type"], event["data"])
        for one in await websocket.command(type="get_states"):
            if one["entity_id"] in SHOWN:
                say("state", f"{one['entity_id']} = {one['state']}")
    say("memory", f"{resident_mb(agent):.0f} MB")


async def main() -> None:
    """Do all of it."""
    package = sys.argv[1] if len(sys.argv) > 1 else f"{ROOT}[agent]"
    with (
        tempfile.TemporaryDirectory(prefix="first") as name,
        mosquitto() as broker,
    ):
        folder, port = Path(name), free_port()
        programs = install(folder, package)
        home = folder / "hass"
        make_configuration(home, ROOT / "custom_components" / "eas_station", port)
        async with HassProcess(home, port) as hass:
            await hass.log_in()
            await leave_the_internet_alone(hass)
            await know_broker(hass, broker.port)
            command = await asyncio.to_thread(check, programs, folder, broker.port)
            with running(command, folder) as agent:
                await hear(agent.pid, folder / "agent.log", hass)


if __name__ == "__main__":
    asyncio.run(main())
