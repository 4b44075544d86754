#!/usr/bin/env python3
"""What recording costs: bench/recording.py [--seconds S] [--entries N] [--record WAV] [--kill S …].

A message of S seconds (60) of weather radio at 16 kHz, with speech-like noise
for a voice or the audio of a file: its size and the CPU it takes by codec; the
time from its end of message to a recording that can be played; the CPU that
recording adds to hearing; the memory of the ring; and the list of N (10,000)
recordings, its time and memory. With --kill instead: a process that hears and
records in real time is killed after so many seconds, and what it heard is
compared with what a new start finds.
"""

import argparse
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
import gc
import io
import os
from pathlib import Path
import subprocess
import sys
import tempfile
import threading
import time
import tracemalloc

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.hass_cost import resident_mb
from eas_core.audio.block import AudioBlock
from eas_core.audio.encoding import FORMATS, Encoder, Pcm, to_float, to_int16
from eas_core.audio.files import read_blocks
from eas_core.audio.ring import Ring
from eas_core.clock import Clock, SystemClock
from eas_core.modem.encoder import encode_message
from eas_core.station import (
    EndOfMessage,
    RecordingFinished,
    RecordingIndex,
    RecordingOptions,
    Station,
    StationOptions,
    StationRecord,
)
from eas_core.station.recording_files import recording_name, to_json
from eas_core.station.recording_writer import RecordingWriter

RATE = 16_000
CHILD = Path(__file__).parent.parent / "tests/core/station/recording_child.py"
HEADER = "ZCZC-WXR-TOR-039173-039051+0030-1591829-KCLE/NWS-"
PAUSE_SECONDS = 20.0
"""What header, attention signal and end take of a message."""


def voice(seconds: float, path: Path | None) -> np.ndarray:
    """Return speech from a file, or noise with the spectrum and syllables of speech."""
    count = round(seconds * RATE)
    if path is not None:
        audio = np.concatenate([each.samples for each in read_blocks(path, RATE)])
        return np.resize(audio, count).astype(np.float32)
    rng = np.random.default_rng(1)
    spectrum = np.fft.rfft(rng.standard_normal(count))
    hertz = np.fft.rfftfreq(count, 1 / RATE)
    spectrum *= (hertz > 200) * (hertz < 3500) / np.maximum(1.0, hertz / 500)
    syllables = 0.5 + 0.5 * np.sin(2 * np.pi * 4 * np.arange(count) / RATE)
    said = np.fft.irfft(spectrum, count) * syllables
    said *= 0.1 / np.sqrt(np.mean(said**2))
    # Weather radio at 30 dB of signal to noise.
    return (said + 0.003 * rng.standard_normal(count)).astype(np.float32)


def message(seconds: float, path: Path | None) -> Pcm:
    """Return a message of so many seconds."""
    said = voice(max(1.0, seconds - PAUSE_SECONDS), path)
    return to_int16(encode_message(HEADER, RATE, voice=said))


