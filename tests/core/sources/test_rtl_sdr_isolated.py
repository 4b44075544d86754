"""The child process of the product reads a dongle by pyrtlsdr: what fails there is told here."""

from collections.abc import Callable
from pathlib import Path
import threading

import pytest

from eas_core.audio.block import IqBlock
from eas_core.clock import SystemClock
from eas_core.radio.plan import nwr_plan
from eas_core.sources.catalog import isolated
from eas_core.sources.isolated import find_in_child
from eas_core.sources.rtl_sdr import DongleFound, RtlSdrSource, find_dongles
from eas_core.sources.source import SourceError, SourceErrorReason
from tests.standin import Standin, StandinDongle

SERIAL = "00000101"


@pytest.fixture
def dongle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandinDongle:
    """A dongle that children of this process find."""
    standin = Standin(tmp_path / "standin")
    for name, value in standin.variables.items():
        monkeypatch.setenv(name, value)
    return standin.add(SERIAL)


def test_the_search_finds_it(dongle: StandinDongle) -> None:
    found = DongleFound(serial=SERIAL, name="Realtek RTL2838UHIDIR")
    assert find_in_child(find_dongles, 60) == [found]


def test_it_is_heard_and_closed(dongle: StandinDongle) -> None:
    stop = threading.Event()
    position = 0
    for block in isolated(source()).blocks(SystemClock(), stop):
        assert isinstance(block, IqBlock)
        assert block.first_sample == position
        position += len(block.samples)
        if position > block.sample_rate:
            stop.set()
    assert dongle.state()["open"] == 0


@pytest.mark.parametrize(
    ("fail", "reason"),
    [
        (StandinDongle.unplug, SourceErrorReason.UNPLUGGED),
        (StandinDongle.stall, SourceErrorReason.STALLED),
        (StandinDongle.crash, SourceErrorReason.CRASHED),
    ],
    ids=["unplugged", "stalled", "crashed"],
)
def test_what_fails_is_told_and_the_next_try_hears_again(
    dongle: StandinDongle,
    fail: Callable[[StandinDongle], None],
    reason: SourceErrorReason,
) -> None:
    blocks = isolated(source()).blocks(SystemClock(), threading.Event())
    next(blocks)
    fail(dongle)
    with pytest.raises(SourceError) as caught:
        list(blocks)
    assert caught.value.reason is reason
    dongle.plug()
    stop = threading.Event()
    heard = 0
    for block in isolated(source()).blocks(SystemClock(), stop):
        heard += len(block.samples)
        stop.set()
    assert heard > 0


def source() -> RtlSdrSource:
    return RtlSdrSource(serial=SERIAL, tuning=nwr_plan().tuning)
