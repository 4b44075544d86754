"""One station for all who listen to it: a timer, one text for all clients of a rate.

It lives as long as a client listens, over reloads of the station's entry. No
client, no timer and no listener.
"""

from asyncio import TimerHandle
from typing import Any, Final

from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
    ConfigEntryState,
)
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.json import json_bytes
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ..coordinator import EasStationConfigEntry, EasStationCoordinator, Moment, Reading
from ..eas_core.station import (
    Alert,
    AlertUpdated,
    EndOfMessage,
    LevelReading,
    SourceState,
    SpectrumReading,
)
from ..events import end_data
from .frames import Levels, spectrum_frame
from .home import async_home, known_home
from .snapshot import alert_object, changing_parts, snapshot
from .subscriber import Subscriber

FRAMES_A_SECOND: Final = 10
TICK_SECONDS: Final = 1 / FRAMES_A_SECOND

FEEDS: Final = HassKey[dict[str, "Feed"]]("eas_station_feeds")


class _Rate:
    """All clients of one rate, who get the same frames."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.levels = Levels()
        self.silent = False
        self.spectrum: SpectrumReading | None = None
        self._saved = FRAMES_A_SECOND - rate

    def is_due(self) -> bool:
        """Whether this tick is one of theirs."""
        self._saved += self.rate
        if self._saved < FRAMES_A_SECOND:
            return False
        self._saved -= FRAMES_A_SECOND
        return True


class Feed:
    """Tells the clients of one station what changes, and levels at their rate."""

    def __init__(self, hass: HomeAssistant, entry: EasStationConfigEntry) -> None:
        """Listen to the entry's station, and to its reloads."""
        self._hass = hass
        self._entry = entry
        self._subscribers: list[Subscriber] = []
        self._rates: dict[int, _Rate] = {}
        self._parts: dict[str, Any] = {}
        self._spectrum: SpectrumReading | None = None
        self._spectrum_json = b""
        self._timer: TimerHandle | None = None
        self._coordinator: EasStationCoordinator | None = None
        self._detach: list[CALLBACK_TYPE] = []
        self._unfollow = async_dispatcher_connect(
            hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._entry_changed
        )
        self._attach()

    @callback
    def async_add(self, subscriber: Subscriber) -> CALLBACK_TYPE:
        """Add a client; return what takes it away."""
        self._subscribers.append(subscriber)
        self._rates.setdefault(subscriber.rate, _Rate(subscriber.rate))
        self._set_timer()
        return lambda: self._remove(subscriber)

    @callback
    def async_greet(self) -> None:
        """Send the snapshot to all who wait for it, as soon as the home is known."""
        if self._coordinator is None:
            return
        if (home := known_home(self._hass)) is None:
            self._hass.async_create_background_task(
                self._look_up_and_greet(), "eas_station home"
            )
            return
        waiting = [one for one in self._subscribers if not one.greeted]
        if not waiting:
            return
        whole = snapshot(self._hass, self._entry, home)
        self._tell_changes()
        for one in waiting:
            one.greeted = True
            one.send(whole | {"can_admin": one.connection.user.is_admin})

    async def _look_up_and_greet(self) -> None:
        await async_home(self._hass)
        self.async_greet()

    def _remove(self, subscriber: Subscriber) -> None:
        self._subscribers.remove(subscriber)
        if not any(one.rate == subscriber.rate for one in self._subscribers):
            del self._rates[subscriber.rate]
        self._set_timer()
        if not self._subscribers:
            self._unfollow()
            self._let_go()
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
            for one in self._subscribers:
                one.greeted = False
            self.async_greet()
        else:
            self._tell_changes()

    def _attach(self) -> None:
        self._coordinator = coordinator = self._entry.runtime_data
        self._detach = [
            coordinator.async_add_listener(self._tell_changes),
            coordinator.async_listen_moments(self._take_moment),
            coordinator.async_listen_readings(self._take_reading),
            coordinator.history.async_listen(self._tell_entry),
        ]
        self._set_timer()

    def _let_go(self) -> None:
        for detach in self._detach:
            detach()
        self._detach.clear()
        self._coordinator = None
        self._parts = {}
        self._spectrum = None
        self._set_timer()

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
        home = known_home(self._hass)
        if self._coordinator is None or home is None:
            return
        before = self._parts
        self._parts = changing_parts(self._hass, self._entry, home)
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

    # Frames: the newest, to those who keep up.

    @callback
    def _take_reading(self, reading: Reading) -> None:
        if isinstance(reading, LevelReading):
            now = self._hass.loop.time()
            for rate in self._rates.values():
                rate.levels.take(reading, now)
        elif isinstance(reading, SpectrumReading):
            self._spectrum, self._spectrum_json = reading, b""

    def _set_timer(self) -> None:
        """Run the timer while there is somebody who wants frames, and a station."""
        wanted = self._coordinator is not None and any(
            one.levels or one.spectrum for one in self._subscribers
        )
        if wanted and self._timer is None:
            self._schedule(self._hass.loop.time() + TICK_SECONDS)
        elif not wanted and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _schedule(self, at: float) -> None:
        self._timer = self._hass.loop.call_at(at, self._tick, at)

    @callback
    def _tick(self, due: float) -> None:
        now = self._hass.loop.time()
        # Ticks that were missed are not made up for.
        self._schedule(max(due + TICK_SECONDS, now))
        for rate in self._rates.values():
            if rate.is_due():
                clients = [one for one in self._clients(rate.rate) if one.greeted]
                self._send_levels(rate, [one for one in clients if one.levels], now)
                self._send_spectrum(rate, [one for one in clients if one.spectrum])

    def _clients(self, rate: int) -> list[Subscriber]:
        return [one for one in self._subscribers if one.rate == rate]

    def _send_levels(self, rate: _Rate, clients: list[Subscriber], now: float) -> None:
        if self._coordinator is None or not clients:
            return
        channels = [one.channel for one in self._coordinator.data.channels]
        levels = rate.levels.frame(channels, now)
        silent = all(one is None for one in levels)
        if silent and rate.silent:
            return
        rate.silent = silent
        frame = {"type": "levels", "t": dt_util.utcnow().isoformat(), "levels": levels}
        text = json_bytes(frame)
        for one in clients:
            if one.behind:
                one.skip(levels)
            elif held := one.take_skipped(levels):
                one.send(frame | {"levels": held})
            else:
                one.send_json(text)

    def _send_spectrum(self, rate: _Rate, clients: list[Subscriber]) -> None:
        if self._spectrum is None or self._spectrum is rate.spectrum:
            return
        rate.spectrum = self._spectrum
        # What one who is behind misses is not sent later: it shows a moment.
        clients = [one for one in clients if not one.behind]
        if clients and not self._spectrum_json:
            self._spectrum_json = json_bytes(spectrum_frame(self._spectrum))
        for one in clients:
            one.send_json(self._spectrum_json)


@callback
def async_feed(hass: HomeAssistant, entry: EasStationConfigEntry) -> Feed:
    """Return the feed of a loaded station."""
    feeds = hass.data.setdefault(FEEDS, {})
    if entry.entry_id not in feeds:
        feeds[entry.entry_id] = Feed(hass, entry)
    return feeds[entry.entry_id]
