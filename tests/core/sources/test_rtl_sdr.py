"""A dongle is read by the real pyrtlsdr over the stand-in library, in processes of their own."""

from pathlib import Path
import zlib

import numpy as np
import pytest

from eas_core.radio.plan import NWR_CENTER, NWR_SAMPLE_RATE
from eas_core.sources.iq import complex_from_u8
from tests.standin import Standin
from tests.standin.child import reading, refused, wait_for

ONE = "00000101"
OTHER = "00000102"


@pytest.fixture
def iq(tmp_path: Path) -> Path:
    """Two and a half seconds of bytes that never repeat."""
    path = tmp_path / "iq.u8"
    count = 5 * NWR_SAMPLE_RATE
    path.write_bytes(np.random.default_rng(1).bytes(count))
    return path


@pytest.fixture
def standin(tmp_path: Path) -> Standin:
    return Standin(tmp_path / "standin")


def test_blocks_carry_the_samples_in_order_and_their_format(
    standin: Standin, iq: Path
) -> None:
    standin.add(ONE, iq=iq)
    with reading(standin, ONE) as child:
        blocks = [child.line() for _ in range(20)]
    whole = complex_from_u8(iq.read_bytes())
    position = 0
    for block in blocks:
        assert block["first_sample"] == position
        assert block["sample_rate"] == NWR_SAMPLE_RATE
        assert block["center_frequency"] == NWR_CENTER
        assert block["dtype"] == "complex64"
        assert block["samples"] == pytest.approx(NWR_SAMPLE_RATE / 20, rel=0.02)
        part = whole[position : position + block["samples"]]
        assert block["check"] == zlib.crc32(part.tobytes())
        position += block["samples"]


def test_the_least_and_the_greatest_byte_are_full_scale() -> None:
    assert complex_from_u8(b"\x00\xff\x7f\x80").tolist() == pytest.approx(
        [-1 + 1j, -0.5 / 127.5 + 0.5j / 127.5]
    )


def test_each_dongle_is_opened_by_its_serial(standin: Standin) -> None:
    dongles = {serial: standin.add(serial) for serial in ("7", ONE, OTHER)}
    for serial in (OTHER, "7", ONE):
        with reading(standin, serial) as child:
            child.line()
            opened = {name for name, each in dongles.items() if each.calls()}
            assert opened == {serial}
            child.end_input()
            child.until("ended_after")
        dongles[serial].path.with_name(f"{dongles[serial].path.name}.calls").unlink()


def test_two_dongles_are_read_at_once(standin: Standin) -> None:
    one, other = standin.add(ONE), standin.add(OTHER)
    with reading(standin, ONE) as first, reading(standin, OTHER) as second:
        first.line()
        second.line()
        assert one.state()["open"] == other.state()["open"] == 1


def test_what_the_options_say_is_set_on_the_dongle(standin: Standin) -> None:
    dongle = standin.add(ONE)
    options = {"gain_db": 28.3, "ppm": -3, "agc": True, "bias_tee": True}
    with reading(standin, ONE, **options) as child:
        child.line()
        state = dongle.state()
    assert state["sample_rate"] == NWR_SAMPLE_RATE
    assert state["center_frequency"] == NWR_CENTER
    assert state["ppm"] == -3
    assert state["manual_gain"] == 1
    assert state["gain"] == 280
    assert state["agc"] == 1
    assert state["bias_tee"] == 1
    assert state["direct_sampling"] == 0


def test_a_dongle_is_set_up_before_it_is_read_and_once_only(standin: Standin) -> None:
    dongle = standin.add(ONE)
    with reading(standin, ONE, ppm=12) as child:
        child.line()
        calls = dongle.calls()
    assert calls == [
        "open",
        "set_freq_correction 12",
        "set_sample_rate 240000",
        "set_center_freq 162487500",
        "set_tuner_gain_mode 0",
        "set_agc_mode 0",
        "set_bias_tee 0",
        "reset_buffer",
        "read_async 24064",
    ]


def test_an_unchanged_correction_is_not_set(standin: Standin) -> None:
    dongle = standin.add(ONE)
    with reading(standin, ONE, ppm=0) as child:
        child.line()
        assert not [each for each in dongle.calls() if "correction" in each]


