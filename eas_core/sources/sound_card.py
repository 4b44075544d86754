"""A sound card, through PortAudio or, where that is missing, through ffmpeg."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
import threading
from typing import ClassVar, Final

from ..audio.block import AudioBlock, Block
from ..clock import Clock
from .sound_ffmpeg import hear_ffmpeg
from .sound_input import SoundInput, alsa_inputs, unique_names
from .sound_portaudio import hear_portaudio, library, portaudio_inputs
from .sound_program import find_ffmpeg
from .sound_pulse import pulse_inputs
from .source import SourceError, SourceErrorReason

type Hear = Callable[[str, int, Clock, threading.Event], Iterator[AudioBlock]]

WAYS: Final[Mapping[str, tuple[Hear, ...]]] = {
    "pulse": (partial(hear_ffmpeg, "pulse"),),
    "portaudio": (hear_portaudio, partial(hear_ffmpeg, "alsa")),
    "alsa": (partial(hear_ffmpeg, "alsa"), hear_portaudio),
}
"""How a device is heard by what its name begins with: a way whose library is
missing gives way to the next, which knows the same cards by the same names."""

SERVED: Final = ("default", "pulse", "pipewire")
"""ALSA's names for what the sound server lists itself."""

_MISSING: Final = (SourceErrorReason.NO_LIBRARY, SourceErrorReason.LIBRARY_UNUSABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundDevice:
    """An input; `device` is a name that is stable over restarts: `portaudio:…`, `pulse:…` or `alsa:…`."""

    device: str
    name: str
    channels: int


@dataclass(frozen=True, kw_only=True)
class SoundCardSource:
    """One channel of a sound card's input, or the mean of all where `channel` is 0.

    `device` is as `find_sound_devices` says; besides, `pulse:default` is the
    sound server's own choice, and after `alsa:` a card or a name of ALSA's configuration
    does (`is_alsa_name`).
    """

    kind: ClassVar = "sound_card"
    live: ClassVar = True

    device: str
    channel: int = 0

    def blocks(self, clock: Clock, stop: threading.Event) -> Iterator[Block]:
        """Yield AudioBlocks at a rate that the device really has. Native code: run it by IsolatedSource.

        What was lost on the way is a gap: of one sample at once where the
        driver tells of an overrun, of its length when a quarter of a second has
        come together, within two seconds.
        """
        way, _, name = self.device.partition(":")
        if way not in WAYS or not name:
            raise SourceError(
                SourceErrorReason.INVALID_OPTION,
                "Choose the sound card from the list, or name it as pulse:…, portaudio:… or alsa:….",
            )
        for hear in WAYS[way]:
            try:
                yield from hear(name, self.channel, clock, stop)
            except SourceError as error:
                if stop.is_set():
                    return
                if error.reason not in _MISSING:
                    raise
                missing = error
            else:
                return
        raise missing if way == "pulse" else _nothing_installed()


def find_sound_devices() -> list[SoundDevice]:
    """Return the inputs of this machine by every way that works, the best first.

    What a sound server shares comes before the cards themselves, which only one
    program can open; each card comes once. Last are the monitors, which hear
    what an output plays. Raises SourceError(NO_LIBRARY) where no way works.
    Calls native code: not for an event loop, and best in a child process
    (`isolated.find_in_child`).
    """
    found: dict[str, list[SoundInput]] = {}
    for way, find in (("pulse", _pulse), ("portaudio", _portaudio), ("alsa", _alsa)):
        with suppress(SourceError):
            found[way] = find()
    if not found:
        raise _nothing_installed()
    return _merge(found)


def _pulse() -> list[SoundInput]:
    find_ffmpeg()
    return pulse_inputs()


def _portaudio() -> list[SoundInput]:
    return portaudio_inputs(library())


def _alsa() -> list[SoundInput]:
    find_ffmpeg()
    return alsa_inputs()


def _merge(found: Mapping[str, list[SoundInput]]) -> list[SoundDevice]:
    served = SERVED if found.get("pulse") else ()
    cards: set[tuple[int, int]] = set()
    devices: list[tuple[bool, SoundDevice]] = []
    for way, inputs in found.items():
        for one, name in zip(inputs, unique_names(inputs), strict=True):
            if one.name in served or one.pcm in cards:
                continue
            if one.pcm is not None:
                cards.add(one.pcm)
            device = SoundDevice(
                device=f"{way}:{name}", name=_title(one, name), channels=one.channels
            )
            devices.append((one.monitor, device))
    return [device for _, device in sorted(devices, key=lambda each: each[0])]


def _title(one: SoundInput, name: str) -> str:
    """Return what people read; of an input whose name repeats, with its place."""
    title = one.title or one.name
    if name != one.name:
        title = f"{title} ({one.place})"
    return f"{title} (monitor: what an output plays)" if one.monitor else title


def _nothing_installed() -> SourceError:
    return SourceError(
        SourceErrorReason.NO_LIBRARY,
        "Install PortAudio (package libportaudio2 on Debian) or ffmpeg; in Home Assistant's own container choose an input of PulseAudio, or a stream.",
    )
