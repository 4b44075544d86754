"""A recording that was made elsewhere is one like those that were made here."""

from dataclasses import replace
from pathlib import Path
import struct
import subprocess
import zlib

import pytest

from eas_core.audio.encoding import FLAC
from eas_core.clock import SystemClock
from eas_core.station import (
    RecordingError,
    RecordingIndex,
    RecordingOptions,
    recording_adopt,
)
from eas_core.station.recording_adopt import adopt
from eas_core.station.recording_cut import part_spans
from eas_core.station.recording_files import Recording
from eas_core.station.recording_finish import leftovers, recover
from eas_core.station.recording_writer import RecordingWriter
from eas_core.station.records import RecordingEnd, RecordingProblem
from tests.core.agent.recorded import RATE, flac
from tests.core.agent.told import alert
from tests.core.station.recording import set_off
from tests.peak_memory import peak_megabytes

TORNADO = alert()
NAME = f"20261125T010000000Z-TOR-{TORNADO.id}"


def draft() -> Recording:
    return Recording(
        name=NAME,
        station="Home",
        channel="attic 162.550",
        alert={"id": TORNADO.id},
        started=TORNADO.received,
        sample_rate=0,
        ended_by=RecordingEnd.END_OF_MESSAGE,
        lost_s=0.5,
    )


def options(folder: Path) -> RecordingOptions:
    return RecordingOptions(folder=str(folder), floor_mb=0.0)


def test_it_has_its_parts_and_a_copy_that_sets_nothing_off(tmp_path: Path) -> None:
    file = flac(TORNADO.best_guess)
    made = adopt(tmp_path, draft(), file, options(tmp_path))
    index = RecordingIndex(tmp_path)
    assert index.path(NAME).read_bytes() == file
    assert index.read(NAME) == made
    (listed,) = index.entries()
    assert (listed.alert_id, listed.complete) == (TORNADO.id, True)
    assert (made.sample_rate, made.lost_s) == (RATE, 0.5)
    assert [each.part for each in made.parts] == ["header", "tone", "voice", "end"]
    assert part_spans(made, "voice")
    assert not set_off(index.path(NAME, "copy"))
    assert not leftovers(tmp_path)


@pytest.mark.parametrize(
    "audio",
    [
        b"",
        b"RIFF",
        b"#EXTM3U\nhttp://127.0.0.1/secret\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"fLaC",
        b"fLaC" + bytes(100_000),
    ],
)
def test_what_is_no_flac_is_refused_and_leaves_nothing(
    tmp_path: Path, audio: bytes
) -> None:
    with pytest.raises(RecordingError, match="no audio in FLAC"):
        adopt(tmp_path, draft(), audio, options(tmp_path))
    assert not list(tmp_path.iterdir())


def test_what_only_begins_like_flac_is_none(tmp_path: Path) -> None:
    """ffmpeg finds MPEG's packets further on."""
    command = "ffmpeg -v error -f lavfi -i sine=duration=5 -c:a mp2 -f mpegts -"
    other = subprocess.run(command.split(), check=True, capture_output=True).stdout
    with pytest.raises(RecordingError, match="no audio in FLAC"):
        adopt(tmp_path, draft(), b"fLaC" + other, options(tmp_path))


def png(width: int, height: int) -> bytes:
    """Return a picture with nothing on it, of eight bytes a pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", width, height, 16, 6, 0, 0, 0)
    packer, row = zlib.compressobj(1), bytes(1 + 8 * width)
    data = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    chunks = chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def with_picture(file: bytes, picture: bytes) -> bytes:
    """Return a FLAC file with a picture after its first block of metadata."""
    first = 8 + int.from_bytes(file[5:8])
    sizes = struct.pack(">IIIIII", 0, 0, 0, 0, 0, len(picture))
    block = struct.pack(">II", 3, 9) + b"image/png" + sizes + picture
    head = bytes([6 | file[4] & 0x80]) + len(block).to_bytes(3)
    begin = file[:4] + bytes([file[4] & 0x7F]) + file[5:first]
    return begin + head + block + file[first:]


def test_a_picture_in_it_is_not_unpacked(tmp_path: Path) -> None:
    file = with_picture(flac(TORNADO.best_guess), png(5000, 5000))
    peak_megabytes()
    before = peak_megabytes()
    assert adopt(tmp_path, draft(), file, options(tmp_path)).complete
    assert peak_megabytes() - before < 100


def test_more_than_half_an_hour_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording_adopt, "LONGEST_SECONDS", 2.0)
    with pytest.raises(RecordingError, match="longer than"):
        adopt(tmp_path, draft(), flac(TORNADO.best_guess), options(tmp_path))
    assert not list(tmp_path.iterdir())


def test_what_came_whole_before_a_crash_is_finished_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object, **__: object) -> None:
        raise OSError("the power fails")

    monkeypatch.setattr(recording_adopt, "finish", crash)
    with pytest.raises(OSError, match="power"):
        adopt(tmp_path, draft(), flac(TORNADO.best_guess), options(tmp_path))
    assert leftovers(tmp_path) == [NAME]
    made = recover(tmp_path, NAME, options(tmp_path))
    assert made is not None
    assert (made.complete, made.channel) == (True, "attic 162.550")


def test_the_writer_takes_it_under_a_free_name_and_under_its_retention(
    tmp_path: Path,
) -> None:
    told: list[object] = []
    writer = RecordingWriter(
        options(tmp_path), SystemClock(), wake=lambda: told.extend(writer.told())
    )
    writer.start()
    file = flac(TORNADO.best_guess)
    first = writer.adopt(draft(), file).result(30)
    second = writer.adopt(draft(), file).result(30)
    wrong = writer.adopt(replace(draft(), name=f"{NAME}y"), b"none")
    assert isinstance(wrong.exception(30), RecordingError)
    assert (first.name, second.name) == (NAME, f"{NAME}x")
    assert (first.alert_id, first.complete) == (TORNADO.id, True)
    assert told == [first, second]
    writer.options = replace(writer.options, keep_mb=0.0)
    writer.adopt(replace(draft(), name=f"{NAME}z"), file).result(30)
    writer.stop()
    assert writer.wait(30)
    assert not list(tmp_path.glob(f"*{FLAC.suffix}"))


def test_a_disk_that_takes_nothing_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "recordings"
    folder.write_text("in the way")
    told: list[object] = []
    writer = RecordingWriter(
        options(folder), SystemClock(), wake=lambda: told.extend(writer.told())
    )
    writer.start()
    error = writer.adopt(draft(), flac(TORNADO.best_guess)).exception(30)
    writer.stop()
    assert writer.wait(30)
    assert "cannot be written to" in str(error)
    assert [type(each) for each in told] == [RecordingProblem]
