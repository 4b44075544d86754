"""What the tests of recordings share: broadcasts with a voice, and what is on the disk."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from eas_core.audio.encoding import to_float, to_int16
from eas_core.audio.files import read_blocks
from eas_core.clock import Clock
from eas_core.modem.attention import AttentionDetector
from eas_core.modem.decoder import SameDecoder
from eas_core.modem.encoder import Attention, encode_message, silence
from eas_core.station import (
    Recording,
    RecordingEnd,
    RecordingIndex,
    RecordingOptions,
    StationRecord,
)
from eas_core.station.recording_files import RecordedFile, recording_name, write_sidecar
from tests.core.station.hearing import RATE, TORNADO, Until, heard

type Audio = np.ndarray[Any, np.dtype[np.float32]]


def noise(seconds: float, level: float = 0.05, seed: int = 1) -> Audio:
    """A programme or a voice: nothing that a decoder would hear."""
    rng = np.random.default_rng(seed)
    return (level * rng.standard_normal(round(seconds * RATE))).astype(np.float32)


def broadcast(
    header: str = TORNADO,
    *,
    before: float = 12.0,
    voice: float = 6.0,
    after: float = 3.0,
    attention: Attention = "nwr",
    attention_seconds: float = 8.0,
    end_of_message: bool = True,
) -> Audio:
    """A message with a programme before and after it, in the 16 bits that a file has."""
    message = encode_message(
        header,
        RATE,
        attention=attention,
        attention_seconds=attention_seconds,
        voice=noise(voice, seed=2),
        end_of_message=end_of_message,
    )
    parts = (noise(before), message, noise(after, seed=3))
    return to_float(to_int16(np.concatenate(parts)))


def record(
    source: Any, clock: Clock, until: Until, folder: Path, **options: Any
) -> list[StationRecord]:
    """Hear a source to its end, and record what it sends."""
    recording = RecordingOptions(folder=str(folder), floor_mb=0.0, **options)
    return heard(source, clock, until, recording=recording)


def samples(path: str | Path | None) -> tuple[Audio, int]:
    assert path is not None
    blocks = list(read_blocks(path))
    return np.concatenate([each.samples for each in blocks]), blocks[0].sample_rate


def whole(folder: Path, name: str) -> Audio:
    """A recording's FLAC, as the 16 bit numbers that were heard."""
    audio, rate = samples(RecordingIndex(folder).path(name))
    assert rate == RATE
    return np.round(audio * 32768)


def pcm(audio: Audio) -> Audio:
    return to_int16(audio).astype(np.float32)


def in_place(audio: Audio, kept: Audio) -> Audio:
    """What was heard from where a recording begins, ten seconds before the first burst.

    Where a burst begins is measured, to a few samples.
    """
    start = 2 * RATE
    for off in range(-40, 40):
        if np.array_equal(audio[start + off :][:RATE], kept[:RATE]):
            return audio[start + off :]
    raise AssertionError("it begins somewhere else")


def set_off(path: str | Path | None) -> bool:
    """Whether a decoder or an attention signal's detector answers to a file."""
    audio, rate = samples(path)
    decoder, attention = SameDecoder(rate), AttentionDetector(rate)
    messages = decoder.feed(np.concatenate((audio, silence(5, rate)))) + decoder.flush()
    return bool(
        messages or decoder.malformed or attention.feed(audio) or attention.flush()
    )


def put(
    folder: Path,
    started: datetime = datetime(2026, 6, 8, 18, 30, tzinfo=UTC),
    *,
    test: bool = False,
    saved: bool = False,
    megabytes: float = 0.001,
    identity: str = "0123456789abcdef",
) -> str:
    """Put a recording on the disk as if it had been made then; return its name."""
    code = "SAVED" if saved else "RWT" if test else "TOR"
    name = recording_name(started, code, identity)
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.flac").write_bytes(b"fLaC")
    alert = {"id": identity, "event_code": code, "event": code, "test": test}
    recording = Recording(
        name=name,
        station="Bench",
        channel="162.550",
        alert=None if saved else alert,
        started=started,
        ended=started + timedelta(seconds=60),
        duration_s=60.0,
        sample_rate=RATE,
        ended_by=RecordingEnd.SAVED if saved else RecordingEnd.END_OF_MESSAGE,
    )
    file = RecordedFile(
        name=f"{name}.flac",
        codec="flac",
        bytes=round(megabytes * 1e6),
        sample_rate=RATE,
        duration_s=60.0,
    )
    write_sidecar(folder, replace(recording, whole=file))
    return name
