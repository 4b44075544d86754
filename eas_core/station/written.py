"""What the National Weather Service writes of an alert, and which text belongs to which message.

The format is that of `/alerts` of api.weather.gov: a GeoJSON FeatureCollection
whose features have the properties of the Common Alerting Protocol (CAP).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
import json
from typing import Any, Final

from ..errors import EasError
from ..same.areas import STATES, WATERS
from .filters import NATION, covers
from .records import Alert

WEATHER_SERVICE: Final = "WXR"

NEAR: Final = timedelta(minutes=15)
"""A text and a message of one warning are not farther apart; both have their own clock."""

MOST_FEATURES: Final = 5_000
MOST_POINTS: Final = 300
LENGTHS: Final = {
    "id": 300,
    "event": 100,
    "sender": 200,
    "headline": 500,
    "description": 5_000,
    "instruction": 2_000,
}
"""In characters; what is longer is cut."""

type Ring = list[list[float]]


class WrittenError(EasError):
    """An answer that is none in the format."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenAlert:
    """An alert as written; an empty text where there is none.

    `codes` are its SAME event codes, `places` its SAME location codes. `polygon`
    are rings of [longitude, latitude] in degrees, the outer ones alone; () where
    places say it all.
    """

    id: str
    url: str | None
    event: str
    codes: frozenset[str]
    places: frozenset[str]
    sent: datetime
    onset: datetime | None
    expires: datetime | None
    sender: str
    headline: str
    description: str
    instruction: str
    polygon: tuple[Ring, ...] = ()


def areas_of(alert: Alert) -> tuple[str, ...]:
    """Return the letters of the states and waters that an alert names, sorted.

    () for one that no text can be found of: a test, what is not the Weather
    Service's, or what is not certain.
    """
    if (
        alert.test
        or alert.self_test
        or alert.originator != WEATHER_SERVICE
        or not alert.event_code
        or not alert.time_valid
    ):
        return ()
    numbers = {place.code[1:3] for place in alert.locations if place.code != NATION}
    known = {number: found[0] for number, found in (STATES | WATERS).items()}
    return tuple(sorted({known[one] for one in numbers if one in known}))


def parse_written(
    text: bytes, loads: Callable[[bytes], Any] = json.loads
) -> tuple[WrittenAlert, ...]:
    """Return the alerts of an answer that are in force; raises WrittenError.

    Features that are not as they should be are passed over. `loads` may be a
    faster reader of JSON, which raises ValueError for what is none.
    """
    try:
        told = loads(text)
    except (ValueError, RecursionError) as error:
        raise WrittenError("What came is no JSON.") from error
    features = told.get("features") if isinstance(told, dict) else None
    if not isinstance(features, list) or told.get("type") != "FeatureCollection":
        raise WrittenError("What came is no list of alerts.")
    alerts = (_written(feature) for feature in features[:MOST_FEATURES])
    return tuple(alert for alert in alerts if alert is not None)


def matching(alert: Alert, written: Iterable[WrittenAlert]) -> WrittenAlert | None:
    """Return the text of an alert, None where there is none.

    It is for the same event and at least one of the places, and was sent when
    the alert was issued. Of several the one with the most places in common that
    is nearest in time.
    """
    fits = {one.id: (_fit(alert, one), one) for one in written}
    best = max(fits.values(), key=lambda each: each[0], default=(0.0, None))
    return best[1] if best[0] > 0 else None


def _fit(alert: Alert, written: WrittenAlert) -> float:
    """Return how well a text fits: 0 not at all, below 2 the best."""
    away = abs(written.sent - alert.issued)
    if alert.event_code not in written.codes or away > NEAR:
        return 0.0
    # CAP names whole counties, and each county where a header names the state.
    named = {place.code for place in alert.locations}
    common = {
        place for place in written.places if any(covers(one, place) for one in named)
    }
    if not common:
        return 0.0
    whole_state = any(code.endswith("000") for code in named)
    wanted = written.places if whole_state else written.places | _counties(named)
    return len(common) / len(wanted) + 1 - away / (2 * NEAR)


def _counties(codes: Iterable[str]) -> frozenset[str]:
    return frozenset(f"0{code[1:]}" for code in codes)


def _written(feature: Any) -> WrittenAlert | None:
    try:
        told = feature["properties"]
        if told["status"] != "Actual" or told["messageType"] == "Cancel":
            return None
        return WrittenAlert(
            id=_text(told, "id"),
            url=_url(feature.get("id")),
            event=_text(told, "event"),
            codes=_strings(told["eventCode"]["SAME"]),
            places=_strings(told["geocode"]["SAME"]),
            sent=_time(told["sent"]),
            onset=_time_or_none(told.get("onset")),
            expires=_time_or_none(told.get("ends") or told.get("expires")),
            sender=_text(told, "senderName", "sender"),
            headline=_text(told, "headline"),
            description=_text(told, "description"),
            instruction=_text(told, "instruction"),
            polygon=_polygon(feature.get("geometry")),
        )
    except KeyError, TypeError, ValueError, AttributeError:
        return None


def _text(told: Mapping[str, Any], key: str, kind: str = "") -> str:
    text = told.get(key)
    return text.strip()[: LENGTHS[kind or key]] if isinstance(text, str) else ""


def _url(value: object) -> str | None:
    if not isinstance(value, str) or len(value) > LENGTHS["id"]:
        return None
    return value if value.startswith("https://") else None


def _strings(values: object) -> frozenset[str]:
    if not isinstance(values, list):
        raise TypeError(type(values))
    return frozenset(value for value in values if isinstance(value, str))


def _time(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment


def _time_or_none(text: object) -> datetime | None:
    return _time(text) if isinstance(text, str) else None


def _polygon(geometry: Any) -> tuple[Ring, ...]:
    """Return the outer rings, none where it is no area or has too many points."""
    try:
        coordinates = geometry["coordinates"]
        polygons = {"Polygon": [coordinates], "MultiPolygon": coordinates}
        rings = tuple(_ring(polygon[0]) for polygon in polygons[geometry["type"]])
    except IndexError, KeyError, TypeError, ValueError:
        return ()
    return rings if sum(map(len, rings)) <= MOST_POINTS else ()


def _ring(points: Iterable[Iterable[float]]) -> Ring:
    return [
        [_degrees(longitude, 180), _degrees(latitude, 90)]
        for longitude, latitude in points
    ]


def _degrees(value: float, most: float) -> float:
    if not abs(value) <= most:
        raise ValueError(value)
    return round(float(value), 4)
