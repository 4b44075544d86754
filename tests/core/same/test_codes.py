"""Every code has a name, and what no table has stands for itself."""

import pytest

from eas_core.same import (
    EVENTS,
    ORIGINATORS,
    SIGNIFICANCES,
    event_name,
    is_test,
    originator_name,
    significance,
)

# 47 CFR 11.31(e) as in force in 2025, beside national and administrative ones.
REQUIRED = [
    "EAN",
    "NPT",
    "RMT",
    "RWT",
    "ADR",
    "AVW",
    "AVA",
    "BZW",
    "BLU",
    "CAE",
    "CDW",
    "CEM",
    "CFW",
    "CFA",
    "DSW",
    "EQW",
    "EVI",
    "EWW",
    "FRW",
    "FFW",
    "FFA",
    "FFS",
    "FLW",
    "FLA",
    "FLS",
    "HMW",
    "HWW",
    "HWA",
    "HUW",
    "HUA",
    "HLS",
    "LEW",
    "LAE",
    "MEP",
    "NMN",
    "NIC",
    "TOE",
    "NUW",
    "DMO",
    "RHW",
    "SVR",
    "SVA",
    "SVS",
    "SPW",
    "SMW",
    "SPS",
    "SSA",
    "SSW",
    "TOR",
    "TOA",
    "TRW",
    "TRA",
    "TSW",
    "TSA",
    "VOW",
    "WSW",
    "WSA",
]


def test_all_codes_of_the_rule_have_names() -> None:
    assert [code for code in REQUIRED if code not in EVENTS] == []
    assert {"PEP", "CIV", "WXR", "EAS"} <= set(ORIGINATORS)


@pytest.mark.parametrize(
    ("code", "meant"),
    [
        ("TOR", "warning"),
        ("CAE", "warning"),
        ("TOA", "watch"),
        ("SVS", "statement"),
        ("RWT", "test"),
        ("NPT", "test"),
        ("EAN", "national"),
        ("XYW", "warning"),
        ("XYA", "watch"),
        ("XYE", "warning"),
        ("XYS", "statement"),
        ("X1Q", "unknown"),
    ],
)
def test_a_code_tells_how_much_it_matters(code: str, meant: str) -> None:
    assert significance(code) == meant
    assert meant in SIGNIFICANCES


def test_tests_are_told_from_what_happens() -> None:
    assert is_test("RWT")
    assert is_test("DMO")
    assert not is_test("TOR")
    assert not is_test("EAN")


def test_an_unknown_code_is_its_own_name() -> None:
    assert event_name("QQQ") == "QQQ"
    assert originator_name("QQQ") == "QQQ"
    assert event_name("MEP") == "Missing and Endangered Persons"
