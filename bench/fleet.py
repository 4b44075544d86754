#!/usr/bin/env python3
"""Many agents, one broker, one hass: bench/fleet.py [AGENTS] [ALERTS] [REST_SECONDS] [PROFILE].

AGENTS (300) real agents, whose stations say what they are told to, run in a few
processes at a real Mosquitto, which one real hass follows. First they rest for
REST_SECONDS (130, in which each tells its health twice), and the bytes that each costs
the broker are counted, both ways. Then ALERTS (30) statewide warnings, one every five
seconds, are heard by all agents within a second of each other, while a dashboard is
open. Prints how many events came of each; the time from the first agent that heard it to
the event and from the last to the last agent's name on the dashboard; the lag of hass's
loop meanwhile beside at rest; the processor time of hass for a message; memory, and the
load of the machine. PROFILE is a file that the profile of hass is written to meanwhile,
which makes it slower; `python -m pstats` reads it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
import multiprocessing
import os
from pathlib import Path
import random
import sys
import tempfile
import threading
import time
from typing import Any, Final, override

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from bench.hass_cost import cpu_seconds, resident_mb
from bench.loop_lag import lags_of, running
from eas_core.agent.agent import Agent
from eas_core.agent.config import AgentConfig, Broker
from eas_core.agent.supervisor import Supervisor
from eas_core.agent.topics import Topics
from eas_core.radio.plan import NWR_CHANNELS, channel_name
from eas_core.radio.quality import SignalQuality
from eas_core.station.records import (
    Alert,
    ChannelHealth,
    ChannelStatus,
    Health,
    LevelReading,
    SourceState,
)
from script.hass_process import HassProcess
from script.ports import free_port
from tests.core.agent.told import ToldStation, alert as told_alert
from tests.peers.mosquitto import Mosquitto, mosquitto

PROCESSES: Final = 4
TLS_OFF: Final = {"set_client_cert": False, "set_ca_cert": "off"}
HEARD_WITHIN: Final = 1.0
ALERT_EVERY: Final = 5.0
SETTLE: Final = 15.0
BEGUN: Final = datetime(2026, 11, 25, tzinfo=UTC)
BROKER: Final = """\
allow_anonymous true
sys_interval 1
max_queued_messages 0
autosave_on_changes false
autosave_interval 1800
"""
"""Its own intervals of saving: the tests' broker is on the disk at once."""
EVENTS: Final = ("TOR", "SVR", "FFW", "EWW", "TOA", "SVA", "FLW", "HUW", "BZW", "WSW")


