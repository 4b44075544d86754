"""The names of sound cards: stable while numbers change, and apart where they repeat."""

import os
from pathlib import Path

import pytest

from eas_core.sources import sound_card, sound_input
from eas_core.sources.sound_input import (
    SoundInput,
    alsa_inputs,
    check_free,
    find_input,
    unique_names,
)
from eas_core.sources.sound_portaudio import portaudio_inputs
from eas_core.sources.source import SourceError, SourceErrorReason

CARDS = """\
 0 [PCH            ]: HDA-Intel - HDA Intel PCH
                      HDA Intel PCH at 0xf7c10000 irq 30
 1 [Device         ]: USB-Audio - USB PnP Sound Device
                      C-Media Electronics Inc. USB PnP Sound Device at usb-0000:00:14.0-1.3, full speed
 3 [Device_1       ]: USB-Audio - USB PnP Sound Device
                      C-Media Electronics Inc. USB PnP Sound Device at usb-0000:00:14.0-2, full speed
"""
PCM = """\
00-00: ALC256 Analog : ALC256 Analog : playback 1 : capture 1
00-03: HDMI 0 : HDMI 0 : playback 1
01-00: USB Audio : USB Audio : playback 1 : capture 1
03-00: USB Audio : USB Audio : playback 1 : capture 1
"""
"""As Linux tells of a built-in card and two equal sticks."""

SWAPPED = {"1": "3", "3": "1", "01-00": "03-00", "03-00": "01-00"}


class Machine:
    """The kernel's files, as far as they are read."""

    def __init__(self, folder: Path) -> None:
        self.asound = folder / "asound"
        self.nodes = folder / "snd"
        self.nodes.mkdir()
        self.has(CARDS, PCM)

    def has(self, cards: str, pcm: str) -> None:
        self.asound.mkdir(exist_ok=True)
        (self.asound / "cards").write_text(cards, encoding="utf-8")
        (self.asound / "pcm").write_text(pcm, encoding="utf-8")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine(tmp_path)
    monkeypatch.setattr(sound_input, "ASOUND", machine.asound)
    monkeypatch.setattr(sound_input, "SOUND_NODES", machine.nodes)
    return machine


def test_cards_are_named_as_they_are_and_by_their_port_where_they_are_alike(
    machine: Machine,
) -> None:
    assert unique_names(alsa_inputs()) == [
        "HDA Intel PCH: ALC256 Analog",
        "USB PnP Sound Device: USB Audio @ usb-0000:00:14.0-1.3",
        "USB PnP Sound Device: USB Audio @ usb-0000:00:14.0-2",
    ]


def test_a_name_finds_its_card_when_the_numbers_have_changed(machine: Machine) -> None:
    name = "USB PnP Sound Device: USB Audio @ usb-0000:00:14.0-2"
    assert find_input(alsa_inputs(), name).address == "hw:3,0"
    machine.has(
        CARDS.replace("14.0-1.3", "swap")
        .replace("14.0-2", "14.0-1.3")
        .replace("swap", "14.0-2"),
        PCM,
    )
    assert find_input(alsa_inputs(), name).address == "hw:1,0"


def test_a_name_with_a_port_never_finds_the_card_in_another(machine: Machine) -> None:
    only = "\n".join(CARDS.splitlines()[:4]) + "\n"
    machine.has(only, "\n".join(PCM.splitlines()[:3]))
    inputs = alsa_inputs()
    assert unique_names(inputs)[1] == "USB PnP Sound Device: USB Audio"
    for name in unique_names(inputs)[1], f"{inputs[1].name} @ {inputs[1].place}":
        assert find_input(inputs, name).address == "hw:1,0"
    with pytest.raises(SourceError) as error:
        find_input(inputs, f"{inputs[1].name} @ usb-0000:00:14.0-2")
    assert error.value.reason is SourceErrorReason.NOT_FOUND
    assert "'USB PnP Sound Device: USB Audio'" in error.value.hint


