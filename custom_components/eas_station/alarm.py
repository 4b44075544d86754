"""A time at which something is to be looked at again."""

from collections.abc import Callable
from datetime import datetime

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_track_point_in_utc_time
from homeassistant.util import dt as dt_util


class Alarm:
    """Goes off once at the time that was set last."""

    def __init__(self, hass: HomeAssistant, do: Callable[[datetime], None]) -> None:
        """Take what is done with the time then."""
        self._hass = hass
        self._do = do
        self._at: datetime | None = None
        self._cancel: CALLBACK_TYPE | None = None

    @callback
    def async_set(self, at: datetime | None) -> None:
        """Go off at a time (aware), or not at all."""
        if at == self._at:
            return
        if self._cancel is not None:
            self._cancel()
            self._cancel = None
        self._at = at
        if at is not None:
            job = HassJob(self._async_time_is_up, cancel_on_shutdown=True)
            self._cancel = async_track_point_in_utc_time(self._hass, job, at)

    @callback
    def _async_time_is_up(self, now: datetime) -> None:
        self._cancel = self._at = None
        # `now` is when it was to be; a machine that slept is later.
        self._do(max(now, dt_util.utcnow()))
