"""Recordings as an agent has them on its disk, and as it tells of them."""

from dataclasses import asdict
from datetime import timedelta
from functools import cache
import io
from pathlib import Path

import numpy as np

from eas_core.audio.encoding import FLAC, Encoder, to_int16
from eas_core.modem.encoder import encode_message
from eas_core.station.options import RecordingOptions
from eas_core.station.recording_adopt import adopt
from eas_core.station.recording_files import Recording, recording_name
from eas_core.station.records import Alert, RecordingEnd, RecordingFinished

RATE = 16_000


@cache
def flac(header: str, voice_seconds: float = 3.0) -> bytes:
    """A message as FLAC; its voice is noise, which takes as many bytes as it can."""
    rng = np.random.default_rng(1)
    voice = 0.1 * rng.standard_normal(round(voice_seconds * RATE))
    audio = encode_message(
        header,
        RATE,
        attention="nwr",
        attention_seconds=2.0,
        voice=voice.astype(np.float32),
    )
    file = io.BytesIO()
    encoder = Encoder(file, FLAC, RATE)
    encoder.write(to_int16(audio))
    encoder.close()
    return file.getvalue()


def record(
    folder: Path,
    alert: Alert,
    voice_seconds: float = 3.0,
    ended_by: RecordingEnd = RecordingEnd.END_OF_MESSAGE,
) -> RecordingFinished:
    """Record an alert's message; return what its station tells of it."""
    folder.mkdir(parents=True, exist_ok=True)
    name = recording_name(alert.received, alert.event_code, alert.id)
    draft = Recording(
        name=name,
        station="Radio",
        channel="162.550",
        alert=asdict(alert),
        started=alert.received - timedelta(seconds=1),
        sample_rate=RATE,
        ended_by=ended_by,
    )
    audio = flac(alert.best_guess, voice_seconds)
    made = adopt(folder, draft, audio, RecordingOptions(folder=str(folder)))
    return RecordingFinished(
        at=alert.received + timedelta(seconds=made.duration_s),
        name=name,
        alert_id=alert.id,
        channel=made.channel,
        path=str(folder / f"{name}.flac"),
        copy_path=None,
        duration_s=made.duration_s,
        ended_by=ended_by,
        complete=made.complete,
        lost_s=0.0,
    )
