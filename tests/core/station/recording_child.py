"""A process that hears and records a message, to be killed or limited by a test.

recording_child.py FOLDER AUDIO.npy FASTER FILE_BYTES: plays the audio so many
times faster than it was, and may write no file larger than so many bytes (0:
any). Prints a line for each second heard and for each record of interest.
"""

from collections.abc import Iterator
from pathlib import Path
import resource
import sys
import threading

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[3]))

from eas_core.audio.block import AudioBlock
from eas_core.clock import Clock, SystemClock
from eas_core.station import (
    Alert,
    EndOfMessage,
    RecordingFinished,
    RecordingOptions,
    RecordingProblem,
    Station,
    StationOptions,
    StationRecord,
)

RATE = 16_000
SIZE = RATE // 10


class Player:
    """Audio at a pace; at its end it is silent, and still there."""

    kind = "player"
    live = True

    def __init__(self, audio: np.ndarray, faster: float) -> None:
        self._audio = audio
        self._faster = faster

    def blocks(self, clock: Clock, stop: threading.Event) -> Iterator[AudioBlock]:
        position = 0
        while not clock.wait(stop, SIZE / RATE / self._faster):
            part = self._audio[position : position + SIZE]
            part = np.pad(part, (0, SIZE - len(part))).astype(np.float32)
            yield AudioBlock(samples=part, sample_rate=RATE, first_sample=position)
            position += SIZE
            if position % RATE == 0:
                say("heard", position // RATE)


def say(*words: object) -> None:
    """Print a line in one piece: two threads do."""
    print(" ".join(map(str, words)) + "\n", end="", flush=True)


def tell(record: StationRecord) -> None:
    """Print what a test waits for."""
    match record:
        case Alert() | EndOfMessage():
            say(type(record).__name__, record.recording)
        case RecordingFinished():
            say("finished", record.name, record.ended_by)
        case RecordingProblem():
            say("problem", record.reason)


def main() -> None:
    """Hear until standard input ends."""
    folder, audio, faster, limit = sys.argv[1:]
    if int(limit):
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
    options = RecordingOptions(folder=folder, floor_mb=0.0)
    station = Station(
        Player(np.load(audio), float(faster)),
        StationOptions(name="child", recording=options),
        SystemClock(),
    )
    station.listen(tell)
    station.start()
    sys.stdin.read()
    station.stop()


if __name__ == "__main__":
    main()
