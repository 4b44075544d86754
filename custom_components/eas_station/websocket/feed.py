"""One station for all who listen to it: what happens is told at once, in one text for all.

It lives as long as a client listens, over reloads of the station's entry. No
client, no timer and no listener.
"""

from asyncio import Task
from typing import Any, Final

from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
    ConfigEntryState,
)
from homeassistant.const import EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.json import json_bytes
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ..coordinator import EasStationConfigEntry, EasStationCoordinator, Moment
from ..eas_core.station import Alert, AlertUpdated, EndOfMessage, SourceState
from ..events import end_data
from .home import Home, async_home, known_home
from .pulse import Pulse
from .snapshot import ChannelParts, alert_object, changing_parts, snapshot
from .subscriber import Subscriber

FEEDS: Final = HassKey[dict[str, "Feed"]]("eas_station_feeds")


class Feed:
    """Tells the clients of one station what changes, and levels at their rate."""

    def __init__(self, hass: HomeAssistant, entry: EasStationConfigEntry) -> None:
        """Listen to the entry's station, and to its reloads."""
        self._hass = hass
        self._entry = entry
        self._subscribers: list[Subscriber] = []
        self._parts: dict[str, Any] = {}
        self._channels = ChannelParts()
        self._pulse = Pulse(hass.loop, self._subscribers)
        self._coordinator: EasStationCoordinator | None = None
        self._detach: list[CALLBACK_TYPE] = []
        self._home: Home | None = None
        self._look_up: Task[None] | None = None
        self._unfollow = (
            async_dispatcher_connect(
                hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._entry_changed
            ),
            hass.bus.async_listen(EVENT_CORE_CONFIG_UPDATE, self._home_changed),
        )
        self._attach()

    @callback
    def async_add(self, subscriber: Subscriber) -> CALLBACK_TYPE:
        """Add a client; return what takes it away."""
        self._subscribers.append(subscriber)
        self._pulse.look()
        return lambda: self._remove(subscriber)

    @callback
    def async_greet(self) -> None:
        """Send the snapshot to all who wait for it, as soon as the home is known."""
        if self._coordinator is None:
            return
        if (home := known_home(self._hass)) is None:
            # One that found its answer at once is done before it is noted here.
            if self._look_up is None or self._look_up.done():
                self._look_up = self._hass.async_create_background_task(
                    self._look_up_and_greet(), "eas_station home"
                )
            return
        self._home = home
        waiting = [one for one in self._subscribers if not one.greeted]
        if not waiting:
            return
        whole = snapshot(self._hass, self._entry, home, self._channels)
        self._tell_changes()
        for one in waiting:
            one.greeted = True
            one.send(whole | {"can_admin": one.connection.user.is_admin})

    async def _look_up_and_greet(self) -> None:
        # It may move again meanwhile.
        while known_home(self._hass) is None:
            await async_home(self._hass)
        self.async_greet()

    def _remove(self, subscriber: Subscriber) -> None:
        self._subscribers.remove(subscriber)
        self._pulse.look()
        if not self._subscribers:
            self._let_go()
            for unfollow in self._unfollow:
                unfollow()
            if self._look_up is not None:
                self._look_up.cancel()
            del self._hass.data[FEEDS][self._entry.entry_id]

    # The entry: loaded, unloaded, loaded again, gone.

    @callback
    def _entry_changed(self, change: ConfigEntryChange, entry: ConfigEntry) -> None:
        if entry.entry_id != self._entry.entry_id:
            return
        if change is ConfigEntryChange.REMOVED:
            self._end()
        elif entry.state is not ConfigEntryState.LOADED:
            if self._coordinator is not None:
                self._let_go()
                self._tell_stopped()
        elif entry.runtime_data is not self._coordinator:
            self._let_go()
            self._attach()
            self._greet_again()
        else:
            self._tell_changes()

    @callback
    def _home_changed(self, event: Event) -> None:
        if known_home(self._hass) is None:
            self._greet_again()

    def _greet_again(self) -> None:
        for one in self._subscribers:
            one.greeted = False
        self.async_greet()

    def _attach(self) -> None:
        self._coordinator = coordinator = self._entry.runtime_data
        self._detach = [
            coordinator.async_add_listener(self._tell_changes),
            coordinator.async_listen_moments(self._take_moment),
            coordinator.async_listen_readings(self._pulse.take),
            coordinator.history.async_listen(self._tell_entry),
        ]
        self._pulse.start(lambda: [one.channel for one in coordinator.data.channels])

    def _let_go(self) -> None:
        for detach in self._detach:
            detach()
        self._detach.clear()
        self._coordinator = None
        self._parts = {}
        self._channels = ChannelParts()
        self._pulse.stop()

    def _tell_stopped(self) -> None:
        stopped = {
            "state": SourceState.STOPPED.value,
            "since": dt_util.utcnow().isoformat(),
            "reason": None,
            "hint": None,
        }
        self._tell({"type": "state", "status": stopped})

    def _end(self) -> None:
        for one in tuple(self._subscribers):
            one.send({"type": "removed"})
            if end := one.connection.subscriptions.pop(one.msg_id, None):
                end()

    # What happens once, and what changes: told at once, to all.

    def _tell(self, event: dict[str, Any]) -> None:
        greeted = [one for one in self._subscribers if one.greeted]
        if greeted:
            text = json_bytes(event)
            for one in greeted:
                one.send_json(text)

    @callback
    def _tell_changes(self) -> None:
        if self._coordinator is None or self._home is None:
            return
        before = self._parts
        self._parts = changing_parts(
            self._hass, self._entry, self._home, self._channels
        )
        changed = {
            key: part for key, part in self._parts.items() if part != before.get(key)
        }
        if before and changed:
            self._tell({"type": "state", **changed})

    @callback
    def _take_moment(self, moment: Moment) -> None:
        match moment:
            case Alert():
                self._tell_alert("alert", moment)
            case AlertUpdated():
                self._tell_alert("alert_updated", moment.alert)
            case EndOfMessage():
                self._tell({"type": "end", **end_data(self._entry, moment)})
            case _:
                pass

    def _tell_alert(self, kind: str, alert: Alert) -> None:
        told = alert_object(self._hass, self._entry, alert)
        self._tell({"type": kind, "alert": told})

    @callback
    def _tell_entry(self, entry: dict[str, Any]) -> None:
        self._tell({"type": "history", "entry": entry})


@callback
def async_feed(hass: HomeAssistant, entry: EasStationConfigEntry) -> Feed:
    """Return the feed of a loaded station."""
    feeds = hass.data.setdefault(FEEDS, {})
    if entry.entry_id not in feeds:
        feeds[entry.entry_id] = Feed(hass, entry)
    return feeds[entry.entry_id]
