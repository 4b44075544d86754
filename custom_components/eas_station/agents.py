"""Agents over MQTT: their messages, by Home Assistant's own connection to the broker."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
import json
from typing import TYPE_CHECKING, Final

from homeassistant.const import EVENT_COMPONENT_LOADED
from homeassistant.core import CALLBACK_TYPE, Event, HassJob, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from .agent_recordings import AgentRecordings
from .coordinator import EasStationConfigEntry
from .eas_core.agent.followed import GATHER_SECONDS, FollowedStation

if TYPE_CHECKING:
    from homeassistant.components.mqtt import ReceiveMessage

MQTT: Final = "mqtt"
QOS: Final = 1
LOOK_SECONDS: Final = 30.0
AGENTS_SECONDS: Final = 15.0
"""Within these a broker is connected to, and has told what it has kept of agents."""

LONGEST_ABSENCE: Final = timedelta(days=7)
"""What an agent heard before is of no use any more, and was likely told already."""


@callback
def async_follow_agents(
    hass: HomeAssistant, entry: EasStationConfigEntry
) -> CALLBACK_TYPE:
    """Feed the agents' messages to the stations that follow them; return what ends that."""
    followers = [Follower(hass, entry, station) for station in followed_stations(entry)]
    for follower in followers:
        entry.async_create_background_task(
            hass, follower.async_follow(), f"eas_station agents {entry.title}"
        )

    @callback
    def end() -> None:
        for follower in followers:
            follower.async_end()

    return end


def followed_stations(entry: EasStationConfigEntry) -> Iterator[FollowedStation]:
    """Return the stations of an entry whose ears are agents."""
    for source in entry.runtime_data.sources:
        if isinstance(source.station, FollowedStation):
            yield source.station


class Follower:
    """Subscribes to the agents under one base topic, and asks them for what was missed."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: EasStationConfigEntry,
        station: FollowedStation,
    ) -> None:
        """Take the station that the messages are for."""
        self._hass = hass
        self._entry = entry
        self._station = station
        self._recordings = AgentRecordings(hass, entry, station)
        self._heard: set[str] = set()
        self._asked: set[str] = set()
        self._unsubscribe: list[CALLBACK_TYPE] = []
        self._loaded = asyncio.Event()
        self._flush: asyncio.TimerHandle | None = None
        self._waits: CALLBACK_TYPE | None = None

    async def async_follow(self) -> None:
        """Subscribe as soon as Home Assistant has a broker."""
        if not await self._async_has_broker():
            self._station.unreachable()
            while not await self._async_has_broker():
                await self._async_wait()
        from homeassistant.components import mqtt

        self._unsubscribe += (
            self._station.listen_agent(None, self._async_look),
            mqtt.async_subscribe_connection_status(self._hass, self._async_connection),
            self._async_forget_wait,
        )
        self._async_wait_for_agents()
        await self._recordings.async_begin()
        for topic in self._station.fleet.topics:
            self._unsubscribe.append(
                await mqtt.async_subscribe(
                    self._hass, topic, self._async_take, QOS, encoding=None
                )
            )
            hears = partial(self._async_hears, topic)
            self._unsubscribe.append(
                mqtt.async_on_subscribe_done(self._hass, topic, QOS, hears)
            )

    @callback
    def async_end(self) -> None:
        """Take no more."""
        self._recordings.async_end()
        while self._unsubscribe:
            self._unsubscribe.pop()()
        if self._flush is not None:
            # The station told what waited when it was stopped.
            self._flush.cancel()
            self._flush = None

    async def _async_has_broker(self) -> bool:
        # Before it is set up, its import would block the event loop.
        if MQTT not in self._hass.config.components:
            return False
        from homeassistant.components import mqtt

        return await mqtt.async_wait_for_mqtt_client(self._hass)

    async def _async_wait(self) -> None:
        """Wait until something is set up, or a while: an entry may be loaded at any time."""

        @callback
        def loaded(event: Event[dict[str, str]]) -> None:
            self._loaded.set()

        self._loaded.clear()
        unsubscribe = self._hass.bus.async_listen(EVENT_COMPONENT_LOADED, loaded)
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await self._loaded.wait()
        except TimeoutError:
            pass
        finally:
            unsubscribe()

    @callback
    def _async_connection(self, connected: bool) -> None:
        if connected:
            self._async_wait_for_agents()
            return
        self._async_forget_wait()
        self._heard.clear()
        self._asked.clear()
        self._station.disconnected()

    @callback
    def _async_wait_for_agents(self) -> None:
        """See after a while whether there is a connection, and an agent at all."""

        @callback
        def look(now: datetime) -> None:
            from homeassistant.components import mqtt

            self._waits = None
            if mqtt.is_connected(self._hass):
                self._station.connected()
            else:
                self._station.disconnected()

        self._async_forget_wait()
        job = HassJob(look, cancel_on_shutdown=True)
        self._waits = async_call_later(self._hass, AGENTS_SECONDS, job)

    @callback
    def _async_forget_wait(self) -> None:
        if self._waits is not None:
            self._waits()
            self._waits = None

    @callback
    def _async_take(self, message: ReceiveMessage) -> None:
        payload = message.payload
        _, name, last = message.topic.rsplit("/", 2)
        if last == "status" and not message.retain:
            # One that says so now has just come: nobody took what was asked before.
            self._asked.discard(name)
        self._station.feed(
            message.topic,
            payload if isinstance(payload, str) else bytes(payload),
            retained=message.retain,
        )
        if self._station.waits and self._flush is None:
            self._flush = self._hass.loop.call_later(GATHER_SECONDS, self._async_flush)
        if last == "status":
            self._async_look(name)

    @callback
    def _async_flush(self) -> None:
        self._flush = None
        self._station.flush()

    @callback
    def _async_hears(self, topic: str) -> None:
        """Ask all who are there, once all that they tell then comes here.

        Home Assistant subscribes to one topic after the other, at each connection.
        """
        self._heard.add(topic)
        for name in [*self._station.fleet.agents]:
            self._async_look(name)

    @callback
    def _async_look(self, name: str) -> None:
        """Ask an agent that comes; one that comes again may have heard something meanwhile."""
        seen = self._station.fleet.agents.get(name)
        if seen is None or not seen.online:
            self._asked.discard(name)
        elif name not in self._asked and self._heard >= {*self._station.fleet.topics}:
            self._asked.add(name)
            self._recordings.async_came(name)
            self._hass.async_create_task(self._async_ask(name), eager_start=True)

    async def _async_ask(self, name: str) -> None:
        """Ask an agent for what came while Home Assistant was away."""
        from homeassistant.components import mqtt

        after = dt_util.utcnow() - LONGEST_ABSENCE
        order = {
            "command": "replay",
            "id": "missed",
            "after": after.isoformat(),
            "known": self._entry.runtime_data.history.ended_since(after),
        }
        topic = f"{self._station.fleet.base}/{name}/command"
        try:
            await mqtt.async_publish(self._hass, topic, json.dumps(order), QOS)
        except HomeAssistantError:
            # The broker has gone again: it is asked when that is back.
            self._asked.discard(name)
