"""Any file that ffmpeg reads, and a clear word about any that it does not."""

from collections.abc import Iterator
from fractions import Fraction
import os
from pathlib import Path
import struct
import wave

import av
from hypothesis import given, strategies as st
import numpy as np
import pytest

from eas_core.audio.files import (
    AudioFileError,
    FileProblem,
    block_up,
    mix_down,
    read_blocks,
    to_pcm,
    write_wav,
)
from eas_core.modem.decoder import SameDecoder
from eas_core.modem.encoder import encode_message

TORNADO = "ZCZC-WXR-TOR-039173-039051+0030-1591829-KCLE/NWS-"


def messages(path: Path) -> list[str]:
    """Decode what a file holds."""
    blocks = list(read_blocks(path))
    decoder = SameDecoder(blocks[0].sample_rate)
    found = [message for block in blocks for message in decoder.feed(block.samples)]
    return [message.header for message in found + decoder.flush()]


def encode_file(
    path: Path, codec: str, rate: int, bit_rate: int, layout: str = "stereo"
) -> None:
    """Write a message with one of ffmpeg's encoders."""
    audio = encode_message(TORNADO, rate, attention_seconds=1.0)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        assert isinstance(stream, av.AudioStream)
        stream.layout = layout
        if bit_rate:
            stream.bit_rate = bit_rate
        pcm = (audio * 32767).astype(np.int16)
        pcm = np.repeat(pcm, 1 + (layout == "stereo"))[None, :]
        frame = av.AudioFrame.from_ndarray(pcm, "s16", layout)
        frame.sample_rate = rate
        resampler = av.AudioResampler(
            stream.format.name, layout, rate, stream.frame_size or 1024
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
    assert messages(tmp_path / name) == [TORNADO, "NNNN"]


def wav(rate: int) -> bytes:
    """Return a file of 16 bits whose head claims a rate."""
    head = struct.pack("<HHIIHH", 1, 1, rate, 32_000, 2, 16)
    pcm = bytes(2 * 16_000)
    chunks = b"".join(
        name + struct.pack("<I", len(data)) + data
        for name, data in ((b"fmt ", head), (b"data", pcm))
    )
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("nowhere.wav", None, FileProblem.MISSING),
        ("empty.wav", b"", FileProblem.NOT_AUDIO),
        ("text.txt", b"this is no audio" * 100, FileProblem.NOT_AUDIO),
        ("cut.wav", b"RIFF\x00\x00\x00\x00WAVEfmt ", FileProblem.NOT_AUDIO),
        ("gigahertz.wav", wav(2_030_059_136), FileProblem.NOT_AUDIO),
        ("binary.mp3", bytes(range(256)) * 40, FileProblem.NOT_AUDIO),
    ],
)
def test_what_is_no_audio_is_told_in_a_sentence(
    tmp_path: Path, name: str, content: bytes | None, problem: FileProblem
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(AudioFileError) as caught:
        list(read_blocks(path))
    assert caught.value.problem is problem
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


@pytest.fixture
def no_privilege() -> Iterator[None]:
    """Be somebody who may not read everything."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    yield
    os.seteuid(0)


def test_a_file_that_may_not_be_read_is_told(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    path = tmp_path / "secret.wav"
    write_wav(path, np.zeros(8000, np.float32), 8000)
    path.chmod(0)
    request.getfixturevalue("no_privilege")
    with pytest.raises(AudioFileError, match="Allow reading") as caught:
        list(read_blocks(path))
    assert caught.value.problem is FileProblem.FORBIDDEN


@pytest.mark.parametrize("name", ["heard at 12:30.wav", "file:name.wav", "50%03d.wav"])
def test_a_name_is_a_name_whatever_is_in_it(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    path = tmp_path / "folder" / name
    write_wav(path, np.zeros(8000, np.float32), 8000)
    assert sum(len(block.samples) for block in read_blocks(path)) == 8000


def test_a_bare_name_with_a_colon_is_no_protocol(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_wav("heard at 12:30.wav", np.zeros(8000, np.float32), 8000)
    assert (
        sum(len(block.samples) for block in read_blocks("heard at 12:30.wav")) == 8000
    )


@pytest.mark.parametrize("scheme", ["", "file://", "concat:", "http://127.0.0.1:9"])
def test_a_file_that_names_others_opens_none(tmp_path: Path, scheme: str) -> None:
    write_wav(tmp_path / "other.wav", encode_message(TORNADO, 8_000), 8_000)
    other = "other.wav" if scheme == "" else f"{scheme}{tmp_path}/other.wav"
    lines = f"#EXTINF:9,\n{other}\n#EXT-X-ENDLIST"
    for name, text in {
        "list.ffconcat": f"ffconcat version 1.0\nfile {other}\n",
        "list.m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n{lines}\n",
    }.items():
        (tmp_path / name).write_text(text)
        with pytest.raises(AudioFileError, match="Choose an"):
            list(read_blocks(tmp_path / name))


def test_damage_in_the_middle_costs_no_more_than_itself(tmp_path: Path) -> None:
    path = tmp_path / "message.mp3"
    encode_file(path, "libmp3lame", 22050, 32000, "mono")
    whole = sum(len(block.samples) for block in read_blocks(path))
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 200] = np.random.default_rng(1).bytes(200)
    path.write_bytes(data)
    damaged = sum(len(block.samples) for block in read_blocks(path))
    assert whole - 22050 < damaged < whole
    # The middle is the attention signal.
    assert messages(path) == [TORNADO, "NNNN"]


def test_a_rate_that_changes_on_the_way_does_not_end_the_file(tmp_path: Path) -> None:
    encode_file(tmp_path / "one.mp3", "libmp3lame", 22050, 32000, "mono")
    encode_file(tmp_path / "two.mp3", "libmp3lame", 44100, 64000, "stereo")
    both = b"".join((tmp_path / f"{name}.mp3").read_bytes() for name in ("one", "two"))
    (tmp_path / "both.mp3").write_bytes(both)
    assert messages(tmp_path / "both.mp3") == [TORNADO, "NNNN"] * 2


def test_a_rate_that_carries_no_message_is_not_made_hours_of(tmp_path: Path) -> None:
    path = tmp_path / "slow.wav"
    write_wav(path, np.zeros(1000, np.float32), 1)
    with pytest.raises(AudioFileError, match="holds no audio"):
        list(read_blocks(path))


def test_channels_of_opposite_polarity_do_not_cancel(tmp_path: Path) -> None:
    audio = encode_message(TORNADO, 16000, attention=None)
    with wave.open(str(tmp_path / "balanced.wav"), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(to_pcm(np.stack((audio, -audio), axis=1).reshape(-1)))
    assert messages(tmp_path / "balanced.wav") == [TORNADO, "NNNN"]


@pytest.mark.parametrize("channels", [1, 2, 6, 8])
def test_one_channel_that_speaks_is_heard_among_many(channels: int) -> None:
    audio = np.zeros((channels, 1000), np.float32)
    audio[-1] = np.random.default_rng(1).standard_normal(1000, np.float32)
    mixed = mix_down(audio)
    assert mixed.dtype == np.float32
    assert np.allclose(mixed, audio[-1] / channels, atol=1e-6)


def test_a_change_of_rate_begins_a_block_at_the_same_moment() -> None:
    parts = [(22050, 2205), (22050, 6615), (48000, 12000), (16000, 5000), (48000, 4)]
    blocks = list(block_up((rate, np.zeros(n, np.float32)) for rate, n in parts))
    assert [
        (block.sample_rate, block.first_sample, len(block.samples)) for block in blocks
    ] == [
        (22050, 0, 8820),
        (48000, 19200, 12000),
        (16000, 10400, 5000),
        (48000, 46200, 4),
    ]


@given(
    st.lists(
        st.tuples(st.sampled_from([8000, 11025, 44100, 48000]), st.integers(0, 30_000)),
        max_size=20,
    )
)
def test_time_never_runs_back_however_the_rate_changes(
    parts: list[tuple[int, int]],
) -> None:
    blocks = list(block_up((rate, np.zeros(n, np.float32)) for rate, n in parts))
    assert sum(len(block.samples) for block in blocks) == sum(n for _, n in parts)
    now = Fraction(0)
    for block in blocks:
        begins = Fraction(block.first_sample, block.sample_rate)
        # Rounded up to a whole sample at most.
        assert now <= begins < now + Fraction(1, block.sample_rate)
        now = begins + Fraction(len(block.samples), block.sample_rate)