def statewide(number: int, begun: datetime) -> Alert:
    """Return a warning for all of Ohio, issued about when it began, unlike all others."""
    issued = begun - timedelta(minutes=number // len(EVENTS))
    event = EVENTS[number % len(EVENTS)]
    header = f"ZCZC-WXR-{event}-039000+0030-{issued:%j%H%M}-KCLE/NWS-"
    return told_alert(header=header, now=datetime.now(UTC))


class SevenChannels(ToldStation):
    """A station whose health is that of a radio that hears all of weather radio."""

    @property
    @override
    def health(self) -> Health:
        """What tells of seven channels with their levels and ratios."""
        return replace(super().health, channels=tuple(map(heard_well, NWR_CHANNELS)))


def heard_well(frequency: int) -> ChannelHealth:
    """Return how a channel does that is heard well."""
    name = channel_name(frequency)
    return ChannelHealth(
        status=ChannelStatus(channel=name, state=SourceState.HEARING, since=BEGUN),
        level=LevelReading(
            at=BEGUN, channel=name, rms_dbfs=-21.4, peak_dbfs=-9.0, clipped=0
        ),
        quality=SignalQuality(
            channel=name,
            power_dbfs=-31.0,
            snr_db=32.1,
            quieting_db=24.0,
            deviation_hz=4200.0,
            offset_hz=310.0,
        ),
    )


def run_agents(
    port: int, names: list[str], folder: str, heard: Any, ready: Any
) -> None:
    """Run some agents, each of which hears what comes through `heard` within a second."""
    stations, stop = [], threading.Event()
    for name in names:
        station = SevenChannels()
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
        heard.send(say_within(alert, stations))
    stop.set()
    time.sleep(2)


def say_within(alert: Alert, stations: Sequence[ToldStation]) -> tuple[float, float]:
    """Have each station hear it at some time within a second; return the first and last."""
    begun, said = time.monotonic(), list[float]()
    for delay in sorted(random.uniform(0, HEARD_WITHIN) for _ in stations):  # noqa: S311 - Times, no secrets.
        time.sleep(max(0.0, begun + delay - time.monotonic()))
        now = datetime.now(UTC)
        stations[len(said)].say(replace(alert, received=now))
        said.append(now.timestamp())
    return said[0], said[-1]


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
    await hass.set_up(
        "agents", name="County", base_topic="eas_station", locations=["039035"]
    )


@dataclass(slots=True)
class Heard:
    """What came of the alerts: seconds, events of each, and processor time of hass."""

    to_event: list[float] = field(default_factory=list)
    to_all: list[float] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    cpu: float = 0.0


class Dashboard:
    """Follows the station as the card does, and hass's events."""

    def __init__(self, agents: int) -> None:
        """Wait for so many names on each alert."""
        self._agents = agents
        self.events: dict[str, list[float]] = {}
        self.all_named: dict[str, float] = {}

    async def take_events(self, websocket: Any) -> None:
        """Note when each event came."""
        async for event in websocket.events():
            moments = self.events.setdefault(event["data"]["id"], [])
            moments.append(datetime.now(UTC).timestamp())

    async def take_changes(self, websocket: Any) -> None:
        """Note when all agents were named in the history."""
        async for change in websocket.events():
            if change["type"] != "history":
                continue
            told = change["entry"]
            if len(told["channels"]) == self._agents:
                now = datetime.now(UTC).timestamp()
                self.all_named.setdefault(told["id"], now)


async def hear(hass: HassProcess, pipes: list[Any], alerts: int, agents: int) -> Heard:
    """Have all hear each alert."""
    heard, dashboard = Heard(), Dashboard(agents)
    async with hass.websocket() as events, hass.websocket() as changes:
        await events.command(type="subscribe_events", event_type="eas_alert")
        (entry,) = await changes.command(
            type="config_entries/get", domain="eas_station"
        )
        await changes.command(
            type="eas_station/subscribe", entry_id=entry["entry_id"], levels=False
        )
        taking = (
            asyncio.create_task(dashboard.take_events(events)),
            asyncio.create_task(dashboard.take_changes(changes)),
        )
        begun, before = datetime.now(UTC), cpu_seconds(hass.pid)
        for number in range(alerts):
            alert, due = statewide(number, begun), time.monotonic() + ALERT_EVERY
            for pipe in pipes:
                pipe.send(alert)
            said = [await asyncio.to_thread(pipe.recv) for pipe in pipes]
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            moments = dashboard.events.get(alert.id, [])
            heard.counts.append(len(moments))
            if moments:
                heard.to_event.append(moments[0] - min(first for first, _ in said))
            if (named := dashboard.all_named.get(alert.id)) is not None:
                heard.to_all.append(named - max(last for _, last in said))
        heard.cpu = cpu_seconds(hass.pid) - before
        for task in taking:
            task.cancel()
    return heard


def shown(title: str, values: list[float], factor: float = 1000) -> str:
    """Return a row with the quantiles in milliseconds."""
    if not values:
        return f"{title:34} none"
    row = np.quantile(np.array(values) * factor, (0.5, 0.99, 1.0))
    return f"{title:34} " + " ".join(f"{value:9.1f}" for value in row)


async def take_profile(hass: HassProcess, file: Path) -> None:
    """Begin to profile hass; asked again, write the profile."""
    async with hass.websocket() as websocket:
        await websocket.command(type="loop_lag/profile", file=str(file))


async def start_agents(count: int, port: int, folder: Path) -> list[tuple[Any, Any]]:
    """Start so many in a few processes; return what each process hears through, and it."""
    context, started = multiprocessing.get_context("spawn"), []
    for index in range(PROCESSES):
        names = [f"agent-{number}" for number in range(index, count, PROCESSES)]
        mine, theirs = context.Pipe()
        ready = context.Event()
        arguments = (port, names, str(folder), theirs, ready)
        process = context.Process(target=run_agents, args=arguments, daemon=True)
        process.start()
        started.append((mine, process))
        await asyncio.to_thread(ready.wait, 60)
    return started


async def rest(agents: int, seconds: float, meter: BrokerMeter) -> None:
    """Let them be, and print what each costs the broker."""
    before, at = dict(meter.counted), time.monotonic()
    await asyncio.sleep(seconds)
    passed = time.monotonic() - at
    print(f"\nat rest for {passed:.0f} s: bytes/s for each agent")
    rates = {
        way: (count - before[way]) / passed / agents
        for way, count in meter.counted.items()
    }
    for way, rate in {**rates, "both ways": sum(rates.values())}.items():
        print(f"  {way:9} {rate:6.1f}")


async def measure(
    broker: Mosquitto,
    folder: Path,
    agents: int,
    alerts: int,
    rest_seconds: float,
    profile: Path | None,
) -> None:
    """Run all of it, and print."""
    meter, lags = BrokerMeter(broker.port), dict[str, list[int]]()
    async with running(folder / "hass", free_port()) as hass:
        await set_up(hass, broker.port)
        await lags_of(hass)
        before = cpu_seconds(hass.pid)
        started = await start_agents(agents, broker.port, folder)
        await asyncio.sleep(SETTLE)
        came = cpu_seconds(hass.pid) - before
        lags["while the agents come"] = await lags_of(hass)
        print(f"{agents} agents in {PROCESSES} processes, seven channels each")
        print(f"processor time of hass until all were known: {came:.2f} s")
        await rest(agents, rest_seconds, meter)
        lags["at rest"] = await lags_of(hass)
        if profile is not None:
            await take_profile(hass, profile)
        heard = await hear(hass, [pipe for pipe, _ in started], alerts, agents)
        if profile is not None:
            await take_profile(hass, profile)
        lags["with alerts"] = await lags_of(hass)
        print(
            f"\n{alerts} statewide alerts, each heard by all within {HEARD_WITHIN:g} s"
        )
        print(
            f"events of each: {sorted({*heard.counts})}, all agents named: {len(heard.to_all)}"
        )
        print(f"processor time of hass: {heard.cpu / alerts:.2f} s for each")
        print(f"\n{'ms':34} {'p50':>9} {'p99':>9} {'max':>9}")
        print(shown("first heard to event", heard.to_event))
        print(shown("last heard to all named", heard.to_all))
        for when, taken in lags.items():
            print(shown(f"loop lag {when}", [float(one) for one in taken], 1e-3))
        print(
            f"\nmemory, MB: hass {resident_mb(hass.pid):.0f}, broker {broker_mb(broker):.0f}"
        )
        print(
            f"load of the machine: {os.getloadavg()[0]:.1f} at {os.cpu_count()} cores"
        )
        for pipe, process in started:
            pipe.send(None)
            process.join(10)


def broker_mb(broker: Mosquitto) -> float:
    """Return the broker's resident memory."""
    assert broker.pid is not None
    return resident_mb(broker.pid)


async def main(agents: int, alerts: int, rest: float, profile: Path | None) -> None:
    """Start a broker, and measure."""
    with (
        mosquitto(lambda folder: BROKER) as broker,
        tempfile.TemporaryDirectory() as name,
    ):
        await measure(broker, Path(name), agents, alerts, rest, profile)


if __name__ == "__main__":
    told = [*sys.argv[1:], *("300", "30", "130")[len(sys.argv) - 1 :]]
    asked = Path(told[3]).absolute() if len(told) > 3 else None
    asyncio.run(main(int(told[0]), int(told[1]), float(told[2]), asked))
