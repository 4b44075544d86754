"""Sound cards: a real PulseAudio, PortAudio, ALSA and ffmpeg hear what a sink's monitor gives."""

from collections.abc import Iterator
from contextlib import ExitStack

import numpy as np
import pytest

from eas_core.modem.encoder import encode_message
from tests.core.sources.sound_cards import (
    found,
    listening,
    wait_for_audio,
    without_programs,
)
from tests.peers.pulse import PulseAudio, pulseaudio

TORNADO = "ZCZC-WXR-TOR-039173-039051+0030-1591829-KCLE/NWS-"


@pytest.fixture
def pulse() -> Iterator[PulseAudio]:
    with pulseaudio() as daemon:
        yield daemon


def test_a_message_is_heard_through_portaudio_pulseaudio_and_alsa(
    pulse: PulseAudio,
) -> None:
    left = encode_message(TORNADO, 32_000, attention=None, amplitude=0.2)
    ways = {
        ("portaudio:radio", "1"): 0.2,
        ("pulse:radio.monitor", "0"): 0.1,
        ("alsa:radio", "1"): 0.2,
        ("pulse:radio.monitor", "2"): 0.0,
    }
    with ExitStack() as stack:
        listeners = [stack.enter_context(listening(pulse.env, *way)) for way in ways]
        wait_for_audio(listeners, 0.5)
        pulse.play(np.stack((left, np.zeros_like(left)), axis=1), 32_000, "radio")
        wait_for_audio(listeners, 1.0)
        for listener, level in zip(listeners, ways.values(), strict=True):
            assert listener.headers == ([TORNADO, "NNNN"] if level else [])
            peak = max(block["peak"] for block in listener.blocks)
            # A sample that the sound server leaves out rings in its resampler.
            assert 0.9 * level <= peak <= 1.4 * level + 0.001
            assert listener.stop() < 1.0


@pytest.mark.parametrize(
    ("rate", "heard_at"), [(8_000, 8_000), (22_050, 22_050), (192_000, 48_000)]
)
def test_a_source_of_pulseaudio_is_heard_at_its_own_rate_where_it_is_up_to_96_khz(
    pulse: PulseAudio, rate: int, heard_at: int
) -> None:
    pulse.load("module-null-sink", "sink_name=own", f"rate={rate}", "channels=1")
    with listening(pulse.env, "pulse:own.monitor") as listener:
        listener.wait_for_audio(0.5)
        assert {block["rate"] for block in listener.blocks} == {heard_at}


def test_a_microphone_with_one_channel_is_opened_with_one(pulse: PulseAudio) -> None:
    with listening(pulse.env, "alsa:mono", "1") as listener:
        listener.wait_for_audio(0.5)
    for way in ("alsa", "portaudio"):
        with listening(pulse.env, f"{way}:mono", "2") as listener:
            told = listener.wait("error")
            assert told["error"] == "invalid_option"
            assert "channel 1 to 1" in told["hint"]


def test_the_search_lists_inputs_first_and_monitors_last_and_named_as_such(
    pulse: PulseAudio,
) -> None:
    pulse.load(
        "module-remap-source",
        "source_name=mic",
        "master=radio.monitor",
        "source_properties=device.description=Microphone",
    )
    devices = found(pulse.env)
    assert [one["device"] for one in devices] == [
        "pulse:mic",
        "portaudio:radio",
        "portaudio:mono",
        "pulse:radio.monitor",
    ]
    assert devices[0]["name"] == "Microphone"
    assert "monitor" in devices[-1]["name"]
    assert [one["channels"] for one in devices] == [2, 2, 1, 2]


def test_without_portaudio_its_devices_are_heard_through_ffmpeg(
    pulse: PulseAudio,
) -> None:
    for library in ("portaudio", "sounddevice"):
        without = "--without", library
        assert [one["device"] for one in found(pulse.env, *without)] == [
            "pulse:radio.monitor"
        ]
        with listening(pulse.env, *without, "portaudio:radio") as listener:
            listener.wait_for_audio(0.5)
            assert listener.programs(), "ffmpeg runs"


def test_without_ffmpeg_alsa_is_heard_through_portaudio(pulse: PulseAudio) -> None:
    env = without_programs(pulse.env)
    assert [one["device"] for one in found(env)] == [
        "portaudio:radio",
        "portaudio:mono",
        "portaudio:default",
    ]
    with listening(env, "alsa:radio") as listener:
        listener.wait_for_audio(0.5)
        assert not listener.programs()
    with listening(env, "pulse:radio.monitor") as listener:
        told = listener.wait("error")
        assert told["error"] == "no_library"
        assert "Install ffmpeg" in told["hint"]


def test_where_neither_works_one_sentence_says_what_to_install(
    pulse: PulseAudio,
) -> None:
    env = without_programs(pulse.env)
    for device in ((), ("portaudio:radio",), ("alsa:radio",)):
        with listening(env, "--without", "portaudio", *device) as listener:
            told = listener.wait("error")
            assert told["error"] == "no_library"
            assert "libportaudio2" in told["hint"]
            assert "PulseAudio" in told["hint"]


def test_a_name_that_is_no_device_is_told_with_those_that_are(
    pulse: PulseAudio,
) -> None:
    for device, reason, said in (
        ("pulse:gone", "not_found", "'radio.monitor'"),
        ("portaudio:gone", "not_found", "'radio'"),
        ("alsa:gone", "not_found", "none"),
        ("alsa:hw:7,0", "not_found", "'hw:7,0'"),
        ("radio", "invalid_option", "pulse:"),
        ("pulse:", "invalid_option", "pulse:"),
    ):
        with listening(pulse.env, device) as listener:
            told = listener.wait("error")
            assert told["error"] == reason, device
            assert said in told["hint"], told["hint"]


def test_a_channel_that_the_device_does_not_have_is_refused(pulse: PulseAudio) -> None:
    for device in ("pulse:radio.monitor", "portaudio:radio", "alsa:radio"):
        with listening(pulse.env, device, "3") as listener:
            told = listener.wait("error")
            assert told["error"] == "invalid_option"
            assert "channel 1 to 2" in told["hint"]
