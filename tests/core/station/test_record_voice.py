"""What a speech-to-text engine is given of a recording, and what it says of it in the sidecar."""

from dataclasses import replace
import json
from pathlib import Path

import numpy as np
import pytest

from eas_core.audio.encoding import to_float
from eas_core.audio.files import AudioFileError, write_wav
from eas_core.modem.encoder import silence
from eas_core.station import RecordingError, RecordingIndex, amend_sidecar, read_voice
from eas_core.station.recording_files import from_json, to_json
from tests.core.station.hearing import RATE, TORNADO
from tests.core.station.recording import Audio, broadcast, noise, put, set_off

WARNING = TORNADO.replace("TOR", "SVR")


def file(folder: Path, *parts: Audio) -> Path:
    path = folder / "whole.wav"
    write_wav(path, np.concatenate(parts), RATE)
    return path


@pytest.mark.parametrize("rate", [8_000, 16_000])
def test_the_voice_is_what_is_between_the_tones_and_the_end(
    tmp_path: Path, rate: int
) -> None:
    voice = read_voice(file(tmp_path, broadcast(voice=6.0)), rate)
    assert voice.dtype == np.int16
    # With a second of silence to either side, less what is cut beside tones and bursts.
    assert len(voice) / rate == pytest.approx(7.5, abs=0.25)
    write_wav(tmp_path / "voice.wav", to_float(voice), rate)
    assert not set_off(tmp_path / "voice.wav")
    spoken = voice[rate * 2 : -rate * 2] / 32768
    loudness = np.sqrt(np.square(spoken).mean())
    in_band = 0.05 * np.sqrt(rate / RATE)
    assert loudness == pytest.approx(in_band, rel=0.1)


@pytest.mark.parametrize("changed", [{"attention": None}, {"end_of_message": False}])
def test_a_message_without_tones_or_end_has_a_voice(
    tmp_path: Path, changed: dict[str, None]
) -> None:
    audio = broadcast(voice=6.0, after=0.0, **changed)  # type: ignore[arg-type]
    assert len(read_voice(file(tmp_path, audio))) / 16_000 == pytest.approx(
        7.5, abs=0.5
    )


def test_the_next_message_is_not_in_the_voice(tmp_path: Path) -> None:
    first = broadcast(voice=6.0, end_of_message=False, after=0.0)
    second = broadcast(WARNING, before=0.0, voice=0.0, after=0.0)
    voice = read_voice(file(tmp_path, first, second, silence(1, RATE)))
    write_wav(tmp_path / "voice.wav", to_float(voice), 16_000)
    assert not set_off(tmp_path / "voice.wav")
    assert len(voice) / 16_000 == pytest.approx(7.5, abs=0.5)


@pytest.mark.parametrize("audio", [noise(5.0), broadcast(voice=0.0)])
def test_where_nobody_speaks_there_is_no_voice(tmp_path: Path, audio: Audio) -> None:
    assert len(read_voice(file(tmp_path, audio))) == 0


def test_a_file_that_is_no_audio_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "whole.flac").write_bytes(b"fLaC")
    with pytest.raises(AudioFileError):
        read_voice(tmp_path / "whole.flac")


def test_a_sidecar_takes_what_was_said_and_keeps_the_rest(tmp_path: Path) -> None:
    name = put(tmp_path)
    path = tmp_path / f"{name}.json"
    later = json.loads(path.read_bytes()) | {"mood": {"of": "a later version"}}
    path.write_text(json.dumps(later))
    index = RecordingIndex(tmp_path)
    before = index.read(name)
    assert before.transcript is None

    amend_sidecar(tmp_path, name, {"transcript": "Toma refugio ahora, señor."})
    assert index.read(name) == replace(before, transcript="Toma refugio ahora, señor.")
    assert json.loads(path.read_bytes())["mood"] == {"of": "a later version"}
    assert [each.name for each in index.entries()] == [name]
    assert not list(tmp_path.glob(".*"))
    assert from_json(to_json(index.read(name))) == index.read(name)


def test_what_is_gone_or_damaged_is_not_amended(tmp_path: Path) -> None:
    name = put(tmp_path)
    (tmp_path / f"{name}.json").write_text('{"name": "nonsense"}')
    with pytest.raises(RecordingError):
        amend_sidecar(tmp_path, name, {"transcript": "x"})
    RecordingIndex(tmp_path).remove(name)
    with pytest.raises(RecordingError):
        amend_sidecar(tmp_path, name, {"transcript": "x"})
    assert not list(tmp_path.iterdir())
