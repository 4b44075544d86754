"""A running Home Assistant that hears the simulator: `script/develop`."""

import argparse
import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
import signal
import socket
import sys
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).parent.parent))

from script.hass_process import (
    USER,
    HassError,
    HassProcess,
    Websocket,
    make_configuration,
)
from script.ports import free_port
from script.simulated_radio import set_up_radio, simulated_radio

ROOT = Path(__file__).parent.parent
COMPONENT = ROOT / "custom_components" / "eas_station"
DASHBOARD_PATH = "eas-station"
STATION = "Cuyahoga County EAS"
ENTITY = "cuyahoga_county_eas"

RADIO = "Cleveland Weather Radio"
RADIO_ENTITY = "cleveland_weather_radio"
RADIO_PORT = 12340
"""Of the simulated rtl_tcp: the same each time, since the station is set up once."""


def dashboard(station: str, entry_id: str) -> dict[str, Any]:
    """Return the dashboard of the docs for a station by how its entities begin."""
    example = (ROOT / "docs" / "dashboard.yaml").read_text(encoding="utf-8")
    made: dict[str, Any] = yaml.safe_load(example.replace("weather_radio", station))
    for view in made["views"]:
        for section in view.get("sections", [view]):
            for card in section["cards"]:
                if card["type"] == "custom:eas-station-card":
                    card["entry_id"] = entry_id
    return made


def _port_to_use(wanted: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            return free_port()
    return wanted


async def _prepare(
    hass: HassProcess, websocket: Websocket, arguments: argparse.Namespace
) -> None:
    entries = await websocket.command(type="config_entries/get", domain="eas_station")
    title = RADIO if arguments.radio else STATION
    if not any(entry["title"] == title for entry in entries):
        if arguments.radio:
            await set_up_radio(hass, RADIO, RADIO_PORT)
        else:
            await hass.set_up(
                "simulator", name=STATION, first_alert_seconds=arguments.first_alert
            )
    dashboards = await websocket.command(type="lovelace/dashboards/list")
    if not any(board["url_path"] == DASHBOARD_PATH for board in dashboards):
        await websocket.command(
            type="lovelace/dashboards/create",
            url_path=DASHBOARD_PATH,
            title="EAS Station",
            icon="mdi:radio-tower",
            mode="storage",
            require_admin=False,
            show_in_sidebar=True,
        )
    entries = await websocket.command(type="config_entries/get", domain="eas_station")
    (entry_id,) = [one["entry_id"] for one in entries if one["title"] == title]
    shown = dashboard(RADIO_ENTITY if arguments.radio else ENTITY, entry_id)
    await websocket.command(
        type="lovelace/config/save", url_path=DASHBOARD_PATH, config=shown
    )


async def _show_alerts(websocket: Websocket) -> None:
    for event_type in ("eas_alert", "eas_end_of_message"):
        await websocket.command(type="subscribe_events", event_type=event_type)
    async for event in websocket.events():
        data = event["data"]
        if event["event_type"] == "eas_alert":
            print(
                f"eas_alert  {data['header']} on {', '.join(data['channels'])}\n"
                f"           {data['message']}",
                flush=True,
            )
        else:
            print(f"eas_end_of_message  after {data['duration_s']} s", flush=True)


async def run(arguments: argparse.Namespace) -> int:
    """Start it, set it up and show its alerts until it is stopped."""
    port = _port_to_use(arguments.port)
    folder = ROOT / ".develop"
    folder.mkdir(exist_ok=True)
    make_configuration(folder, COMPONENT, port, host="0.0.0.0")  # noqa: S104 - A phone may look, too.
    (folder / "hass.log").write_bytes(b"")
    print("Starting Home Assistant; the first start takes a little longer.", flush=True)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    async with AsyncExitStack() as stack:
        if arguments.radio:
            radio = simulated_radio(port=RADIO_PORT, first_alert=arguments.first_alert)
            await stack.enter_async_context(radio)
        hass = await stack.enter_async_context(HassProcess(folder, port))
        await hass.log_in()
        async with hass.websocket() as websocket:
            await _prepare(hass, websocket, arguments)
            print(f"Address    http://localhost:{port}/{DASHBOARD_PATH}")
            print(f"Login      {USER['username']} / {USER['password']}")
            print("Log        .develop/hass.log")
            print("Alerts of the simulator follow; Ctrl-C stops.", flush=True)
            waits = [
                asyncio.ensure_future(_show_alerts(websocket)),
                asyncio.ensure_future(stopped.wait()),
                asyncio.ensure_future(hass.wait()),
            ]
            done, pending = await asyncio.wait(
                waits, return_when=asyncio.FIRST_COMPLETED
            )
            for task in pending:
                task.cancel()
            if not stopped.is_set() and waits[1] not in done:
                raise HassError("Home Assistant ended; look at .develop/hass.log.")
    return 0


def main() -> int:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(prog="script/develop", description=__doc__)
    parser.add_argument(
        "--port", type=int, default=8123, help="else a free one is taken"
    )
    parser.add_argument(
        "--first-alert", type=int, default=10, help="seconds to the first alert"
    )
    parser.add_argument(
        "--radio",
        action="store_true",
        help="hear seven simulated channels through rtl_tcp instead of one simulator",
    )
    try:
        return asyncio.run(run(parser.parse_args()))
    except HassError as error:
        print(f"develop: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
