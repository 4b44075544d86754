"""Hears a sound card in a process of its own, and tells of it in JSON lines.

PortAudio and libpulse stay out of the tests' own process. `python -m
tests.core.sources.sound_child [--without LIBRARY] DEVICE CHANNEL`, or with no
device to search. Any line on standard input stops it.
"""

import argparse
import ctypes.util
from dataclasses import asdict
import json
import os
import sys
import threading
import time
from typing import Any, BinaryIO

import numpy as np

from eas_core.audio.block import AudioBlock
from eas_core.clock import SystemClock
from eas_core.modem.decoder import SameDecoder
from eas_core.sources.sound_card import SoundCardSource, find_sound_devices
from eas_core.sources.source import SourceError


def tell(**what: Any) -> None:
    print(json.dumps({"at": time.monotonic()} | what), flush=True)


def take_away(library: str) -> None:
    """Have a library not be found, as where it is not installed."""
    if library == "sounddevice":
        sys.modules[library] = None  # type: ignore[assignment]
        return
    there = ctypes.util.find_library
    ctypes.util.find_library = lambda name: None if name == library else there(name)


def listen(device: str, channel: int) -> None:
    stop = threading.Event()
    stopped_at: list[float] = []

    def watch(control: BinaryIO) -> None:
        control.readline()
        stopped_at.append(time.monotonic())
        stop.set()

    threading.Thread(target=watch, args=(sys.stdin.buffer,), daemon=True).start()
    decoder: SameDecoder | None = None
    source = SoundCardSource(device=device, channel=channel)
    for block in source.blocks(SystemClock(), stop):
        assert isinstance(block, AudioBlock)
        decoder = decoder or SameDecoder(block.sample_rate)
        tell(
            rate=block.sample_rate,
            first=block.first_sample,
            count=len(block.samples),
            peak=float(np.abs(block.samples).max()),
        )
        for message in decoder.feed(block.samples):
            tell(header=message.header)
    tell(stopped_in=time.monotonic() - stopped_at[0])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--without", action="append", default=[])
    parser.add_argument("device", nargs="?")
    parser.add_argument("channel", nargs="?", type=int, default=0)
    arguments = parser.parse_args()
    for library in arguments.without:
        take_away(library)
    tell(started=True)
    try:
        if arguments.device:
            listen(arguments.device, arguments.channel)
        else:
            tell(devices=[asdict(one) for one in find_sound_devices()])
    except SourceError as error:
        tell(error=error.reason, hint=error.hint)
    # As the child of `isolated` does: a driver may still hang.
    os._exit(0)


if __name__ == "__main__":
    main()