def codecs(pcm: Pcm) -> None:
    """Print sizes and CPU by codec."""
    seconds = len(pcm) / RATE
    print(f"\na message of {seconds:.1f} s, 16 kHz mono")
    print("codec      kB    kbit/s   CPU s   x real time")
    print(f"{'s16':6} {pcm.nbytes / 1e3:6.0f} {pcm.nbytes * 8 / seconds / 1e3:9.1f}")
    for name, form in FORMATS.items():
        used: list[float] = []
        for _ in range(3):
            sink = io.BytesIO()
            start = time.process_time()
            encoder = Encoder(sink, form, RATE)
            for first in range(0, len(pcm), RATE // 10):
                encoder.write(pcm[first : first + RATE // 10])
            encoder.close()
            used.append(time.process_time() - start)
        size, best = len(sink.getvalue()), min(used)
        print(
            f"{name:6} {size / 1e3:6.0f} {size * 8 / seconds / 1e3:9.1f}"
            f" {best:7.3f} {seconds / best:10.0f}"
        )


class Tape:
    """Audio at its own pace times so many, and silence for as long after it."""

    kind = "tape"
    live = False

    def __init__(self, audio: np.ndarray, faster: float) -> None:
        """Take float32[n]."""
        self._audio = audio
        self._faster = faster

    def blocks(self, clock: Clock, stop: threading.Event) -> Iterator[AudioBlock]:
        """Yield a tenth of a second at a time."""
        size = RATE // 10
        for first in range(0, len(self._audio), size):
            if self._faster and clock.wait(stop, size / RATE / self._faster):
                return
            yield AudioBlock(
                samples=self._audio[first : first + size],
                sample_rate=RATE,
                first_sample=first,
            )


def hear(audio: np.ndarray, faster: float, options: RecordingOptions | None) -> float:
    """Return the CPU that hearing it took, or with a recording the time to playable."""
    station = Station(
        Tape(audio, faster), StationOptions(name="bench", recording=options)
    )
    at: dict[type[StationRecord], float] = {}

    def note(record: StationRecord) -> None:
        at.setdefault(type(record), time.monotonic())

    station.listen(note)
    start = time.process_time()
    station.start()
    while station.running:
        time.sleep(0.005)
    used = time.process_time() - start
    station.stop()
    if faster and options is not None:
        return at[RecordingFinished] - at[EndOfMessage]
    return used


def station_cost(pcm: Pcm) -> None:
    """Print the time to playable, and the CPU of hearing with and without recording."""
    quiet = np.zeros(RATE, np.float32)
    audio = np.concatenate((np.tile(quiet, 12), to_float(pcm), np.tile(quiet, 4)))
    print("\ncopy       EOM to playable   CPU of hearing   with recording")
    for copy in ("mp3", "opus"):
        with tempfile.TemporaryDirectory() as folder:
            options = RecordingOptions(folder=folder, floor_mb=0.0, copy=copy)
            waits = [hear(audio, 10.0, options) for _ in range(3)]
            with_it = min(hear(audio, 0.0, options) for _ in range(3))
        without = min(hear(audio, 0.0, None) for _ in range(3))
        print(
            f"{copy:6} {min(waits):12.2f}–{max(waits):.2f} s"
            f" {without:12.2f} s {with_it:14.2f} s"
        )


def rings() -> None:
    """Print what the ring of seven channels takes once it is full."""
    before = resident_mb(os.getpid())
    kept = [Ring(180 * RATE) for _ in range(7)]
    empty = resident_mb(os.getpid()) - before
    for ring in kept:
        for _ in range(181):
            ring.write(np.ones(RATE, np.int16))
    full = resident_mb(os.getpid()) - before
    print(f"ring of 180 s, seven channels at 16 kHz: {empty:.1f} MB, full {full:.1f}")


def listed(count: int) -> None:
    """Print the time and the memory of a list."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder, count)
        os.utime(folder, (1, 1))
        gc.collect()
        tracemalloc.start()
        index = RecordingIndex(folder)
        found = len(index.entries())
        held = tracemalloc.get_traced_memory()[0] / 1e6
        tracemalloc.stop()
        times = {}
        index = RecordingIndex(folder)
        for title in ("first", "unchanged", "one more", "removed"):
            if title == "one more":
                make(folder, 1, first=count)
            start = time.perf_counter()
            if title == "removed":
                index.remove(index.entries()[0].name)
            index.entries()
            times[title] = time.perf_counter() - start
        print(f"\nlist of {found} recordings: {held:.1f} MB")
        for title, seconds in times.items():
            print(f"{title:10} {1000 * seconds:8.1f} ms")


def make(folder: Path, count: int, first: int = 0) -> None:
    """Put so many recordings of a real one's form into a folder."""
    with tempfile.TemporaryDirectory() as made:
        options = RecordingOptions(folder=made, floor_mb=0.0)
        hear(to_float(message(26.0, None)), 0.0, options)
        (entry,) = RecordingIndex(made).entries()
        recording = RecordingIndex(made).read(entry.name)
    assert recording.whole is not None
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(first, first + count):
        at = start + timedelta(minutes=number)
        name = recording_name(at, "TOR", f"{number:016x}")
        (folder / f"{name}.flac").touch()
        (folder / f"{name}.mp3").touch()
        whole = replace(recording.whole, name=f"{name}.flac")
        sidecar = replace(recording, name=name, started=at, ended=at, whole=whole)
        (folder / f"{name}.json").write_bytes(to_json(sidecar))


def killed(after: float) -> str:
    """Kill -9 a process that records after so many seconds of its audio; return a row."""
    with tempfile.TemporaryDirectory() as name:
        folder, path = Path(name) / "kept", Path(name) / "audio.npy"
        np.save(path, to_float(message(after + PAUSE_SECONDS + 10, None)))
        command = [sys.executable, str(CHILD), str(folder), str(path), "1", "0"]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        heard = 0.0
        while heard < int(after):
            word, number, *_ = [*process.stdout.readline().split(), "", ""]
            heard = float(number) if word == "heard" else heard
        time.sleep(after % 1)
        process.kill()
        process.communicate()
        writer = RecordingWriter(
            RecordingOptions(folder=str(folder), floor_mb=0.0), SystemClock()
        )
        start = time.monotonic()
        writer.start()
        index = RecordingIndex(folder)
        while not index.entries():
            time.sleep(0.02)
        took = time.monotonic() - start
        writer.stop()
        writer.wait(10)
        (kept,) = index.entries()
    return f"{after:7.2f} s {kept.duration_s:8.2f} s {after - kept.duration_s:7.2f} s {took:16.2f} s"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--record", type=Path, help="a file whose audio is the voice")
    parser.add_argument("--kill", type=float, nargs="+", metavar="S")
    arguments = parser.parse_args()
    if arguments.kill:
        print("killed at       kept      lost   playable after a start")
        for after in arguments.kill:
            print(killed(after), flush=True)
        return
    rings()
    pcm = message(arguments.seconds, arguments.record)
    codecs(pcm)
    station_cost(pcm)
    listed(arguments.entries)


if __name__ == "__main__":
    main()
