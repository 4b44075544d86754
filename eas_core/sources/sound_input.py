"""An input of a sound card, by a name that outlives its number."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
import os
from pathlib import Path
import re
from typing import Final

from .source import SourceError, SourceErrorReason

ASOUND: Final = Path("/proc/asound")
"""What the kernel tells of its sound cards."""

SOUND_NODES: Final = Path("/dev/snd")


_ALSA_NAME: Final = re.compile(
    r"[\w.-]+|(hw|plughw|dsnoop|sysdefault|default|front):[\w=,.-]+", re.ASCII
)
"""A card, or what asound.conf gives a name. What else ALSA takes with arguments writes files
and runs programs: `file:'|…'`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundInput:
    """An input as one way to hear knows it.

    `address` opens it now: a number or a name that the next plugging may change.
    `place` tells it from others of its name: the port that it is plugged into.
    `pcm` is ALSA's card and device where it is one's.
    """

    name: str
    address: str | int
    place: str = ""
    title: str = ""
    channels: int = 2
    sample_rate: int = 48_000
    pcm: tuple[int, int] | None = None
    monitor: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """A sound card of this machine; `place` stays the same while it stays in its port."""

    name: str
    place: str


def unique_names(inputs: Sequence[SoundInput]) -> list[str]:
    """Return a name for each: its own, with its place where another has the same."""
    times = Counter(one.name for one in inputs)
    return [_placed(one) if times[one.name] > 1 else one.name for one in inputs]


def find_input(inputs: Sequence[SoundInput], name: str) -> SoundInput:
    """Return the input of a name that `unique_names` gave.

    Raises SourceError: NOT_FOUND, or INVALID_OPTION where another input has
    come that has the same name, as nobody knows which one is meant.
    """
    fitting = [one for one in inputs if name in (one.name, _placed(one))]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        places = " or ".join(repr(_placed(one)) for one in fitting)
        raise SourceError(
            SourceErrorReason.INVALID_OPTION,
            f"Choose the sound card again, as there are several of this name: {places}.",
        )
    there = ", ".join(repr(each) for each in unique_names(inputs)) or "none"
    raise SourceError(
        SourceErrorReason.NOT_FOUND,
        f"Plug the sound card in or choose another: {name!r} is not among the inputs ({there}).",
    )


def is_alsa_name(name: str) -> bool:
    """Whether a name that somebody has typed is one that ALSA may be given."""
    return _ALSA_NAME.fullmatch(name) is not None


def check_channel(channel: int, channels: int) -> None:
    """Raise SourceError(INVALID_OPTION) for a channel that an input does not have."""
    if not 0 <= channel <= channels:
        raise SourceError(
            SourceErrorReason.INVALID_OPTION,
            f"Choose channel 1 to {channels}, or 0 for the mean of all: this input has no {channel}.",
        )


def alsa_cards() -> dict[int, Card]:
    """Return the kernel's sound cards by their numbers; none where it has no sound."""
    text = _read(ASOUND / "cards")
    found = re.findall(
        r"^ *(\d+) \[(\S+) *\]: .*? - (.*)\n(?: +(.*))?", text, re.MULTILINE
    )
    return {
        int(number): Card(name.strip(), _place_of(long_name) or identity)
        for number, identity, name, long_name in found
    }


def alsa_inputs() -> list[SoundInput]:
    """Return what can be recorded from by ALSA alone: one input a card and device.

    The names are those that PortAudio makes, so that either way opens the other's.
    """
    cards = alsa_cards()
    inputs = []
    for line in _read(ASOUND / "pcm").splitlines():
        # 01-00: USB Audio : USB Audio : playback 1 : capture 1
        found = re.match(r"(\d+)-(\d+): .*? ?: (.*?) ?: .*capture", line)
        if found and (card := cards.get(int(found[1]))):
            pcm = int(found[1]), int(found[2])
            address = f"hw:{pcm[0]},{pcm[1]}"
            one = SoundInput(name=f"{card.name}: {found[3]}", address=address)
            inputs.append(at_card(one, card, pcm))
    return inputs


def at_card(one: SoundInput, card: Card, pcm: tuple[int, int]) -> SoundInput:
    """Return an input with its place: that of its card, and of the device in it."""
    place = f"{card.place},{pcm[1]}" if pcm[1] else card.place
    return replace(one, place=place, pcm=pcm)


def check_free(name: str) -> None:
    """Raise SourceError where a card is there and cannot be had: NO_PERMISSION, BUSY."""
    for one in alsa_inputs():
        if one.pcm is None or name not in (one.name, _placed(one)):
            continue
        card, device = one.pcm
        node = SOUND_NODES / f"pcmC{card}D{device}c"
        if node.exists() and not os.access(node, os.R_OK | os.W_OK):
            raise no_permission(one.name)
        status = _read(ASOUND / f"card{card}" / f"pcm{device}c" / "sub0" / "status")
        if owner := re.search(r"owner_pid\s*: (\d+)", status):
            raise busy(one.name, _read(Path("/proc") / owner[1] / "comm").strip())


def no_permission(name: str) -> SourceError:
    """Return the error of a device that the system keeps from us."""
    return SourceError(
        SourceErrorReason.NO_PERMISSION,
        f"Add the user that runs this to the group audio, or give the container /dev/snd: {name} may not be opened.",
    )


def busy(name: str, owner: str = "") -> SourceError:
    """Return the error of a device that another program holds."""
    by = owner or "another program"
    return SourceError(
        SourceErrorReason.BUSY,
        f"End what records from {name}, or hear it through PulseAudio, which shares it: {by} holds it.",
    )


def _placed(one: SoundInput) -> str:
    return f"{one.name} @ {one.place}"


def _place_of(long_name: str) -> str:
    """Return where a card is: "C-Media USB Sound Device at usb-0000:00:14.0-1.3, full speed"."""
    found = re.search(r" at (\S+?)(?:,| irq|$)", long_name)
    return found[1] if found else ""


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
