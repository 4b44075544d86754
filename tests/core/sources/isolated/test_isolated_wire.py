"""The frames between child and parent, and the values in them."""

from collections.abc import Iterator
import os
from typing import Any

import numpy as np
import pytest

from eas_core.audio.block import AudioBlock, IqBlock
from eas_core.radio.plan import ChannelKind, RadioChannel, RadioPlan, Tuning
from eas_core.sources.child_process import LastLines
from eas_core.sources.child_values import from_plain
from eas_core.sources.child_wire import (
    Beat,
    Ended,
    Failed,
    Frame,
    FrameReader,
    Returned,
    WireError,
    write_frame,
)
from eas_core.sources.source import SourceErrorReason

SAMPLES = np.random.default_rng(5).standard_normal(37).astype(np.float32)
NOTES: list[Frame] = [
    Beat(samples=2**40, dropped=7, cpu_seconds=0.25),
    Failed(reason=SourceErrorReason.BUSY, hint="Close “the other” program."),
    Returned(value=[{"serial": "00000001", "name": None}]),
    Ended(),
]
BLOCKS: list[AudioBlock | IqBlock] = [
    AudioBlock(samples=SAMPLES, sample_rate=44_100, first_sample=2**40),
    IqBlock(
        samples=(SAMPLES * 1j).astype(np.complex64),
        sample_rate=240_000,
        first_sample=0,
        center_frequency=162_487_500,
    ),
]


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """Give a pipe whose reading end does not block."""
    read, write = os.pipe()
    os.set_blocking(read, False)
    yield read, write
    os.close(read)
    try:
        os.close(write)
    except OSError:
        pass


def bytes_of(*frames: Frame) -> bytes:
    read, write = os.pipe()
    for frame in frames:
        write_frame(write, frame)
    os.close(write)
    with os.fdopen(read, "rb") as file:
        return file.read()


@pytest.mark.parametrize("size", [1, 2, 7, 8, 9, 31, 33, 1000])
def test_any_cut_of_the_bytes_gives_the_same_frames(
    pipe: tuple[int, int], size: int
) -> None:
    reader = FrameReader(pipe[0])
    data = bytes_of(*NOTES, *BLOCKS)
    got = []
    for start in range(0, len(data), size):
        os.write(pipe[1], data[start : start + size])
        while (frame := reader.read()) is not None:
            got.append(frame)
    assert got[:4] == NOTES
    for sent, came in zip(BLOCKS, got[4:], strict=True):
        assert isinstance(came, type(sent))
        assert np.array_equal(sent.samples, came.samples)
        assert came.samples.dtype == sent.samples.dtype
        assert came.sample_rate == sent.sample_rate
        assert came.first_sample == sent.first_sample
    assert isinstance(got[5], IqBlock)
    assert got[5].center_frequency == 162_487_500


def test_the_end_of_the_pipe_is_told_also_within_a_frame(pipe: tuple[int, int]) -> None:
    reader = FrameReader(pipe[0])
    assert reader.read() is None
    os.write(pipe[1], bytes_of(BLOCKS[0])[:20])
    assert reader.read() is None
    os.close(pipe[1])
    with pytest.raises(EOFError):
        reader.read()


@pytest.mark.parametrize("place", [0, 1, 2, 3, 7, 15, 23])
def test_a_byte_that_is_wrong_in_a_head_or_format_is_no_frame(
    pipe: tuple[int, int], place: int
) -> None:
    data = bytearray(bytes_of(BLOCKS[0]))
    data[place] ^= 0xFF
    os.write(pipe[1], data)
    with pytest.raises(WireError):
        FrameReader(pipe[0]).read()


@pytest.mark.parametrize(
    ("form", "plain", "value"),
    [
        (int | None, None, None),
        (int | None, 5, 5),
        (float, 5, 5.0),
        (str | int, 5, 5),
        (tuple[str, ...], ["a", "b"], ("a", "b")),
        (tuple[int, str], [1, "b"], (1, "b")),
        (list[ChannelKind], ["fm", "am"], [ChannelKind.FM, ChannelKind.AM]),
        (Any, {"a": 1}, {"a": 1}),
        (
            RadioPlan,
            {
                "tuning": {
                    "center_frequency": 1,
                    "sample_rate": 2,
                    "direct_sampling": 2,
                },
                "channels": [{"name": "a", "frequency": 3, "kind": "fm"}],
            },
            RadioPlan(
                tuning=Tuning(center_frequency=1, sample_rate=2, direct_sampling=2),
                channels=(RadioChannel(name="a", frequency=3, kind=ChannelKind.FM),),
            ),
        ),
    ],
)
def test_values_are_rebuilt_by_their_types(form: Any, plain: Any, value: Any) -> None:
    built = from_plain(form, plain)
    assert built == value
    assert type(built) is type(value)


@pytest.mark.parametrize(
    ("form", "plain"),
    [
        (int, "5"),
        (int, True),
        (int, 5.0),
        (bool, 1),
        (str, None),
        (ChannelKind, "cw"),
        (tuple[int, str], [1]),
        (tuple[int, ...], "12"),
        (Tuning, {"center_frequency": 1}),
        (Tuning, [1, 2]),
        (int | None, "a"),
    ],
)
def test_what_is_no_such_value_is_refused(form: Any, plain: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        from_plain(form, plain)


def test_the_last_lines_are_bounded_and_hold_no_secret() -> None:
    lines = LastLines()
    for number in range(10_000):
        lines.feed(b"line %d: rtsp://me:pw@host/\n" % number)
    lines.feed(b"x" * 1_000_000)
    assert len(lines.lines) == LastLines.LINES + 1
    assert lines.lines[-2] == "line 9999: rtsp://***@host/"
    assert len(lines.lines[-1]) == LastLines.LENGTH
    lines.feed(b"\xff\n")
    assert "pw" not in "".join(lines.lines)
