"""Each way in which a dongle fails has its own state and says what to do."""

from contextlib import suppress
from itertools import pairwise
from pathlib import Path
import signal

import pytest

from tests.standin import BUSY, IO, NO_DEVICE, NO_PERMISSION, NOT_FOUND, Standin
from tests.standin.child import reading, refused, running, wait_for

SERIAL = "00000101"


@pytest.fixture
def standin(tmp_path: Path) -> Standin:
    return Standin(tmp_path / "standin")


def test_a_serial_that_is_not_there_is_not_found_and_those_there_are_named(
    standin: Standin,
) -> None:
    one, other = standin.add("00000102"), standin.add("00000103")
    failed = refused(standin, SERIAL)
    assert failed["reason"] == "not_found"
    assert SERIAL in failed["hint"]
    assert "00000102, 00000103" in failed["hint"]
    assert one.calls() == other.calls() == []


def test_without_any_dongle_it_is_not_found(standin: Standin) -> None:
    assert refused(standin, SERIAL)["reason"] == "not_found"


def test_a_part_of_a_serial_is_another_serial(standin: Standin) -> None:
    standin.add("100000101")
    standin.add("0000010")
    assert refused(standin, SERIAL)["reason"] == "not_found"


def test_a_serial_that_two_have_opens_neither(standin: Standin) -> None:
    dongles = [standin.add(SERIAL), standin.add(SERIAL)]
    failed = refused(standin, SERIAL)
    assert failed["reason"] == "invalid_option"
    assert "rtl_eeprom" in failed["hint"]
    assert [each.calls() for each in dongles] == [[], []]


def test_a_dongle_that_the_kernels_television_driver_has_is_busy(
    standin: Standin,
) -> None:
    standin.add(SERIAL, open_code=BUSY)
    failed = refused(standin, SERIAL)
    assert failed["reason"] == "busy"
    assert "dvb_usb_rtl28xxu" in failed["hint"]


def test_a_dongle_that_another_program_reads_is_busy_until_that_ends(
    standin: Standin, tmp_path: Path
) -> None:
    standin.add(SERIAL)
    rtl_fm = ["rtl_fm", "-d", SERIAL, "-f", "162.55M", "-"]
    with running(rtl_fm, standin.environment) as other:
        other.read()
        assert refused(standin, SERIAL)["reason"] == "busy"
    with reading(standin, SERIAL) as child:
        child.line()


def test_a_dongle_that_this_user_may_not_open_needs_a_udev_rule(
    standin: Standin,
) -> None:
    dongle = standin.add(SERIAL)
    for fail in (dongle.forbid, lambda: dongle.refuse(NO_PERMISSION)):
        dongle.plug()
        fail()
        failed = refused(standin, SERIAL)
        assert failed["reason"] == "no_permission"
        assert "/etc/udev/rules.d" in failed["hint"]


@pytest.mark.parametrize("code", [IO, NO_DEVICE, NOT_FOUND, 0])
def test_a_dongle_that_is_pulled_out_is_unplugged_whatever_the_code(
    standin: Standin, code: int
) -> None:
    dongle = standin.add(SERIAL)
    with reading(standin, SERIAL) as child:
        child.line()
        dongle.unplug(code)
        failed = child.until("reason")
    assert failed["reason"] == "unplugged"
    assert SERIAL in failed["hint"]


def test_it_is_told_that_a_dongle_is_gone_also_where_the_driver_does_not_let_go(
    standin: Standin,
) -> None:
    dongle = standin.add(SERIAL)
    with reading(standin, SERIAL) as child:
        child.line()
        dongle.change(plugged=False, fault="hang_close")
        assert child.until("reason")["reason"] == "unplugged"


def test_a_dongle_that_is_plugged_in_again_is_read_again(standin: Standin) -> None:
    dongle = standin.add(SERIAL)
    with reading(standin, SERIAL) as child:
        child.line()
        dongle.unplug()
        child.until("reason")
    assert refused(standin, SERIAL)["reason"] == "not_found"
    dongle.plug()
    with reading(standin, SERIAL) as child:
        child.line()


