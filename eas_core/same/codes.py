"""Originators and events: 47 CFR 11.31(d) and (e), NWSI 10-1712.

Beside what the rule lists stand the codes that NOAA Weather Radio sends or
older equipment still does.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

ORIGINATORS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "WXR": "National Weather Service",
        "EAS": "EAS participant",
        "CIV": "Civil authorities",
        "PEP": "Primary Entry Point system",
        "EAN": "Emergency Action Notification network",
    }
)

_NATIONAL: Final = {
    "EAN": "National Emergency Message",
    "EAT": "Emergency Action Termination",
    "NIC": "National Information Center",
}
_TESTS: Final = {
    "NPT": "Nationwide Test of the Emergency Alert System",
    "RMT": "Required Monthly Test",
    "RWT": "Required Weekly Test",
    "NMN": "Network Message Notification",
    "DMO": "Practice/Demo Warning",
    "NST": "National Silent Test",
    "TXF": "Transmitter Carrier Off",
    "TXO": "Transmitter Carrier On",
    "TXB": "Transmitter Backup On",
    "TXP": "Transmitter Primary On",
}
_WARNINGS: Final = {
    "AVW": "Avalanche Warning",
    "BHW": "Biological Hazard Warning",
    "BLU": "Blue Alert",
    "BWW": "Boil Water Warning",
    "BZW": "Blizzard Warning",
    "CAE": "Child Abduction Emergency",
    "CDW": "Civil Danger Warning",
    "CEM": "Civil Emergency Message",
    "CFW": "Coastal Flood Warning",
    "CHW": "Chemical Hazard Warning",
    "CWW": "Contaminated Water Warning",
    "DBW": "Dam Break Warning",
    "DEW": "Contagious Disease Warning",
    "DSW": "Dust Storm Warning",
    "EQW": "Earthquake Warning",
    "EVI": "Evacuation Immediate",
    "EWW": "Extreme Wind Warning",
    "FCW": "Food Contamination Warning",
    "FFW": "Flash Flood Warning",
    "FLW": "Flood Warning",
    "FRW": "Fire Warning",
    "FSW": "Flash Freeze Warning",
    "FZW": "Freeze Warning",
    "HMW": "Hazardous Materials Warning",
    "HUW": "Hurricane Warning",
    "HWW": "High Wind Warning",
    "IBW": "Iceberg Warning",
    "IFW": "Industrial Fire Warning",
    "LAE": "Local Area Emergency",
    "LEW": "Law Enforcement Warning",
    "LSW": "Land Slide Warning",
    "MEP": "Missing and Endangered Persons",
    "NUW": "Nuclear Power Plant Warning",
    "RHW": "Radiological Hazard Warning",
    "SMW": "Special Marine Warning",
    "SPW": "Shelter in Place Warning",
    "SQW": "Snow Squall Warning",
    "SSW": "Storm Surge Warning",
    "SVR": "Severe Thunderstorm Warning",
    "TOE": "911 Telephone Outage Emergency",
    "TOR": "Tornado Warning",
    "TRW": "Tropical Storm Warning",
    "TSW": "Tsunami Warning",
    "VOW": "Volcano Warning",
    "WFW": "Wild Fire Warning",
    "WSW": "Winter Storm Warning",
}
_WATCHES: Final = {
    "AVA": "Avalanche Watch",
    "CFA": "Coastal Flood Watch",
    "DBA": "Dam Watch",
    "EVA": "Evacuation Watch",
    "FFA": "Flash Flood Watch",
    "FLA": "Flood Watch",
    "HUA": "Hurricane Watch",
    "HWA": "High Wind Watch",
    "SSA": "Storm Surge Watch",
    "SVA": "Severe Thunderstorm Watch",
    "TOA": "Tornado Watch",
    "TRA": "Tropical Storm Watch",
    "TSA": "Tsunami Watch",
    "WFA": "Wild Fire Watch",
    "WSA": "Winter Storm Watch",
}
_STATEMENTS: Final = {
    "ADR": "Administrative Message",
    "FFS": "Flash Flood Statement",
    "FLS": "Flood Statement",
    "HLS": "Hurricane Statement",
    "POS": "Power Outage Statement",
    "SPS": "Special Weather Statement",
    "SVS": "Severe Weather Statement",
}

_BY_SIGNIFICANCE: Final = {
    "national": _NATIONAL,
    "test": _TESTS,
    "warning": _WARNINGS,
    "watch": _WATCHES,
    "statement": _STATEMENTS,
}
_SIGNIFICANCE: Final = {
    code: significance
    for significance, codes in _BY_SIGNIFICANCE.items()
    for code in codes
}
_BY_THIRD_LETTER: Final = {
    "W": "warning",
    "E": "warning",
    "A": "watch",
    "S": "statement",
    "T": "test",
    "Y": "advisory",
}

EVENTS: Final[Mapping[str, str]] = MappingProxyType(
    {code: name for codes in _BY_SIGNIFICANCE.values() for code, name in codes.items()}
)
"""The name of every event code."""

UNKNOWN: Final = "unknown"
SIGNIFICANCES: Final = (*_BY_SIGNIFICANCE, "advisory", UNKNOWN)


def event_name(code: str) -> str:
    """Return the event's name; a code that no list has is its own name."""
    return EVENTS.get(code, code)


def originator_name(code: str) -> str:
    """Return the originator's name; a code that no list has is its own name."""
    return ORIGINATORS.get(code, code)


def significance(code: str) -> str:
    """Return warning, watch, advisory, statement, test, national or unknown.

    A code that no list has goes by its third letter, as 47 CFR 11.31(e) and
    NWSI 10-1712 name them: W and E warn, A watches, S states.
    """
    return _SIGNIFICANCE.get(code) or _BY_THIRD_LETTER.get(code[2:], UNKNOWN)


def is_test(code: str) -> bool:
    """Return whether nothing has happened: a test, a demo, a transmitter's switching."""
    return significance(code) == "test"
