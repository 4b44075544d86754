"""What an agent's messages say, read by whoever did not write them.

Nothing in a payload is believed before it is looked at: a message that claims
to be an alert and is none raises, and is counted by who reads it, never told.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
import re
from typing import Any, Final

from ..errors import EasError
from ..modem.decoded import UNCERTAIN
from ..same.header import parse_header
from ..station.alerts import by_its_header
from ..station.contract import alert_from_fields
from ..station.recording_files import NAME as RECORDING_NAME, recording_tail
from ..station.records import Alert, ChannelStatus, EndOfMessage, SourceState
from .payload import (
    LONGEST_NAME,
    PayloadError,
    check_time,
    count_of,
    each_of,
    flag_of,
    is_number,
    read_json,
    text_of,
    time_of,
)
from .topics import NAME
from .transfer import ALERT_ID

LONGEST_HINT: Final = 250
MOST_STATIONS: Final = 32
MOST_CHANNELS: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentAlert:
    """An alert that an agent's station heard; `late` where it was kept on the way.

    What the alert says is what its header does, its id too; `told_as` is the one
    that the agent calls it by. `update` says that the agent had told it already.
    """

    agent: str
    station: str
    alert: Alert
    told_as: str
    update: bool
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentEnd:
    """An end of message that an agent's station heard."""

    agent: str
    station: str
    end: EndOfMessage
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRecording:
    """A recording of an alert that an agent's station has finished; seconds."""

    agent: str
    station: str
    at: datetime
    alert_id: str
    name: str
    duration_s: float
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentStatus:
    """Whether an agent is there, and what it runs."""

    online: bool
    software: str
    stations: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentStation:
    """How one station of an agent's does; levels in dBFS, ratios in dB."""

    name: str
    state: SourceState
    since: datetime
    reason: str | None
    hint: str | None
    channels: tuple[ChannelStatus, ...]
    snr_db: Mapping[str, float]
    level_dbfs: Mapping[str, float]
    messages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentHealth:
    """How an agent does: its stations, and what it keeps for the broker.

    `at` is when by its own clock, None where it does not say so.
    """

    at: datetime | None
    stations: tuple[AgentStation, ...]
    kept: int
    unsent: int
    spool_problem: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentAnswer:
    """What an agent answers to the order of that id: a result, or an error for people."""

    order: str | int | None
    result: Mapping[str, Any]
    error: str | None


def read_alert(payload: bytes | str) -> AgentAlert:
    """Return what `alert` says; raises PayloadError."""
    told = read_json(payload)
    try:
        alert = alert_from_fields(told)
        _check_header(alert)
    except EasError as error:
        raise PayloadError(f"This is no alert: {error}") from error
    return AgentAlert(
        agent=text_of(told, "agent"),
        station=text_of(told, "station"),
        alert=replace(by_its_header(alert), recording=_recording(told, alert.id)),
        told_as=alert.id,
        update=flag_of(told, "update"),
        late=flag_of(told, "late"),
    )


def read_end(payload: bytes | str) -> AgentEnd:
    """Return what `eom` says; raises PayloadError."""
    told = read_json(payload)
    if "alert_id" not in told or "duration_s" not in told:
        # Or a message of another kind might be taken for an end of nothing.
        raise PayloadError("alert_id or duration_s is missing.")
    alert_id, duration = told["alert_id"], told["duration_s"]
    channels = told.get("channels")
    if not (alert_id is None or isinstance(alert_id, str)):
        raise PayloadError("alert_id is no text.")
    if not (duration is None or is_number(duration)):
        raise PayloadError("duration_s is no number.")
    if not isinstance(channels, list) or len(channels) > MOST_CHANNELS:
        raise PayloadError("channels is no list.")
    end = EndOfMessage(
        received=time_of(told, "received"),
        channels=tuple(str(each)[:LONGEST_NAME] for each in channels),
        alert_id=alert_id,
        duration_s=duration,
        recording=_recording(told, alert_id),
    )
    return AgentEnd(
        agent=text_of(told, "agent"),
        station=text_of(told, "station"),
        end=end,
        late=flag_of(told, "late"),
    )


def read_recording(payload: bytes | str) -> AgentRecording:
    """Return what `recording` says; raises PayloadError."""
    told = read_json(payload)
    alert_id, seconds = text_of(told, "alert_id"), told.get("duration_s")
    name = _recording(told, alert_id, "name")
    if not ALERT_ID.fullmatch(alert_id) or name is None:
        raise PayloadError("alert_id or name is none of a recording's.")
    if not is_number(seconds):
        raise PayloadError("duration_s is no number.")
    return AgentRecording(
        agent=text_of(told, "agent"),
        station=text_of(told, "station"),
        at=time_of(told, "received"),
        alert_id=alert_id,
        name=name,
        duration_s=float(seconds),
        complete=flag_of(told, "complete"),
    )


