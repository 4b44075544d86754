"""Answers of the National Weather Service."""

from datetime import UTC, datetime
import json
from random import Random
from typing import Any, ClassVar, Final, override

from bench.fuzzing.agents import as_json, example_alert
from bench.fuzzing.mutate import mutate_bytes, mutate_json
from bench.fuzzing.target import Target, WrongAnswerError
from eas_core.station.written import (
    MOST_POINTS,
    WrittenError,
    areas_of,
    matching,
    parse_written,
)

SENT: Final = datetime(2026, 6, 8, 18, 29, tzinfo=UTC).isoformat()
ANSWER: Final[dict[str, Any]] = {
    "type": "FeatureCollection",
    "features": [
        {
            "id": "https://api.weather.gov/alerts/urn:oid:2.49.0.1.840.0.x",
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[-81.1, 41.2], [-81.0, 41.3], [-81.2, 41.4]]],
            },
            "properties": {
                "id": "urn:oid:2.49.0.1.840.0.x",
                "status": "Actual",
                "messageType": "Alert",
                "event": "Tornado Warning",
                "eventCode": {"SAME": ["TOR"], "NationalWeatherService": ["TOW"]},
                "geocode": {"SAME": ["039035", "039173"], "UGC": ["OHC035"]},
                "sent": SENT,
                "onset": SENT,
                "ends": "2026-06-08T19:00:00-04:00",
                "expires": SENT,
                "senderName": "NWS Cleveland OH",
                "headline": "Tornado Warning issued",
                "description": "At 230 PM a tornado was seen.",
                "instruction": "Take cover now!",
            },
        }
    ],
}


class WrittenTarget(Target[bytes]):
    """Any answer is a list of alerts, or is refused; no text is longer than is told."""

    name: ClassVar = "written"
    cases: ClassVar = 40_000
    documented: ClassVar = frozenset({"WrittenError"})

    @override
    def case(self, rng: Random) -> bytes:
        if rng.randrange(3):
            return as_json(mutate_json(rng, ANSWER))
        return mutate_bytes(rng, as_json(ANSWER), (b"[" * 5000,))

    @override
    async def run(self, case: bytes) -> str:
        try:
            found = parse_written(case)
        except WrittenError:
            return "WrittenError"
        alert = example_alert()
        areas_of(alert)
        matching(alert, found)
        for one in found:
            if len(one.description) > 5000 or sum(map(len, one.polygon)) > MOST_POINTS:
                raise WrongAnswerError(one.id[:100])
            json.dumps(one.polygon, allow_nan=False)
        return "accepted"
