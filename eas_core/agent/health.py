"""What an agent tells of how its stations do."""

from typing import Any

from ..masking import mask_secrets
from ..station.records import ChannelHealth, Health
from ..station.station import Station


def station_health(name: str, station: Station) -> dict[str, Any]:
    """Return how a station does, in plain values; levels in dBFS, ratios in dB."""
    health = station.health
    status, counters = health.status, health.counters
    problem = health.recording_problem
    return {
        "station": name,
        "state": status.state,
        "since": status.since.isoformat(timespec="seconds"),
        "reason": status.reason,
        "hint": None if status.hint is None else mask_secrets(status.hint),
        "channels": [_channel(one) for one in health.channels],
        "messages": counters.messages,
        "ends_of_message": counters.ends_of_message,
        "malformed": counters.malformed,
        "source_failures": counters.source_failures,
        "restarts": health.restarts,
        "lost_share": round(health.lost_share, 4),
        "queued_s": round(health.queued_s, 1),
        "cpu_s": round(health.cpu_seconds, 1),
        "uptime_s": _whole(health.uptime_s),
        "recording_problem": None if problem is None else problem.reason,
    }


def state_of(health: Health) -> tuple[object, ...]:
    """Return what is worth telling at once when it changes."""
    return (
        health.status,
        tuple(one.status for one in health.channels),
        health.recording_problem,
    )


def _channel(one: ChannelHealth) -> dict[str, Any]:
    level, quality = one.level, one.quality
    return {
        "channel": one.status.channel,
        "state": one.status.state,
        "since": one.status.since.isoformat(timespec="seconds"),
        "level_dbfs": None if level is None else round(level.rms_dbfs, 1),
        "snr_db": None if quality is None else round(quality.snr_db, 1),
    }


def _whole(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds)
