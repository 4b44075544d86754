"""Any file that ffmpeg reads, and a clear word about any that it does not."""

from pathlib import Path

import av
import numpy as np
import pytest

from eas_core.audio.files import AudioFileError, read_blocks, write_wav
from eas_core.modem.decoder import SameDecoder
from eas_core.modem.encoder import encode_message

TORNADO = "ZCZC-WXR-TOR-039173-039051+0030-1591829-KCLE/NWS-"


def encode_file(path: Path, codec: str, rate: int, bit_rate: int) -> None:
    """Write a message with one of ffmpeg's encoders."""
    audio = encode_message(TORNADO, rate, attention_seconds=1.0)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        assert isinstance(stream, av.AudioStream)
        stream.layout = "stereo"
        if bit_rate:
            stream.bit_rate = bit_rate
        pcm = np.repeat((audio * 32767).astype(np.int16), 2)[None, :]
        frame = av.AudioFrame.from_ndarray(pcm, "s16", "stereo")
        frame.sample_rate = rate
        resampler = av.AudioResampler(
            stream.format.name, "stereo", rate, stream.frame_size or 1024
        )
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))


@pytest.mark.parametrize(
    ("name", "codec", "rate", "bit_rate", "read_rate"),
    [
        ("message.flac", "flac", 22050, 0, 22050),
        ("message.mp3", "mp3", 22050, 32000, 22050),
        ("message.m4a", "aac", 44100, 48000, 44100),
        ("message.opus", "libopus", 48000, 24000, 48000),
        ("message.wav", "pcm_s16le", 192_000, 0, 48000),
        ("telephone.wav", "pcm_mulaw", 8000, 0, 8000),
    ],
)
def test_a_message_is_decoded_from_any_format(
    tmp_path: Path, name: str, codec: str, rate: int, bit_rate: int, read_rate: int
) -> None:
    if rate == 192_000:
        audio = encode_message(TORNADO, 48_000, attention_seconds=1.0)
        write_wav(tmp_path / name, np.repeat(audio, 4), rate)
    else:
        encode_file(tmp_path / name, codec, rate, bit_rate)
    blocks = list(read_blocks(tmp_path / name))
    assert {block.sample_rate for block in blocks} == {read_rate}
    assert all(block.samples.dtype == np.float32 for block in blocks)
    positions = np.cumsum([0, *(len(block.samples) for block in blocks)])
    assert [block.first_sample for block in blocks] == positions[:-1].tolist()
    decoder = SameDecoder(read_rate)
    found = [message for block in blocks for message in decoder.feed(block.samples)]
    assert [message.header for message in found + decoder.flush()] == [TORNADO, "NNNN"]


@pytest.mark.parametrize(
    ("name", "content", "missing"),
    [
        ("nowhere.wav", None, True),
        ("empty.wav", b"", False),
        ("text.txt", b"this is no audio" * 100, False),
        ("cut.wav", b"RIFF\x00\x00\x00\x00WAVEfmt ", False),
        ("binary.mp3", bytes(range(256)) * 40, False),
    ],
)
def test_what_is_no_audio_is_told_in_a_sentence(
    tmp_path: Path, name: str, content: bytes | None, missing: bool
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(AudioFileError) as caught:
        list(read_blocks(path))
    assert caught.value.missing is missing
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(AudioFileError, match="folder"):
        list(read_blocks(tmp_path))


def test_a_file_cut_short_is_heard_to_where_it_is_cut(tmp_path: Path) -> None:
    encode_file(tmp_path / "whole.flac", "flac", 22050, 0)
    data = (tmp_path / "whole.flac").read_bytes()
    (tmp_path / "half.flac").write_bytes(data[: len(data) // 2])
    whole = sum(len(block.samples) for block in read_blocks(tmp_path / "whole.flac"))
    half = sum(len(block.samples) for block in read_blocks(tmp_path / "half.flac"))
    assert 0.2 * whole < half < whole
