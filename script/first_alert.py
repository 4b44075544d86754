#!/usr/bin/env python3
"""From nothing to an agent's first alert in Home Assistant, for real: script/first_alert.py [PACKAGE].

Installs PACKAGE (this repository, with the extra `agent`) with pip into an empty
virtual environment, in which there is no Home Assistant; starts a Mosquitto, a hass
that knows it, and the agent; takes up what hass finds; and waits for the event.
Prints what was typed and what came, by seconds from the start of the agent. The
transcript in docs/agent.md is one of its runs. Ends only what it started.
"""

import asyncio
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
from bench.loop_lag import leave_the_internet_alone
from script.hass_process import HassProcess, free_port, make_configuration
from tests.peers.mosquitto import mosquitto

ROOT: Final = Path(__file__).parent.parent
FLOWS: Final = "/api/config/config_entries/flow"
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
    typed = {"name": "Home EAS", "base": "eas_station", "locations": ["039035"]}
    made = await hass.post(f"{FLOWS}/{flow['flow_id']}", json=typed)
    assert made["type"] == "create_entry", made
    return {"source": flow["context"]["source"], "step": flow["step_id"]} | {
        key: made[key] for key in ("type", "title")
    }


async def hear(programs: Path, folder: Path, hass: HassProcess, port: int) -> None:
    """Run the agent until its first alert is an event of Home Assistant's."""
    config = folder / "agent.toml"
    config.write_text(CONFIG.format(folder=folder, port=port))
    command = [str(programs / "eas-station"), "agent", "--config", str(config)]
    checked = subprocess.run(
        [*command, "--check"], check=True, capture_output=True, text=True, cwd=folder
    )
    print(f"$ eas-station agent --config agent.toml --check\n{checked.stdout.rstrip()}")
    print("$ eas-station agent --config agent.toml")
    log = (folder / "agent.log").open("wb")
    begun = time.monotonic()

    def say(what: str, told: object) -> None:
        text = told if isinstance(told, str) else json.dumps(told, ensure_ascii=False)
        print(f"{time.monotonic() - begun:5.1f}  {what:22} {text}", flush=True)

    with log, subprocess.Popen(command, stderr=log, cwd=folder) as agent:
        try:
            await when(lambda: "Connected" in (folder / "agent.log").read_text(), 60)
            say("agent", (folder / "agent.log").read_text().strip())
            say("config flow", await take_up(hass))
            async with hass.websocket() as websocket:
                for kind in ("eas_alert", "eas_end_of_message"):
                    await websocket.command(type="subscribe_events", event_type=kind)
                for _ in range(2):
                    event = await websocket.wait_for(lambda one: True, 90)
                    say(event["event_type"], event["data"])
                states = await websocket.command(type="get_states")
            for one in states:
                if one["entity_id"] in (
                    "binary_sensor.home_eas_attic_agent_connected",
                    "binary_sensor.home_eas_warning_active",
                    "sensor.home_eas_last_alert",
                ):
                    say("state", f"{one['entity_id']} = {one['state']}")
            status = Path(f"/proc/{agent.pid}/status").read_text()
            (memory,) = (
                line.split()[1] for line in status.splitlines() if "VmRSS" in line
            )
            say("memory", f"{int(memory) / 1024:.0f} MB")
        finally:
            agent.terminate()
            agent.wait(30)


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
            await hear(programs, folder, hass, broker.port)


if __name__ == "__main__":
    asyncio.run(main())
