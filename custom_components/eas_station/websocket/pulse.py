"""Frames of levels and spectra: a timer for a station, one text for all clients of a rate.

Frames are never queued: who is behind gets none, and then the newest.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from homeassistant.core import callback
from homeassistant.helpers.json import json_bytes
from homeassistant.util import dt as dt_util

from ..coordinator import Reading
from ..eas_core.station import LevelReading, SpectrumReading
from .frames import Levels, spectrum_frame
from .subscriber import Subscriber

FRAMES_A_SECOND: Final = 10
TICK_SECONDS: Final = 1 / FRAMES_A_SECOND


class _Rate:
    """What all clients of one rate are sent."""

    def __init__(self, rate: int) -> None:
        self.levels = Levels()
        self.silent = False
        self.spectrum: SpectrumReading | None = None
        self._rate = rate
        self._saved = FRAMES_A_SECOND - rate

    def is_due(self) -> bool:
        """Whether this tick is one of theirs."""
        self._saved += self._rate
        if self._saved < FRAMES_A_SECOND:
            return False
        self._saved -= FRAMES_A_SECOND
        return True


class Pulse:
    """Sends frames to subscribers; its timer runs while one wants any and the station does."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, subscribers: Sequence[Subscriber]
    ) -> None:
        """Take the subscribers, who come and go; `look` tells of that."""
        self._loop = loop
        self._subscribers = subscribers
        self._rates: dict[int, _Rate] = {}
        self._channels: Callable[[], list[str]] | None = None
        self._spectrum: SpectrumReading | None = None
        self._spectrum_json = b""
        self._timer: asyncio.TimerHandle | None = None

    def start(self, channels: Callable[[], list[str]]) -> None:
        """Begin: there is a station, and this returns the names of its channels."""
        self._channels = channels
        self.look()

    def stop(self) -> None:
        """End: there is no station."""
        self._channels = None
        self._spectrum = None
        self.look()

    def look(self) -> None:
        """See who subscribes, and whether somebody wants frames."""
        wanted = {one.rate for one in self._subscribers}
        self._rates = {rate: self._rates.get(rate) or _Rate(rate) for rate in wanted}
        runs = self._channels is not None and any(
            one.levels or one.spectrum for one in self._subscribers
        )
        if runs and self._timer is None:
            self._schedule(self._loop.time() + TICK_SECONDS)
        elif not runs and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @callback
    def take(self, reading: Reading) -> None:
        """Take a reading of the station."""
        if isinstance(reading, LevelReading):
            now = self._loop.time()
            for rate in self._rates.values():
                rate.levels.take(reading, now)
        elif isinstance(reading, SpectrumReading):
            self._spectrum, self._spectrum_json = reading, b""

    def _schedule(self, at: float) -> None:
        self._timer = self._loop.call_at(at, self._tick, at)

    def _tick(self, due: float) -> None:
        now, then = self._loop.time(), due + TICK_SECONDS
        # Ticks that were missed are not made up for.
        self._schedule(then if then > now else now + TICK_SECONDS)
        for number, rate in tuple(self._rates.items()):
            if rate.is_due():
                clients = [
                    one
                    for one in self._subscribers
                    if one.greeted and one.rate == number
                ]
                self._send_levels(rate, [one for one in clients if one.levels], now)
                self._send_spectrum(rate, [one for one in clients if one.spectrum])

    def _send_levels(self, rate: _Rate, clients: list[Subscriber], now: float) -> None:
        if self._channels is None or not clients:
            return
        levels = rate.levels.frame(self._channels(), now)
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
