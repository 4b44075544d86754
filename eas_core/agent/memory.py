"""What an agent's stations had told before it was started anew, from what it keeps."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from ..errors import EasError
from ..station.contract import alert_from_fields
from ..station.merging import Merger
from ..station.records import Alert
from .spool import Kept

HISTORY: Final = 64
"""Alerts whose message may come again."""


def remembered(station: str, kept: Iterable[Kept]) -> Merger:
    """Return what tells new from known of a station, as it would had the agent not been away.

    What comes again is no new alert then, and an end of message without its
    beginning is that of the message which was on the air.
    """
    alerts: dict[str, Alert] = {}
    ended: dict[str, datetime] = {}
    for one in kept:
        told = one.payload
        if told.get("station") != station:
            continue
        if one.kind == "alert" and (alert := _alert(told)) is not None:
            alerts[alert.id] = alert
        elif one.kind == "eom" and isinstance(alert_id := told.get("alert_id"), str):
            ended[alert_id] = datetime.fromisoformat(told["received"])
    last = next(reversed(alerts.values()), None)
    begun = None if last is None or last.self_test or last.id in ended else last
    merger = Merger(HISTORY)
    merger.remember(alerts.values(), begun, ended)
    return merger


def _alert(told: Mapping[str, Any]) -> Alert | None:
    try:
        return alert_from_fields(told)
    except EasError:
        # Another version of the program has written it.
        return None
