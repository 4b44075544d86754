"""A source in a child process is the same source, and a search the same search."""

from pathlib import Path
import threading

import numpy as np
import pytest

from eas_core.audio.block import AudioBlock, Block, IqBlock
from eas_core.clock import SystemClock
from eas_core.radio.plan import Tuning
from eas_core.sources.catalog import isolated
from eas_core.sources.dongle import DongleOptions
from eas_core.sources.isolated import IsolatedSource, call_in_child, find_in_child
from eas_core.sources.rtl_tcp import RtlTcpSource
from eas_core.sources.source import SourceError, SourceErrorReason
from eas_core.sources.stream import StreamSource
from tests.core.sources.isolated.isolation import children, heard, until
from tests.core.sources.isolated.odd import (
    Fault,
    Odd,
    OddDevice,
    Paint,
    find_bug,
    find_hang,
    find_odd,
    find_refused,
    find_segfault,
    measure,
)

TUNING = Tuning(center_frequency=162_487_500, sample_rate=240_000)


def read(source: IsolatedSource | Odd) -> list[Block]:
    return list(source.blocks(SystemClock(), threading.Event()))


def same(one: Block, other: Block) -> bool:
    return (
        type(one) is type(other)
        and one.samples.dtype == other.samples.dtype
        and np.array_equal(one.samples, other.samples)
        and one.sample_rate == other.sample_rate
        and one.first_sample == other.first_sample
    )


@pytest.mark.parametrize("radio", [False, True], ids=["audio", "radio"])
@pytest.mark.parametrize("live", [False, True], ids=["file", "live"])
def test_the_blocks_are_those_of_the_source(
    odd_child: None, radio: bool, live: bool
) -> None:
    source = Odd(fault=Fault.END, blocks_before=8, radio=radio, live=live)
    direct, crossed = read(source), read(IsolatedSource(source))
    assert len(crossed) == 8
    assert all(map(same, direct, crossed, strict=True))
    assert {type(block) for block in crossed} == {IqBlock if radio else AudioBlock}
    if radio:
        assert {block.center_frequency for block in crossed} == {162_487_500}  # type: ignore[union-attr]


def test_blocks_of_any_size_cross(odd_child: None) -> None:
    for pieces in (0, 1, 1_000_000):
        source = Odd(fault=Fault.END, live=False, radio=True, pieces=pieces)
        direct, crossed = read(source), read(IsolatedSource(source))
        assert len(crossed) == 3
        assert all(map(same, direct, crossed, strict=True))


def test_the_samples_may_be_written_to_as_those_of_the_source(odd_child: None) -> None:
    (block,) = read(IsolatedSource(Odd(fault=Fault.END, blocks_before=1)))
    block.samples[:] = 0


def test_values_of_all_kinds_reach_the_source(odd_child: None) -> None:
    source = Odd(
        fault=Fault.ECHO,
        blocks_before=0,
        words="a “word” in\ntwo lines, \udcff",
        closes_at=Path("/tmp/nowhere/at all"),
        tuning=TUNING,
        dongle=DongleOptions(gain_db=49.6, ppm=-3, bias_tee=True),
        paint=Paint.BLUE,
        mode="two",
        places=("011001", "024031"),
        pair=(1, 2.5),
    )
    with pytest.raises(SourceError) as caught:
        read(IsolatedSource(source))
    assert caught.value.hint == repr(source)


def test_the_sources_error_crosses_with_reason_and_hint(odd_child: None) -> None:
    source = IsolatedSource(Odd(fault=Fault.REFUSED, words="the “udev” rule"))
    with heard(source) as hearing:
        hearing.until_ended()
        assert len(hearing.blocks) == 3
        assert hearing.error is not None
        assert hearing.error.reason is SourceErrorReason.NO_PERMISSION
        assert hearing.error.hint == "Add the “udev” rule."


def test_a_fault_of_the_source_is_a_source_error_and_its_trace_is_logged(
    odd_child: None, caplog: pytest.LogCaptureFixture
) -> None:
    source = IsolatedSource(Odd(fault=Fault.BUG))
    for _ in range(2):
        with pytest.raises(SourceError, match="KeyError") as caught:
            read(source)
        assert caught.value.reason is SourceErrorReason.BROKEN
    assert "a fault of the source's own" in caplog.text


def test_what_is_printed_goes_to_the_log_and_not_between_the_samples(
    odd_child: None, caplog: pytest.LogCaptureFixture
) -> None:
    words = "opening http://user:se:cr@et@host/path?token=hidden&x=1 now"
    source = IsolatedSource(Odd(fault=Fault.EXIT, words=words))
    with pytest.raises(SourceError) as caught:
        read(source)
    assert caught.value.reason is SourceErrorReason.CRASHED
    assert "native words on standard output" in caplog.text
    assert "opening http://***@host/path?token=***&x=*** now" in caplog.text


@pytest.mark.parametrize("heard_before", [0, 3])
def test_a_child_that_crashes_again_and_again_does_not_fill_the_log(
    odd_child: None, caplog: pytest.LogCaptureFixture, heard_before: int
) -> None:
    source = IsolatedSource(Odd(fault=Fault.EXIT, blocks_before=heard_before))
    for _ in range(3):
        with pytest.raises(SourceError):
            read(source)
    warnings = [one for one in caplog.records if one.levelname == "WARNING"]
    assert len(warnings) == 1


def test_the_beat_tells_what_was_sent(odd_child: None) -> None:
    source = IsolatedSource(Odd())
    with heard(source):
        until(lambda: source.beat.samples > 0)
        assert source.beat.cpu_seconds > 0
        assert source.beat.dropped == 0
    assert source.pid is None


def test_only_native_sources_are_run_in_a_child() -> None:
    stream = StreamSource(url="http://127.0.0.1/")
    wrapped = isolated(stream)
    assert isinstance(wrapped, IsolatedSource)
    assert (wrapped.kind, wrapped.live) == (stream.kind, stream.live)
    remote = RtlTcpSource(host="127.0.0.1", tuning=TUNING)
    assert isolated(remote) is remote


def test_what_is_no_dataclass_of_plain_values_is_refused_at_once() -> None:
    class Loose:
        kind = "loose"
        live = True

        def blocks(self, *_: object) -> list[Block]:
            return []

    with pytest.raises(TypeError):
        IsolatedSource(Loose())  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        IsolatedSource(Odd(words=threading.Lock()))  # type: ignore[arg-type]


def test_a_search_gives_its_devices(odd_child: None) -> None:
    assert find_in_child(find_odd) == [
        OddDevice(name="first · ünï", channels=1),
        OddDevice(name="second", channels=2),
    ]
    assert children() == set()


def test_a_function_is_called_with_what_it_takes(odd_child: None) -> None:
    for times, found in ((2, OddDevice(name="abab", channels=2)), (0, None)):
        assert call_in_child(measure, "ab", times, what="it", seconds=20) == found


@pytest.mark.parametrize(
    ("find", "reason", "hint"),
    [
        (find_refused, SourceErrorReason.NO_LIBRARY, "Install the library."),
        (find_bug, SourceErrorReason.BROKEN, "KeyError"),
        (find_segfault, SourceErrorReason.CRASHED, "SIGSEGV"),
        (find_hang, SourceErrorReason.STALLED, "within 2 s"),
    ],
)
def test_a_search_that_fails_says_why(
    odd_child: None, find: object, reason: SourceErrorReason, hint: str
) -> None:
    with pytest.raises(SourceError, match=hint) as caught:
        find_in_child(find, seconds=2.0)  # type: ignore[arg-type]
    assert caught.value.reason is reason
    assert children() == set()
