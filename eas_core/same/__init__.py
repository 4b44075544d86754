"""SAME as text: headers, their codes and times, and the places they name."""

from .codes import (
    EVENTS,
    ORIGINATORS,
    SIGNIFICANCES,
    event_name,
    is_test,
    originator_name,
    significance,
)
from .header import Header, HeaderError, parse_header
from .locations import (
    Location,
    Transmitter,
    all_codes,
    counties_near,
    location,
    nearest_county,
    transmitters_for,
    transmitters_near,
)
from .sentence import describe
from .times import expires_at, issued_at

__all__ = [
    "EVENTS",
    "ORIGINATORS",
    "SIGNIFICANCES",
    "Header",
    "HeaderError",
    "Location",
    "Transmitter",
    "all_codes",
    "counties_near",
    "describe",
    "event_name",
    "expires_at",
    "is_test",
    "issued_at",
    "location",
    "nearest_county",
    "originator_name",
    "parse_header",
    "significance",
    "transmitters_for",
    "transmitters_near",
]
