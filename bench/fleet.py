#!/usr/bin/env python3
"""Many agents, one broker, one hass: bench/fleet.py [AGENTS] [ALERTS] [REST_SECONDS].

AGENTS (300) real agents, whose stations say what they are told to, run in a few
processes at a real Mosquitto, which one real hass follows. First they rest for
REST_SECONDS (60), and the bytes that each costs the broker are counted. Then ALERTS
(30) statewide warnings, one every five seconds, are heard by all agents within a second
of each other. Prints how many events came of each, the time from the first agent that
heard it to the event and to the last agent's name in the history, the lag of hass's
loop meanwhile beside at rest, and memory.
"""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
import multiprocessing
from pathlib import Path
import random
import sys
import tempfile
import threading
import time
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from bench.hass_cost import resident_mb
from bench.loop_lag import lags_of, running
from eas_core.agent.agent import Agent
from eas_core.agent.config import AgentConfig, Broker
from eas_core.agent.supervisor import Supervisor
from eas_core.agent.topics import Topics
from eas_core.station.records import Alert
from script.hass_process import HassProcess, free_port
from tests.core.agent.told import ToldStation, alert as told_alert
from tests.peers.mosquitto import Mosquitto, mosquitto

PROCESSES: Final = 4
TLS_OFF: Final = {"set_client_cert": False, "set_ca_cert": "off"}
HEARD_WITHIN: Final = 1.0
ALERT_EVERY: Final = 5.0
SETTLE: Final = 15.0
EVENTS: Final = ("TOR", "SVR", "FFW", "EWW", "TOA", "SVA", "FLW", "HUW", "BZW", "WSW")


