"""What can go wrong with a sound card, with a real PulseAudio that has it go wrong."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import pairwise
import os
import signal
import threading
import time

import pytest

from eas_core.clock import SystemClock
from eas_core.sources.isolated import IsolatedSource
from eas_core.sources.sound_card import SoundCardSource
from eas_core.sources.source import SourceError, SourceErrorReason
from tests.core.sources.sound_cards import (
    Listener,
    listening,
    programs_of,
    runs,
    wait_for_audio,
)
from tests.peers.network import until
from tests.peers.pulse import PulseAudio, pulseaudio

WAYS = ("portaudio:radio", "pulse:radio.monitor", "alsa:radio")


@pytest.fixture
def pulse() -> Iterator[PulseAudio]:
    with pulseaudio() as daemon:
        yield daemon


@contextmanager
def opening(pulse: PulseAudio) -> Iterator[list[Listener]]:
    """Have one begin to listen by each way."""
    with ExitStack() as stack:
        listeners = [
            stack.enter_context(listening(pulse.env, device)) for device in WAYS
        ]
        for listener in listeners:
            listener.wait("started")
        yield listeners


@contextmanager
def hearing(pulse: PulseAudio, seconds: float = 0.5) -> Iterator[list[Listener]]:
    """Have one listen by each way, which have heard so much already."""
    with opening(pulse) as listeners:
        wait_for_audio(listeners, seconds)
        yield listeners


def suspend(pulse: PulseAudio, *, on: bool) -> None:
    pulse.control("suspend-sink", "radio", "1" if on else "0")


def test_a_sound_server_that_dies_is_told_and_heard_again_when_it_is_back(
    pulse: PulseAudio,
) -> None:
    # PortAudio does not list what leads to no server.
    with hearing(pulse) as listeners:
        pulse.kill()
        killed = time.monotonic()
        told = [listener.wait("error") for listener in listeners]
        reasons = [each["error"] for each in told]
        assert reasons == ["unplugged", "disconnected", "disconnected"]
        assert max(each["at"] for each in told) - killed < 5.0
    with opening(pulse) as listeners:
        reasons = [listener.wait("error")["error"] for listener in listeners]
        assert reasons == ["not_found", "unreachable", "unreachable"]
    pulse.start()
    with hearing(pulse):
        pass


def test_an_input_that_is_suspended_stalls_within_ten_seconds(
    pulse: PulseAudio,
) -> None:
    with hearing(pulse) as listeners:
        suspend(pulse, on=True)
        suspended = time.monotonic()
        for listener in listeners:
            told = listener.wait("error")
            assert told["error"] == "stalled"
            assert 4.0 < told["at"] - suspended < 10.0


def test_what_is_lost_while_an_input_is_suspended_is_a_gap_of_that_length(
    pulse: PulseAudio,
) -> None:
    with hearing(pulse, seconds=2.5) as listeners:
        before = [ahead(listener) for listener in listeners]
        suspend(pulse, on=True)
        time.sleep(2.0)
        suspend(pulse, on=False)
        wait_for_audio(listeners, 4.0)
        for listener, ahead_before in zip(listeners, before, strict=True):
            assert 1.5 < sum(lost_seconds(listener)) < 2.6
            assert ahead(listener) == pytest.approx(ahead_before, abs=0.2)


def test_what_is_lost_while_this_machine_does_not_get_round_to_it_is_a_gap(
    pulse: PulseAudio,
) -> None:
    with hearing(pulse, seconds=2.5) as listeners:
        before = [ahead(listener) for listener in listeners]
        held = [(one, [one.process.pid, *one.programs()]) for one in listeners]
        for number, seconds in ((signal.SIGSTOP, 8.0), (signal.SIGCONT, 0.0)):
            for listener, pids in held:
                for pid in pids:
                    listener.signal(pid, number)
            time.sleep(seconds)
        wait_for_audio(listeners, 12.0)
        for listener, ahead_before in zip(listeners, before, strict=True):
            assert ahead(listener) == pytest.approx(ahead_before, abs=0.3)


def test_an_input_that_works_has_no_gaps(pulse: PulseAudio) -> None:
    with hearing(pulse, seconds=10.0) as listeners:
        assert [lost_seconds(listener) for listener in listeners] == [[], [], []]


def test_an_input_that_is_taken_away_is_unplugged(pulse: PulseAudio) -> None:
    module = pulse.load("module-null-sink", "sink_name=usb", "rate=16000")
    with listening(pulse.env, "pulse:usb.monitor") as listener:
        listener.wait_for_audio(0.5)
        pulse.control("unload-module", module)
        gone = time.monotonic()
        # The server has it go on with another source.
        told = listener.wait("error")
        assert told["error"] == "unplugged"
        assert told["at"] - gone < 5.0
    with listening(pulse.env, "pulse:usb.monitor") as listener:
        assert listener.wait("error")["error"] == "not_found"


@pytest.mark.parametrize(
    ("device", "reason", "again"),
    [
        # PortAudio says only that there was an error.
        ("portaudio:radio", "disconnected", "broken"),
        ("alsa:radio", "unplugged", "not_found"),
    ],
)
def test_a_name_of_alsa_whose_source_is_taken_away_ends(
    pulse: PulseAudio, device: str, reason: str, again: str
) -> None:
    with listening(pulse.env, device) as listener:
        listener.wait_for_audio(0.5)
        pulse.control("unload-module", "module-null-sink")
        assert listener.wait("error")["error"] == reason
    with listening(pulse.env, device) as listener:
        assert listener.wait("error")["error"] == again


def test_a_sound_server_that_hangs_stalls_and_can_be_stopped(pulse: PulseAudio) -> None:
    with hearing(pulse) as listeners, hearing(pulse) as others:
        pulse.pause()
        time.sleep(1.0)
        assert max(other.stop() for other in others) < 1.0
        reasons = {listener.wait("error")["error"] for listener in listeners}
        assert reasons == {"stalled"}
    with opening(pulse) as listeners:
        time.sleep(1.0)
        assert max(listener.stop() for listener in listeners) < 1.0


@pytest.mark.parametrize("seconds", [0.0, 0.3, 1.0, 3.0])
def test_it_stops_within_a_second_at_any_moment(
    pulse: PulseAudio, seconds: float
) -> None:
    with opening(pulse) as listeners:
        time.sleep(seconds)
        for listener in listeners:
            assert listener.stop() < 1.0
            assert not listener.programs()


@pytest.mark.parametrize("stalled", [False, True])
def test_ffmpeg_does_not_outlive_a_process_that_is_killed(
    pulse: PulseAudio, stalled: bool
) -> None:
    with listening(pulse.env, "pulse:radio.monitor") as listener:
        listener.wait_for_audio(0.5)
        (ffmpeg,) = listener.programs()
        if stalled:
            suspend(pulse, on=True)
            time.sleep(0.5)
        listener.process.kill()
        until(lambda: not runs(ffmpeg), 1.0)


def test_an_ffmpeg_that_is_killed_is_told(pulse: PulseAudio) -> None:
    with listening(pulse.env, "pulse:radio.monitor") as listener:
        listener.wait_for_audio(0.5)
        (ffmpeg,) = listener.programs()
        listener.signal(ffmpeg, signal.SIGKILL)
        assert listener.wait("error")["error"] == "disconnected"


@pytest.mark.parametrize("device", ["portaudio:radio", "pulse:radio.monitor"])
def test_a_child_process_that_is_killed_costs_seconds_and_leaves_nothing_behind(
    pulse: PulseAudio, monkeypatch: pytest.MonkeyPatch, device: str
) -> None:
    for name, value in pulse.env.items():
        monkeypatch.setenv(name, value)
    source = IsolatedSource(SoundCardSource(device=device))
    blocks = source.blocks(SystemClock(), threading.Event())
    next(blocks)
    child = source.pid
    assert child is not None
    programs = programs_of(child)
    assert bool(programs) is device.startswith("pulse")
    os.kill(child, signal.SIGKILL)
    killed = time.monotonic()
    with pytest.raises(SourceError) as error:
        for _ in blocks:
            pass
    assert error.value.reason is SourceErrorReason.CRASHED
    until(lambda: not any(runs(pid) for pid in programs), 1.0)
    again = source.blocks(SystemClock(), threading.Event())
    next(again)
    assert time.monotonic() - killed < 5.0
    again.close()  # type: ignore[attr-defined]


def lost_seconds(listener: Listener) -> list[float]:
    """Return the gaps between its blocks, in seconds."""
    blocks = listener.blocks
    return [
        (after["first"] - before["first"] - before["count"]) / before["rate"]
        for before, after in pairwise(blocks)
        if after["first"] != before["first"] + before["count"]
    ]


def ahead(listener: Listener) -> float:
    """Return by how many seconds its count of samples is before the clock, from a constant."""
    return max(
        float((block["first"] + block["count"]) / block["rate"] - block["at"])
        for block in listener.blocks[-10:]
    )
