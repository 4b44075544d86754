"""The verdict of a soak says what is wrong, and nothing else."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bench.soak_script import Script, make_script
from bench.soak_truth import Decodable
from bench.soak_verdict import Told, Verdict, judge
from bench.soak_watch import Fault

NEVER_SENT = "ZCZC-WXR-TOR-039035+0030-3290100-KCLE/NWS-"


@pytest.fixture
def script() -> Script:
    """Some moments of seven channels, from a seed, with nothing that is sent again."""
    begin = datetime(2026, 12, 31, tzinfo=UTC)
    made = make_script(3, 1.0, 20, begin, jumps=())
    assert make_script(3, 1.0, 20, begin, jumps=()) == made
    return made


@pytest.fixture
def truth(script: Script) -> list[Decodable]:
    """All of it can be decoded."""
    return [
        Decodable(
            channel=one.channels[0],
            air=one.header_end,
            header=one.header,
            best_guess=one.header,
            bursts=3,
        )
        for one in script.sent
    ]


@pytest.fixture
def told(script: Script) -> list[Told]:
    """All of it is told, once."""
    return [
        Told(
            header=one.header,
            channels=one.channels,
            air=one.header_end,
            id=str(one.number),
            recording=None,
        )
        for one in script.sent
    ]


def weighed(
    script: Script,
    truth: list[Decodable],
    told: list[Told],
    faults: tuple[Fault, ...] = (),
) -> Verdict:
    return judge(script, truth, told, faults)


def test_all_that_could_be_decoded_and_is_told_once_is_well(
    script: Script, truth: list[Decodable], told: list[Told]
) -> None:
    found = weighed(script, truth, told)
    assert found.holds
    assert found.decodable == found.once == len(script.sent) == 20


def test_what_is_not_told_is_missing(
    script: Script, truth: list[Decodable], told: list[Told]
) -> None:
    found = weighed(script, truth, told[1:])
    assert not found.holds
    assert found.missing == [told[0].header]


def test_what_is_told_twice_is_wrong_but_where_it_is_not_certain(
    script: Script, truth: list[Decodable], told: list[Told]
) -> None:
    assert weighed(script, truth, [*told, told[0]]).twice
    unsure = replace(told[0], header=told[0].header.replace("-", "?", 0))
    unsure = replace(unsure, header=unsure.header[:9] + "???" + unsure.header[12:])
    found = weighed(script, truth, [*told, unsure])
    assert found.holds
    assert found.unsure_twice == 1


def test_what_is_told_twice_by_a_clock_that_stepped_meanwhile_is_counted_by_itself(
    script: Script, truth: list[Decodable], told: list[Told]
) -> None:
    stepped = Fault(
        kind_of_fault="clock stepped +1 h", air=told[0].air, until=told[0].air + 9.0
    )
    found = weighed(script, truth, [*told, told[0]], (stepped,))
    assert found.holds
    assert found.stepped_twice == 1


def test_what_was_never_sent_is_wrong_but_where_the_bare_decoder_misreads_it_too(
    script: Script, truth: list[Decodable], told: list[Told]
) -> None:
    invented = replace(told[0], header=NEVER_SENT)
    assert weighed(script, truth, [*told, invented]).never_sent
    misread = replace(truth[0], header=NEVER_SENT, best_guess=NEVER_SENT)
    found = weighed(script, [*truth, misread], [*told, invented])
    assert found.holds
    assert found.misread == 1


def test_what_a_fault_lay_over_is_cut_and_what_the_noise_hid_is_weak(
    script: Script, truth: list[Decodable], told: list[Told]
) -> None:
    first = script.sent[0]
    fault = Fault(kind_of_fault="samples lost", air=first.start, until=first.start + 1)
    rest = [one for one in truth if one.header != first.header]
    found = weighed(script, rest, told[1:], (fault,))
    assert (found.cut, found.weak, fault.lost) == (1, 0, 1)
    assert found.holds
    found = weighed(script, rest, told[1:])
    assert (found.cut, found.weak) == (0, 1)
    assert weighed(script, rest, told).beyond
