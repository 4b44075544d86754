"""Prints what each fault of a sound card comes to, and after how long it is heard again.

`python -m tests.core.sources.sound_faults`, on a machine with PulseAudio.
"""

from collections.abc import Callable
import signal
import time
from typing import Any

from tests.core.sources.sound_cards import Listener, listening
from tests.peers.pulse import PulseAudio, pulseaudio

WAYS = ("portaudio:radio", "pulse:radio.monitor", "alsa:radio")

type Do = Callable[[PulseAudio, Listener], Any]


def nothing(pulse: PulseAudio, listener: Listener) -> None:
    """What needs no mending."""


def kill_programs(pulse: PulseAudio, listener: Listener) -> None:
    for pid in listener.programs():
        listener.signal(pid, signal.SIGKILL)


def let_go_on(pulse: PulseAudio, listener: Listener) -> None:
    assert pulse.process is not None
    pulse.process.send_signal(signal.SIGCONT)


FAULTS: dict[str, tuple[Do, Do]] = {
    "the server is killed": (lambda p, _: p.kill(), lambda p, _: p.start()),
    "the input is suspended": (
        lambda p, _: p.control("suspend-sink", "radio", "1"),
        lambda p, _: p.control("suspend-sink", "radio", "0"),
    ),
    "the input is taken away": (
        lambda p, _: p.control("unload-module", "module-null-sink"),
        lambda p, _: p.load("module-null-sink", "sink_name=radio", "rate=32000"),
    ),
    "the server hangs": (lambda p, _: p.pause(), let_go_on),
    "ffmpeg is killed": (kill_programs, nothing),
}


def meet(device: str, fault: Do, mend: Do) -> str:
    """Return the reason, after how long it was told, and from the mend to the next block."""
    with pulseaudio() as pulse:
        with listening(pulse.env, device) as listener:
            listener.wait_for_audio(0.5)
            if fault is kill_programs and not listener.programs():
                return ""
            begun = time.monotonic()
            fault(pulse, listener)
            told = listener.wait("error")
            mend(pulse, listener)
        mended = time.monotonic()
        with listening(pulse.env, device) as listener:
            again = listener.wait("first")["at"] - mended
    return f"`{told['error']}` {told['at'] - begun:.1f} s, again {again:.1f} s"


def main() -> None:
    print("| fault | PortAudio | PulseAudio by ffmpeg | ALSA by ffmpeg |")
    print("| --- | --- | --- | --- |")
    for name, (fault, mend) in FAULTS.items():
        cells = " | ".join(meet(device, fault, mend) for device in WAYS)
        print(f"| {name} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