def read_status(payload: bytes | str) -> AgentStatus:
    """Return what `status` says; raises PayloadError."""
    told = read_json(payload)
    state = told.get("state")
    if state not in ("online", "offline"):
        raise PayloadError("state is neither online nor offline.")
    stations = told.get("stations", [])
    if not isinstance(stations, list) or len(stations) > MOST_STATIONS:
        raise PayloadError("stations is no list of names.")
    return AgentStatus(
        online=state == "online",
        software=str(told.get("software", ""))[:LONGEST_NAME],
        stations=tuple(str(each)[:LONGEST_NAME] for each in stations),
    )


def read_health(payload: bytes | str) -> AgentHealth:
    """Return what `health` says; raises PayloadError."""
    told = read_json(payload)
    problem = told.get("spool_problem")
    return AgentHealth(
        at=None if told.get("at") is None else time_of(told, "at"),
        stations=tuple(each_of(told, "stations", MOST_STATIONS, _station)),
        kept=count_of(told, "kept"),
        unsent=count_of(told, "unsent"),
        spool_problem=None if problem is None else str(problem)[:LONGEST_HINT],
    )


def read_answer(payload: bytes | str) -> AgentAnswer:
    """Return what `answer` says; raises PayloadError."""
    told = read_json(payload)
    order, result = told.get("id"), told.get("result", {})
    if not isinstance(order, str | int | None) or not isinstance(result, dict):
        raise PayloadError("id or result is not of its kind.")
    error = None if flag_of(told, "ok") else str(told.get("error"))[:LONGEST_HINT]
    return AgentAnswer(order=order, result=result, error=error)


def agent_of(topic: str, base: str) -> tuple[str, str] | None:
    """Return the agent and the last part of a topic, None where it is none of an agent's."""
    found = re.fullmatch(rf"{re.escape(base)}/([^/]+)/([a-z]+)", topic)
    if found is None or not NAME.fullmatch(found[1]):
        return None
    return found[1], found[2]


def _check_header(alert: Alert) -> None:
    """Raise EasError where what it says is not what was on the air: the header is the proof."""
    best, received = parse_header(alert.best_guess), alert.header
    if best.encode() != alert.best_guess or len(received) != len(alert.best_guess):
        raise PayloadError("best_guess is not the whole header.")
    if any(
        one not in (other, UNCERTAIN)
        for one, other in zip(received, alert.best_guess, strict=True)
    ):
        raise PayloadError("header and best_guess differ.")
    said = (
        (alert.originator, best.originator, ""),
        (alert.event_code, best.event_code, ""),
        (alert.sender, best.sender, ""),
        (alert.purge_minutes, best.purge_minutes, 0),
    )
    codes = {place.code for place in alert.locations}
    if not codes <= {*best.locations} or any(
        one not in (certain, unknown) for one, certain, unknown in said
    ):
        raise PayloadError("It says something else than its header.")
    if not ALERT_ID.fullmatch(alert.id) or not 0 <= alert.confidence <= 1:
        raise PayloadError("id or confidence is none of an alert's.")
    check_time(alert.received, "received")


def _station(told: Mapping[str, Any]) -> AgentStation:
    channels = [*each_of(told, "channels", MOST_CHANNELS, lambda one: one)]
    return AgentStation(
        name=text_of(told, "station"),
        state=_state(told),
        since=time_of(told, "since"),
        reason=None if told.get("reason") is None else text_of(told, "reason"),
        hint=None if told.get("hint") is None else str(told["hint"])[:LONGEST_HINT],
        channels=tuple(
            ChannelStatus(
                channel=text_of(one, "channel"),
                state=_state(one),
                since=time_of(one, "since"),
            )
            for one in channels
        ),
        snr_db=_numbers(channels, "snr_db"),
        level_dbfs=_numbers(channels, "level_dbfs"),
        messages=count_of(told, "messages"),
    )


def _recording(
    told: Mapping[str, Any], alert_id: str | None, key: str = "recording"
) -> str | None:
    """Return the name of an alert's recording; what is none is no reason to lose the alert.

    It has the alert's id in it: nobody can name another's.
    """
    name = told.get(key)
    if alert_id is None or not isinstance(name, str):
        return None
    fits = RECORDING_NAME.fullmatch(name) and name.isascii()
    mine = name.rpartition("-")[2] == recording_tail(alert_id)
    return name if fits and mine else None


def _numbers(channels: list[Any], key: str) -> dict[str, float]:
    return {
        str(one["channel"]): float(one[key])
        for one in channels
        if is_number(one.get(key))
    }


def _state(told: Mapping[str, Any]) -> SourceState:
    try:
        return SourceState(str(told.get("state")))
    except ValueError as error:
        raise PayloadError("state is none of a source's.") from error