def statewide(number: int) -> Alert:
    """Return a warning for all of Ohio, issued now, unlike the one before."""
    now = datetime.now(UTC)
    issued = now - timedelta(minutes=number // len(EVENTS))
    event = EVENTS[number % len(EVENTS)]
    header = f"ZCZC-WXR-{event}-039000+0030-{issued:%j%H%M}-KCLE/NWS-"
    return told_alert(header=header, now=now)


def run_agents(
    port: int, names: list[str], folder: str, heard: Any, ready: Any
) -> None:
    """Run some agents, each of which hears what comes through `heard` within a second."""
    stations, stop = [], threading.Event()
    for name in names:
        station = ToldStation()
        settings = AgentConfig(
            topics=Topics("eas_station", name),
            broker=Broker(host="127.0.0.1", port=port),
            stations=(),
            folder=Path(folder) / name,
        )
        agent = Agent(settings, {"Radio": station}, Supervisor({}))
        threading.Thread(target=agent.run, args=(stop,), daemon=True).start()
        stations.append(station)
    ready.set()
    while (alert := heard.recv()) is not None:
        for station in stations:
            delay = random.uniform(0, HEARD_WITHIN)  # noqa: S311
            late = replace(alert, received=alert.received + timedelta(seconds=delay))
            threading.Timer(delay, station.say, (late,)).start()
    stop.set()
    time.sleep(2)


class BrokerMeter:
    """What the broker says of the bytes that went through it."""

    def __init__(self, port: int) -> None:
        """Subscribe to what it tells every second."""
        self.counted = {"received": 0, "sent": 0}
        client = Client(CallbackAPIVersion.VERSION2)
        client.on_message = self._take
        client.connect("127.0.0.1", port)
        client.subscribe("$SYS/broker/bytes/#")
        client.loop_start()

    def _take(self, client: Client, userdata: Any, message: MQTTMessage) -> None:
        self.counted[message.topic.rpartition("/")[2]] = int(message.payload)


async def set_up(hass: HassProcess, port: int) -> None:
    """Connect it to the broker, and follow the agents."""
    path = "/api/config/config_entries/flow"
    form = await hass.post(path, json={"handler": "mqtt"})
    fields = {
        field["name"]: field["default"]
        for field in form["data_schema"]
        if "default" in field
    }
    fields |= {"broker": "127.0.0.1", "port": port, "other_settings": TLS_OFF}
    made = await hass.post(f"{path}/{form['flow_id']}", json=fields)
    assert made["type"] == "create_entry", made
    await hass.set_up("agents", name="County", base="eas_station", locations=["039035"])


async def hear(
    hass: HassProcess, pipes: list[Any], alerts: int, agents: int
) -> tuple[list[float], list[float], list[int]]:
    """Have all hear each alert; return seconds to event, to all names, and counts of events."""
    to_event, to_all, counts = [], [], []
    async with hass.websocket() as events, hass.websocket() as history:
        await events.command(type="subscribe_events", event_type="eas_alert")
        seen: dict[str, list[float]] = {}

        async def take() -> None:
            async for event in events.events():
                moment = datetime.now(UTC).timestamp()
                seen.setdefault(event["data"]["id"], []).append(moment)

        taking = asyncio.create_task(take())
        for number in range(alerts):
            alert = statewide(number)
            begun = alert.received.timestamp()
            for pipe in pipes:
                pipe.send(alert)
            known, deadline = 0, time.monotonic() + ALERT_EVERY
            while time.monotonic() < deadline:
                await asyncio.sleep(0.1)
                page = await history.command(type="eas_station/history", limit=1)
                newest = page["entries"][0] if page["entries"] else {}
                known = len(newest.get("channels", ()))
                if newest.get("id") == alert.id and known == agents:
                    to_all.append(datetime.now(UTC).timestamp() - begun)
                    break
            await asyncio.sleep(max(0.0, deadline - time.monotonic()))
            moments = seen.get(alert.id, [])
            counts.append(len(moments))
            if moments:
                to_event.append(moments[0] - begun)
        taking.cancel()
    return to_event, to_all, counts


def shown(title: str, values: list[float], factor: float = 1000) -> str:
    """Return a row with the quantiles in milliseconds."""
    if not values:
        return f"{title:34} none"
    row = np.quantile(np.array(values) * factor, (0.5, 0.99, 1.0))
    return f"{title:34} " + " ".join(f"{value:9.1f}" for value in row)


async def measure(
    broker: Mosquitto, folder: Path, agents: int, alerts: int, rest: float
) -> None:
    """Run all of it, and print."""
    context = multiprocessing.get_context("spawn")
    meter, pipes, processes = BrokerMeter(broker.port), [], []
    async with running(folder / "hass", free_port()) as hass:
        await set_up(hass, broker.port)
        for index in range(PROCESSES):
            names = [f"agent-{number}" for number in range(index, agents, PROCESSES)]
            mine, theirs = context.Pipe()
            ready = context.Event()
            arguments = (broker.port, names, str(folder), theirs, ready)
            process = context.Process(target=run_agents, args=arguments, daemon=True)
            process.start()
            pipes.append(mine)
            processes.append(process)
            await asyncio.to_thread(ready.wait, 60)
        await asyncio.sleep(SETTLE)
        await lags_of(hass)
        before, at = dict(meter.counted), time.monotonic()
        await asyncio.sleep(rest)
        passed = time.monotonic() - at
        resting = await lags_of(hass)
        print(f"{agents} agents in {PROCESSES} processes, at rest for {passed:.0f} s")
        for way, count in meter.counted.items():
            rate = (count - before[way]) / passed / agents
            print(f"  broker {way:9} {rate:7.1f} bytes/s for each agent")
        to_event, to_all, counts = await hear(hass, pipes, alerts, agents)
        busy = await lags_of(hass)
        print(
            f"\n{alerts} statewide alerts, each heard by all within {HEARD_WITHIN:g} s"
        )
        print(f"  events of each: {sorted({*counts})}, all agents named: {len(to_all)}")
        print(f"{'ms':34} {'p50':>9} {'p99':>9} {'max':>9}")
        print(shown("first heard to event", to_event))
        print(shown("first heard to the last named", to_all))
        print(shown("loop lag at rest", [float(one) for one in resting], 1e-3))
        print(shown("loop lag with alerts", [float(one) for one in busy], 1e-3))
        print(
            f"\nmemory, MB: hass {resident_mb(hass.pid):.0f}, broker {broker_mb(broker):.0f}"
        )
        for pipe in pipes:
            pipe.send(None)
        for process in processes:
            process.join(10)


def broker_mb(broker: Mosquitto) -> float:
    """Return the broker's resident memory."""
    assert broker.pid is not None
    return resident_mb(broker.pid)


async def main() -> None:
    """Read what is asked for."""
    numbers = [
        *(float(each) for each in sys.argv[1:]),
        *(300, 30, 60)[len(sys.argv) - 1 :],
    ]
    more = "allow_anonymous true\nsys_interval 1\nmax_queued_messages 0"
    with (
        mosquitto(lambda folder: more) as broker,
        tempfile.TemporaryDirectory() as name,
    ):
        await measure(broker, Path(name), int(numbers[0]), int(numbers[1]), numbers[2])


if __name__ == "__main__":
    asyncio.run(main())
