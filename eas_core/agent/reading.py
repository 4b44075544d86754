"""What an agent's messages say, read by whoever did not write them.

Nothing in a payload is believed before it is looked at: a message that claims
to be an alert and is none raises, and is counted by who reads it, never told.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
import json
import re
from typing import Any, Final

from ..errors import EasError
from ..same.header import parse_header
from ..station.contract import alert_from_fields
from ..station.records import Alert, ChannelStatus, EndOfMessage, SourceState
from .topics import NAME, VERSION

LONGEST: Final = 65_536
"""Bytes of a payload that can be what it says; a whole `health` of many stations is a tenth."""

LONGEST_NAME: Final = 100
MOST_STATIONS: Final = 32
MOST_CHANNELS: Final = 32


class PayloadError(EasError):
    """A message that is none of an agent's; the text says why."""


class NewerVersionError(PayloadError):
    """A message of a later version than this one reads; the text says what to update."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentAlert:
    """An alert that an agent's station heard; `late` where it was kept on the way.

    `update` says that the agent had told it already.
    """

    agent: str
    station: str
    alert: Alert
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
    """How an agent does: its stations, and what it keeps for the broker."""

    stations: tuple[AgentStation, ...]
    kept: int
    unsent: int
    spool_problem: str | None


def read_alert(payload: bytes | str) -> AgentAlert:
    """Return what `alert` says; raises PayloadError."""
    told = _told(payload)
    try:
        alert = alert_from_fields(told)
        # What it says must be what was on the air: the header is the proof.
        parse_header(alert.best_guess)
    except EasError as error:
        raise PayloadError(f"This is no alert: {error}") from error
    return AgentAlert(
        agent=_text(told, "agent"),
        station=_text(told, "station"),
        alert=alert,
        update=_flag(told, "update"),
        late=_flag(told, "late"),
    )


def read_end(payload: bytes | str) -> AgentEnd:
    """Return what `eom` says; raises PayloadError."""
    told = _told(payload)
    alert_id, duration = told.get("alert_id"), told.get("duration_s")
    channels = told.get("channels")
    if not (alert_id is None or isinstance(alert_id, str)):
        raise PayloadError("alert_id is no text.")
    if not (duration is None or _is_number(duration)):
        raise PayloadError("duration_s is no number.")
    if not isinstance(channels, list) or len(channels) > MOST_CHANNELS:
        raise PayloadError("channels is no list.")
    end = EndOfMessage(
        received=_time(told, "received"),
        channels=tuple(str(each)[:LONGEST_NAME] for each in channels),
        alert_id=alert_id,
        duration_s=duration,
    )
    return AgentEnd(
        agent=_text(told, "agent"),
        station=_text(told, "station"),
        end=end,
        late=_flag(told, "late"),
    )


def read_status(payload: bytes | str) -> AgentStatus:
    """Return what `status` says; raises PayloadError."""
    told = _told(payload)
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
    told = _told(payload)
    problem = told.get("spool_problem")
    return AgentHealth(
        stations=tuple(_each(told, "stations", MOST_STATIONS, _station)),
        kept=_count(told, "kept"),
        unsent=_count(told, "unsent"),
        spool_problem=None if problem is None else str(problem)[:250],
    )


def agent_of(topic: str, base: str) -> tuple[str, str] | None:
    """Return the agent and the last part of a topic, None where it is none of an agent's."""
    found = re.fullmatch(rf"{re.escape(base)}/([^/]+)/([a-z]+)", topic)
    if found is None or not NAME.fullmatch(found[1]):
        return None
    return found[1], found[2]


def _station(told: Mapping[str, Any]) -> AgentStation:
    channels = [*_each(told, "channels", MOST_CHANNELS, lambda one: one)]
    return AgentStation(
        name=_text(told, "station"),
        state=_state(told),
        since=_time(told, "since"),
        reason=None if told.get("reason") is None else _text(told, "reason"),
        hint=None if told.get("hint") is None else str(told["hint"])[:250],
        channels=tuple(
            ChannelStatus(
                channel=_text(one, "channel"),
                state=_state(one),
                since=_time(one, "since"),
            )
            for one in channels
        ),
        snr_db=_numbers(channels, "snr_db"),
        level_dbfs=_numbers(channels, "level_dbfs"),
        messages=_count(told, "messages"),
    )


def _told(payload: bytes | str) -> Mapping[str, Any]:
    if len(payload) > LONGEST:
        raise PayloadError(f"It is longer than {LONGEST} bytes.")
    try:
        told = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise PayloadError("It is no JSON.") from error
    if not isinstance(told, dict):
        raise PayloadError("It is no JSON object.")
    version = told.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise PayloadError("It has no version.")
    if version > VERSION:
        raise NewerVersionError(
            f"The agent speaks version {version} and this reads {VERSION}: update EAS Station."
        )
    return told


def _each[Made](
    told: Mapping[str, Any], key: str, most: int, make: Callable[[Any], Made]
) -> list[Made]:
    found = told.get(key)
    if not isinstance(found, list) or len(found) > most:
        raise PayloadError(f"{key} is no list, or too long.")
    if not all(isinstance(one, dict) for one in found):
        raise PayloadError(f"{key} is no list of objects.")
    return [make(one) for one in found]


def _numbers(channels: list[Any], key: str) -> dict[str, float]:
    return {
        str(one["channel"]): float(one[key])
        for one in channels
        if _is_number(one.get(key))
    }


def _state(told: Mapping[str, Any]) -> SourceState:
    try:
        return SourceState(str(told.get("state")))
    except ValueError as error:
        raise PayloadError("state is none of a source's.") from error


def _text(told: Mapping[str, Any], key: str) -> str:
    text = told.get(key)
    if not isinstance(text, str) or not 0 < len(text) <= LONGEST_NAME:
        raise PayloadError(f"{key} is no short text.")
    return text


def _flag(told: Mapping[str, Any], key: str) -> bool:
    flag = told.get(key, False)
    if not isinstance(flag, bool):
        raise PayloadError(f"{key} is neither true nor false.")
    return flag


def _count(told: Mapping[str, Any], key: str) -> int:
    count = told.get(key, 0)
    if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count < 2**53:
        raise PayloadError(f"{key} is no count.")
    return count


def _time(told: Mapping[str, Any], key: str) -> datetime:
    try:
        time = datetime.fromisoformat(told[key])
    except (KeyError, TypeError, ValueError) as error:
        raise PayloadError(f"{key} is no time.") from error
    return time.replace(tzinfo=time.tzinfo or UTC).astimezone(UTC)


def _is_number(value: object) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and abs(value) < 1e12
    )
