"""Audio into FLAC, MP3 and Opus."""

import errno
import io
from pathlib import Path

import numpy as np
import pytest

from eas_core.audio.encoding import (
    FLAC,
    FORMATS,
    MP3,
    OPUS,
    AudioFormat,
    Encoder,
    EncodingError,
    Pcm,
    can_encode,
    first_encodable,
    to_float,
    to_int16,
)
from eas_core.audio.files import read_blocks

NOT_THERE = AudioFormat(
    name="none", suffix=".none", encoder="no-such-encoder", container="mp3"
)


def tone(seconds: float, rate: int, hz: float = 440.0) -> Pcm:
    time = np.arange(round(seconds * rate)) / rate
    return to_int16((0.5 * np.sin(2 * np.pi * hz * time)).astype(np.float32))


def encoded(path: Path, form: AudioFormat, pcm: Pcm, rate: int, size: int) -> None:
    with path.open("wb") as file:
        encoder = Encoder(file, form, rate)
        for start in range(0, len(pcm), size):
            encoder.write(pcm[start : start + size])
        encoder.close()
        assert encoder.samples == len(pcm)
        assert not file.closed


def decoded(path: Path) -> tuple[np.ndarray, int]:
    blocks = list(read_blocks(path))
    return np.concatenate([each.samples for each in blocks]), blocks[0].sample_rate


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 48_000, 96_000])
@pytest.mark.parametrize("size", [333, 16_000])
def test_flac_gives_back_every_sample_whatever_the_pieces(
    tmp_path: Path, rate: int, size: int
) -> None:
    pcm = np.random.default_rng(1).integers(-32767, 32767, rate + 7, np.int16)
    encoded(tmp_path / "a.flac", FLAC, pcm, rate, size)
    samples, found = decoded(tmp_path / "a.flac")
    assert found == rate
    assert np.array_equal(np.round(samples * 32768), pcm)


@pytest.mark.parametrize("form", [MP3, OPUS])
@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 48_000])
def test_a_small_format_holds_the_same_sound_at_any_rate_of_the_audio(
    tmp_path: Path, form: AudioFormat, rate: int
) -> None:
    path = tmp_path / f"a{form.suffix}"
    encoded(path, form, tone(4.0, rate), rate, 1000)
    samples, found = decoded(path)
    assert len(samples) / found == pytest.approx(4.0, abs=0.1)
    spectrum = np.abs(np.fft.rfft(samples))
    assert np.argmax(spectrum) * found / len(samples) == pytest.approx(440.0, abs=1.0)
    assert np.sqrt(np.mean(samples**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.1)
    assert path.stat().st_size < 5 * 4_100


def test_what_is_written_is_there_before_the_file_is_closed(tmp_path: Path) -> None:
    pcm = np.random.default_rng(1).integers(-9000, 9000, 10 * 16_000, np.int16)
    path = tmp_path / "a.flac"
    with path.open("wb") as file:
        encoder = Encoder(file, FLAC, 16_000)
        for start in range(0, len(pcm), 1600):
            encoder.write(pcm[start : start + 1600])
        file.flush()
        samples, _ = decoded(path)
        encoder.close()
    assert len(samples) > len(pcm) - 16_000 / 4
    assert np.array_equal(np.round(samples * 32768), pcm[: len(samples)])


def test_pcm_is_clipped_and_what_is_no_number_is_silence() -> None:
    audio = np.array([0.0, 1.0, -1.0, 2.0, np.inf, -np.inf, np.nan], np.float32)
    assert to_int16(audio).tolist() == [0, 32767, -32767, 32767, 32767, -32767, 0]
    assert to_float(to_int16(audio))[:3].tolist() == [0.0, 1.0, -1.0]


def test_the_first_format_that_can_be_encoded_is_chosen() -> None:
    assert all(can_encode(each) for each in FORMATS.values())
    assert not can_encode(NOT_THERE)
    assert first_encodable([NOT_THERE, OPUS, FLAC]) is OPUS
    with pytest.raises(EncodingError):
        first_encodable([NOT_THERE])


def test_a_rate_that_a_format_does_not_have_is_refused() -> None:
    with pytest.raises(EncodingError):
        Encoder(io.BytesIO(), FLAC, 2_000_000)


def test_a_file_that_takes_no_more_raises_its_own_error_and_can_be_let_go(
    tmp_path: Path,
) -> None:
    class Full(io.BytesIO):
        def write(self, data: object, /) -> int:
            if self.tell() > 50_000:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(data)  # type: ignore[arg-type]

    pcm = np.random.default_rng(1).integers(-9000, 9000, 16_000, np.int16)
    file = Full()
    encoder = Encoder(file, FLAC, 16_000)
    with pytest.raises(OSError, match="No space") as raised:
        encoder.write(np.tile(pcm, 10))
    assert raised.value.errno == errno.ENOSPC
    encoder.abandon()
    (tmp_path / "a.flac").write_bytes(file.getvalue())
    samples, _ = decoded(tmp_path / "a.flac")
    assert len(samples) > 16_000