def test_a_reading_that_ends_with_the_dongle_still_there_is_broken(
    standin: Standin, tmp_path: Path
) -> None:
    """Its file ends, which the list of dongles does not show."""
    short = tmp_path / "short.u8"
    short.write_bytes(bytes(240_000))
    standin.add(SERIAL, iq=short, loop=False, unplug_code=IO)
    with reading(standin, SERIAL) as child:
        failed = child.until("reason")
    assert failed["reason"] == "broken"
    assert "-1" in failed["hint"]


def test_another_dongle_that_the_index_leads_to_is_left_as_it_was(
    standin: Standin,
) -> None:
    dongle = standin.add(SERIAL, opened_serial="00000102")
    failed = refused(standin, SERIAL)
    assert failed["reason"] == "broken"
    assert set(dongle.calls()) == {"open", "close"}
    dongle.change(opened_serial="")
    with reading(standin, SERIAL) as child:
        child.line()


def test_an_opening_that_fails_with_a_code_of_its_own_is_broken(
    standin: Standin,
) -> None:
    standin.add(SERIAL, open_code=-9)
    failed = refused(standin, SERIAL)
    assert failed["reason"] == "broken"
    assert "-9" in failed["hint"]


def test_a_dongle_that_sends_nothing_for_five_seconds_is_stalled(
    standin: Standin,
) -> None:
    dongle = standin.add(SERIAL)
    with reading(standin, SERIAL) as child:
        child.line()
        dongle.stall()
        assert child.until("reason")["reason"] == "stalled"


def test_a_stall_that_ends_before_is_a_gap(standin: Standin) -> None:
    dongle = standin.add(SERIAL)
    with reading(standin, SERIAL) as child:
        blocks = [child.line() for _ in range(30)]
        dongle.stall()
        with suppress(TimeoutError):
            while True:
                blocks.append(child.line(seconds=1.0))
        dongle.work()
        blocks += [child.line() for _ in range(50)]
    pairs = pairwise(blocks)
    lost = sum(b["first_sample"] - a["first_sample"] - a["samples"] for a, b in pairs)
    assert 1.0 * 240_000 < lost < 5 * 240_000


def test_a_stalled_dongle_is_left_soon(standin: Standin) -> None:
    dongle = standin.add(SERIAL)
    with reading(standin, SERIAL) as child:
        child.line()
        dongle.stall()
        child.end_input()
        assert child.until("ended_after")["ended_after"] < 3.0


def test_an_opening_that_hangs_is_stalled(standin: Standin) -> None:
    standin.add(SERIAL, fault="hang_open")
    failed = refused(standin, SERIAL)
    assert failed["reason"] == "stalled"
    assert "does not open" in failed["hint"]


def test_an_opening_that_hangs_is_left_within_a_second(standin: Standin) -> None:
    dongle = standin.add(SERIAL, fault="hang_open")
    with reading(standin, SERIAL) as child:
        wait_for(dongle.calls)
        child.end_input()
        assert child.until("ended_after")["ended_after"] < 1.0
        child.process.wait(10)


@pytest.mark.parametrize("fault", ["hang_close", "deaf"])
def test_a_driver_that_does_not_let_go_is_left_within_a_second(
    standin: Standin, fault: str
) -> None:
    dongle = standin.add(SERIAL)
    with reading(standin, SERIAL) as child:
        child.line()
        dongle.change(fault=fault)
        child.end_input()
        assert child.until("ended_after")["ended_after"] < 1.0
        child.process.wait(10)


@pytest.mark.parametrize("fault", ["crash", "crash_open"])
def test_a_crash_of_the_driver_ends_the_child_and_the_dongle_is_free(
    standin: Standin, fault: str
) -> None:
    dongle = standin.add(SERIAL)
    with reading(standin, SERIAL) as child:
        if fault == "crash":
            child.line()
        dongle.change(fault=fault)
        assert child.process.wait(20) == -signal.SIGSEGV
    dongle.work()
    with reading(standin, SERIAL) as child:
        child.line()