def test_direct_sampling_leaves_the_tuner_alone(standin: Standin) -> None:
    dongle = standin.add(ONE)
    tuning = {"center_frequency": 1_070_000, "direct_sampling": 2, "gain_db": 20}
    with reading(standin, ONE, **tuning) as child:
        child.line()
        state, calls = dongle.state(), dongle.calls()
    assert state["direct_sampling"] == 2
    assert state["center_frequency"] == 1_070_000
    assert calls[1] == "set_direct_sampling 2"
    assert not [each for each in calls if "tuner_gain" in each]


def test_a_bias_tee_that_was_left_on_is_turned_off(standin: Standin) -> None:
    dongle = standin.add(ONE)
    with reading(standin, ONE, bias_tee=True) as child:
        child.line()
        child.process.kill()
        child.process.wait()
    assert dongle.state()["bias_tee"] == 1
    with reading(standin, ONE) as child:
        child.line()
        assert dongle.state()["bias_tee"] == 0


def test_it_stops_within_a_second_and_leaves_the_dongle_free(standin: Standin) -> None:
    dongle = standin.add(ONE)
    with reading(standin, ONE, bias_tee=True) as child:
        child.line()
        child.end_input()
        assert child.until("ended_after")["ended_after"] < 1.0
        child.process.wait(10)
    assert dongle.calls()[-2:] == ["set_bias_tee 0", "close"]
    assert dongle.state()["open"] == dongle.state()["bias_tee"] == 0
    with reading(standin, ONE) as child:
        child.line()


def test_samples_that_the_dongle_loses_are_a_gap(standin: Standin) -> None:
    dongle = standin.add(ONE)
    with reading(standin, ONE) as child:
        end = 0
        for _ in range(40):
            end = (block := child.line())["first_sample"] + block["samples"]
        dongle.lose(60_000)
        while (block := child.line())["first_sample"] == end:
            end += block["samples"]
            assert block["first_sample"] < 10 * NWR_SAMPLE_RATE
    lost = block["first_sample"] - end
    assert lost == pytest.approx(60_000, abs=0.02 * NWR_SAMPLE_RATE)


def test_what_a_slow_user_does_not_take_is_a_gap_at_its_place(
    standin: Standin, iq: Path
) -> None:
    """The user sleeps for 4 s on the first block: two seconds are kept for it."""
    standin.add(ONE, iq=iq)
    with reading(standin, ONE, pause=4.0) as child:
        first, second = child.line(), child.line()
        after = [child.line() for _ in range(30)]
    lost = second["first_sample"] - first["samples"]
    assert 1.5 * NWR_SAMPLE_RATE < lost < 3.5 * NWR_SAMPLE_RATE
    whole = complex_from_u8(3 * iq.read_bytes())
    end = second["first_sample"]
    for block in [second, *after]:
        assert block["first_sample"] == end
        end += block["samples"]
        part = whole[block["first_sample"] : end]
        assert block["check"] == zlib.crc32(part.tobytes())


def test_a_crystal_that_is_off_is_no_loss(standin: Standin) -> None:
    standin.add(ONE, skew_ppm=-100)
    with reading(standin, ONE) as child:
        end = 0
        for _ in range(100):
            block = child.line()
            assert block["first_sample"] == end
            end += block["samples"]


def test_buffers_of_any_length_are_put_together(standin: Standin, iq: Path) -> None:
    standin.add(ONE, iq=iq, fault="short")
    with reading(standin, ONE) as child:
        lengths = [child.line()["samples"] for _ in range(20)]
    assert len(set(lengths)) > 5


def test_garbage_is_samples_within_full_scale(standin: Standin) -> None:
    standin.add(ONE, fault="garbage")
    with reading(standin, ONE) as child:
        assert all(child.line()["peak"] <= 1.0 for _ in range(10))


def test_a_rate_that_the_dongle_has_not_is_an_option_to_change(
    standin: Standin,
) -> None:
    standin.add(ONE)
    failed = refused(standin, ONE, sample_rate=500_000)
    assert failed["reason"] == "invalid_option"
    assert "500000" in failed["hint"]


def test_a_gain_for_a_tuner_without_a_table_is_an_option_to_change(
    standin: Standin,
) -> None:
    standin.add(ONE, tuner=4)
    assert refused(standin, ONE, gain_db=20)["reason"] == "invalid_option"
    with reading(standin, ONE) as child:
        child.line()


def test_a_refused_option_leaves_the_dongle_closed(standin: Standin) -> None:
    dongle = standin.add(ONE)
    refused(standin, ONE, sample_rate=500_000)
    wait_for(lambda: dongle.state()["open"] == 0)