def test_a_name_that_two_cards_have_is_asked_for_again(machine: Machine) -> None:
    with pytest.raises(SourceError) as error:
        find_input(alsa_inputs(), "USB PnP Sound Device: USB Audio")
    assert error.value.reason is SourceErrorReason.INVALID_OPTION
    assert "usb-0000:00:14.0-1.3" in error.value.hint
    assert "usb-0000:00:14.0-2" in error.value.hint


class PortAudio:
    """What sounddevice tells of that machine."""

    @staticmethod
    def query_hostapis() -> tuple[dict[str, str], ...]:
        return ({"name": "ALSA"}, {"name": "JACK Audio Connection Kit"})

    @staticmethod
    def query_devices() -> list[dict[str, object]]:
        names = [
            ("HDA Intel PCH: ALC256 Analog (hw:0,0)", 0, 2, 44_100.0),
            ("HDA Intel PCH: HDMI 0 (hw:0,3)", 0, 0, 44_100.0),
            ("USB PnP Sound Device: USB Audio (hw:1,0)", 0, 1, 48_000.0),
            ("USB PnP Sound Device: USB Audio (hw:3,0)", 0, 1, 48_000.0),
            ("sysdefault", 0, 128, 48_000.0),
            ("surround51", 0, 6, 48_000.0),
            ("default", 0, 128, 44_100.0),
            ("system", 1, 2, 96_000.0),
        ]
        return [
            {
                "name": name,
                "hostapi": api,
                "max_input_channels": channels,
                "default_samplerate": rate,
            }
            for name, api, channels, rate in names
        ]


def test_portaudio_and_alsa_give_a_card_the_same_name(machine: Machine) -> None:
    inputs = portaudio_inputs(PortAudio)
    assert unique_names(inputs) == [*unique_names(alsa_inputs()), "default", "system"]
    assert [one.address for one in inputs] == [0, 2, 3, 6, 7]
    assert [one.channels for one in inputs] == [2, 1, 1, 2, 2]


def test_each_card_is_listed_once_and_what_a_server_shares_first(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = SoundInput(
        name="alsa_input.pci-0000_00_1f.3.analog-stereo",
        address="alsa_input.pci-0000_00_1f.3.analog-stereo",
        title="Built-in Audio",
        pcm=(0, 0),
    )
    monitor = SoundInput(name="out.monitor", address="", title="Out", monitor=True)
    monkeypatch.setattr(sound_card, "_pulse", lambda: [monitor, shared])
    monkeypatch.setattr(sound_card, "_portaudio", lambda: portaudio_inputs(PortAudio))
    assert [one.device for one in sound_card.find_sound_devices()] == [
        "pulse:alsa_input.pci-0000_00_1f.3.analog-stereo",
        "portaudio:USB PnP Sound Device: USB Audio @ usb-0000:00:14.0-1.3",
        "portaudio:USB PnP Sound Device: USB Audio @ usb-0000:00:14.0-2",
        "portaudio:system",
        "pulse:out.monitor",
    ]


def test_a_card_that_another_program_holds_is_busy_and_the_hint_names_it(
    machine: Machine,
) -> None:
    status = machine.asound / "card1" / "pcm0c" / "sub0" / "status"
    status.parent.mkdir(parents=True)
    status.write_text("closed\n", encoding="utf-8")
    name = "USB PnP Sound Device: USB Audio @ usb-0000:00:14.0-1.3"
    check_free(name)
    status.write_text("state: RUNNING\nowner_pid   : 1\n", encoding="utf-8")
    with pytest.raises(SourceError) as error:
        check_free(name)
    assert error.value.reason is SourceErrorReason.BUSY
    assert Path("/proc/1/comm").read_text(encoding="utf-8").strip() in error.value.hint


def test_a_card_that_may_not_be_opened_is_told_with_the_group_that_may(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    (machine.nodes / "pcmC0D0c").touch()
    # Root may open all, and tests run as root in places.
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(SourceError) as error:
        check_free("HDA Intel PCH: ALC256 Analog")
    assert error.value.reason is SourceErrorReason.NO_PERMISSION
    assert "group audio" in error.value.hint
    check_free("USB PnP Sound Device: USB Audio")


def test_a_machine_without_sound_has_no_cards(machine: Machine) -> None:
    machine.has("--- no soundcards ---\n", "")
    assert alsa_inputs() == []
