"""From what a station hears to the entries of its history, and back after a restart."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime, timedelta
import logging
from typing import Any, Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.util import dt as dt_util

from .coordinator import EasStationConfigEntry, Moment
from .eas_core.station import (
    Alert,
    AlertUpdated,
    Counters,
    EndOfMessage,
    RecordingFinished,
)
from .eas_core.station.contract import ContractError, alert_from_fields, utc_time
from .events import alert_event_data
from .heard import Heard, Remembered
from .history_files import HistoryFiles
from .history_query import LONGEST_LIFE, Entry
from .recordings import recording_uri

_LOGGER = logging.getLogger(__name__)

LATER: Final = {
    "ended": None,
    "duration_s": None,
    "recording_at": None,
    "transcript": None,
    "nws": None,
    "updated": None,
}
"""What an entry has beside what `eas_alert` told, from the beginning."""

MOST_COUNTED: Final = 2**53
CLOCK_OFF: Final = timedelta(days=1)
"""By so much what is kept may be ahead: of this clock, or of the one before it was set."""


async def async_restore(hass: HomeAssistant, entry: EasStationConfigEntry) -> None:
    """Read the history, and let the entry's station know what it had heard."""
    history, now = entry.runtime_data.history, dt_util.utcnow()
    # What is over may be told late by an agent that heard it too.
    recent = await history.async_load(now - LONGEST_LIFE)
    recent += await _async_adopt_first_version(hass, entry)
    newest = history.newest
    last = None if newest is None else alert_of(newest)
    known = _alerts_of(recent, entry.title)
    entry.runtime_data.async_remember(
        Remembered(
            set_up_at=_time(history.state, "set_up_at") or now,
            heard=Heard(
                active=tuple(alert for alert in known if alert.expires > now),
                weekly_test=_time(history.state, "weekly_test"),
                required_test=_time(history.state, "required_test"),
            ),
            known=tuple(alert for alert in known if not alert.self_test),
            last_alert=last,
            begun=last if newest and last and _is_begun(newest, last) else None,
            ended={
                told["id"]: ended
                for told in recent
                if (ended := _time(told, "ended")) is not None
            },
            counters=_counters(history.state.get("counters")),
        )
    )


@callback
def async_keep_history(
    hass: HomeAssistant, entry: EasStationConfigEntry
) -> CALLBACK_TYPE:
    """Write down all that the entry's station hears; return what ends that."""
    coordinator = entry.runtime_data
    history = coordinator.history

    @callback
    def keep(moment: Moment) -> None:
        match moment:
            case Alert():
                history.async_add(alert_event_data(hass, entry, moment) | LATER)
            case AlertUpdated(alert=alert):
                told = alert_event_data(hass, entry, alert)
                new = told | {"updated": dt_util.utcnow().isoformat()}
                if alert.recording is None:
                    del new["recording"]
                if not history.async_change(alert.id, new, at_once=True):
                    history.async_add(told | LATER)
            case EndOfMessage(alert_id=str(alert_id)):
                end = {
                    "ended": moment.received.isoformat(),
                    "duration_s": moment.duration_s,
                }
                history.async_change(alert_id, end, at_once=True)
            # What was cut off is no better than what the alert named.
            case RecordingFinished(alert_id=str(alert_id), complete=True):
                uri = recording_uri(entry.entry_id, moment.name)
                history.async_change(alert_id, {"recording": uri}, at_once=True)
            case _:
                pass

    @callback
    def count() -> None:
        heard = coordinator.data.heard
        history.async_keep(
            {
                "set_up_at": coordinator.set_up_at.isoformat(),
                "weekly_test": _text(heard.weekly_test),
                "required_test": _text(heard.required_test),
                "counters": _kept(coordinator.counters),
            }
        )

    unsubscribe = (
        coordinator.async_listen_moments(keep),
        coordinator.async_add_listener(count),
    )

    @callback
    def end() -> None:
        for stop in unsubscribe:
            stop()

    return end


def alert_of(entry: Any) -> Alert | None:
    """Return the alert that an entry tells of, None where that is not to be made out."""
    try:
        alert = alert_from_fields(entry if isinstance(entry, Mapping) else {})
    except ContractError as error:
        _LOGGER.debug("A stored alert could not be read: %s", error)
        return None
    recording = entry.get("recording")
    if not isinstance(recording, str):
        return alert
    return replace(alert, recording=recording.rpartition("/")[2])


async def _async_adopt_first_version(
    hass: HomeAssistant, entry: EasStationConfigEntry
) -> list[Entry]:
    """Take over what the first version kept, one file of what is active; return the entries."""
    history = entry.runtime_data.history
    files = HistoryFiles(hass, entry.entry_id)
    old = await files.async_load_old()
    if old is None:
        return []
    adopted: list[Entry] = [
        alert_event_data(hass, entry, alert) | LATER
        for alert in _alerts_of(old.entries, entry.title)
        if await history.async_get(alert.id) is None
    ]
    for told in adopted:
        history.async_add(told)
    history.async_keep({**old.state, **history.state})
    await history.async_flush()
    await files.async_remove_old()
    return adopted


def _alerts_of(stored: Sequence[Entry], title: str) -> list[Alert]:
    """Return the alerts that entries tell of; the log says once how many cannot be made out."""
    alerts = [alert for told in stored if (alert := alert_of(told)) is not None]
    if unread := len(stored) - len(alerts):
        _LOGGER.warning("%s of the stored alerts of %s cannot be read", unread, title)
    return alerts


def _is_begun(entry: Entry, alert: Alert) -> bool:
    return entry.get("ended") is None and not alert.self_test


def _text(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()


def _time(told: Mapping[str, Any], key: str) -> datetime | None:
    """Return a time that has been, None where none is kept or a disk has made it something else."""
    try:
        time = utc_time(told, key)
    except ContractError:
        return None
    return time if time < dt_util.utcnow() + CLOCK_OFF else None


def _kept(counters: Counters) -> dict[str, int]:
    # Samples are of no use to anybody later, and change all the time.
    counted = asdict(counters)
    return {name: counted[name] for name in counted if "samples" not in name}


def _counters(stored: Any) -> Counters:
    if not isinstance(stored, Mapping):
        return Counters()
    names = {one.name for one in fields(Counters)}
    return Counters(
        **{
            name: count
            for name, count in stored.items()
            if name in names and type(count) is int and 0 <= count < MOST_COUNTED
        }
    )
