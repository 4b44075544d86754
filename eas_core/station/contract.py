"""What is told of alerts to others, in plain values: the fields of the `eas_alert` event."""

from typing import Any

from .records import Alert, EndOfMessage


def alert_fields(alert: Alert) -> dict[str, Any]:
    """Return what an alert says, times in ISO 8601; nothing of who heard it."""
    return {
        "id": alert.id,
        "channels": list(alert.channels),
        "header": alert.header,
        "originator": alert.originator,
        "originator_name": alert.originator_name,
        "event_code": alert.event_code,
        "event": alert.event,
        "significance": alert.significance,
        "locations": [
            {
                "code": place.code,
                "name": place.name,
                "state": place.state,
                "part": place.part,
            }
            for place in alert.locations
        ],
        "issued": alert.issued.isoformat(),
        "expires": alert.expires.isoformat(),
        "time_valid": alert.time_valid,
        "purge_minutes": alert.purge_minutes,
        "sender": alert.sender,
        "received": alert.received.isoformat(),
        "confidence": alert.confidence,
        "partial": alert.partial,
        "best_guess": alert.best_guess,
        "bursts": alert.bursts,
        "corroborated": alert.corroborated,
        "test": alert.test,
        "self_test": alert.self_test,
        "message": alert.message,
    }


def end_fields(end: EndOfMessage) -> dict[str, Any]:
    """Return what an end of message says, its time in ISO 8601."""
    return {
        "channels": list(end.channels),
        "alert_id": end.alert_id,
        "received": end.received.isoformat(),
        "duration_s": end.duration_s,
    }
