"""The command line by its contract."""

import io
import json
import os
from pathlib import Path
import signal
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from eas_core.audio.files import to_pcm, write_wav
from eas_core.cli import main
from eas_core.modem.encoder import encode_message

TORNADO = "ZCZC-WXR-TOR-039173-039051+0030-1591829-KCLE/NWS-"
KEYS = ["file", "header", "best_guess", "partial", "confidence", "bursts"]
UTF_8 = os.environ | {"PYTHONIOENCODING": "utf-8:strict"}
KEYS += ["start_s", "end_s", "text"]


@pytest.fixture
def message(tmp_path: Path) -> str:
    """A file with one message."""
    path = tmp_path / "message.wav"
    write_wav(path, encode_message(TORNADO, 22050, attention_seconds=1.0), 22050)
    return str(path)


def test_decode_prints_an_object_a_line(
    message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["decode", "--json", message]) == 0
    first, last = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert list(first) == KEYS
    assert list(last) == KEYS
    assert first["file"] == message
    assert first["header"] == first["best_guess"] == TORNADO
    assert first["partial"] is False
    assert 0.99 < first["confidence"] <= 1
    assert first["bursts"] == 2
    assert 0 <= first["start_s"] < 0.1
    assert first["start_s"] < first["end_s"] < 4
    assert "Tornado Warning for Wood County and Fulton County, OH" in first["text"]
    assert last["header"] == "NNNN"


def test_decode_tells_people_in_sentences(
    message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["decode", message]) == 0
    assert "The National Weather Service in Cleveland has issued a Tornado Warning" in (
        capsys.readouterr().out
    )


def test_nothing_decoded_is_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_wav(tmp_path / "silence.wav", np.zeros(22050, np.float32), 22050)
    assert main(["decode", str(tmp_path / "silence.wav")]) == 1
    assert capsys.readouterr() == ("", "")


def test_bad_files_are_told_and_the_good_one_is_decoded(
    message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text.txt").write_text("no audio")
    files = [str(tmp_path / "nowhere.wav"), str(tmp_path / "text.txt"), message]
    assert main(["decode", "--json", *files]) == 2
    out, err = capsys.readouterr()
    assert json.loads(out.splitlines()[0])["header"] == TORNADO
    assert len(err.splitlines()) == 2
    assert all(line.startswith("eas-station: C") for line in err.splitlines())


@pytest.mark.parametrize("rate", [8000, 22050, 48000])
def test_raw_samples_come_by_standard_input(
    rate: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = to_pcm(encode_message(TORNADO, rate, attention=None))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data + b"x")))
    assert main(["decode", "--json", "--rate", str(rate), "-"]) == 0
    first = json.loads(capsys.readouterr().out.splitlines()[0])
    assert (first["file"], first["header"]) == ("-", TORNADO)


def test_a_rate_out_of_range_is_bad_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"1234")))
    assert main(["decode", "--rate", "100", "-"]) == 2
    assert "Use a sample rate between 8000 and 96000 Hz" in capsys.readouterr().err


def test_encode_makes_what_decode_reads(
    tmp_path: Path, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    output = str(tmp_path / "out.wav")
    options = ["--rate", "16000", "--attention", "broadcast", "--voice", message]
    assert main(["encode", TORNADO, output, *options]) == 0
    assert "47 CFR 11.45" in capsys.readouterr().err
    assert main(["decode", output]) == 0
    assert TORNADO in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["encode", "ZCZC-WXR-TOR-39173+0030-1591829-KCLE/NWS-", "out.wav"],
        ["encode", TORNADO, "out.wav", "--rate", "7000"],
        ["encode", TORNADO, "out.wav", "--amplitude", "2"],
        ["encode", TORNADO, "out.wav", "--attention-seconds", "-1"],
        ["encode", TORNADO, "no/such/folder/out.wav"],
        ["encode", TORNADO, "out.wav", "--voice", "nowhere.wav"],
        ["listen", "nowhere.wav"],
        ["listen", "simulator", "--location", "39"],
        ["simulate", "out.wav", "--seconds", "0"],
        ["simulate", "out.wav", "--seconds", "nan"],
        ["simulate", "out.wav", "--first", "-1"],
        ["simulate", "out.wav", "--interval", "nan"],
        ["simulate", "out.mp3"],
        ["encode", TORNADO, "out"],
        ["encode", TORNADO, "no/such/folder/out.flac"],
        ["simulate", "out.wav", "--call-sign", "-"],
    ],
)
def test_bad_input_is_one_line_and_two(
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert err.startswith("eas-station: ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["out.wav", "out.flac", "OUT.FLAC"])
def test_the_format_is_what_the_name_says(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / name
    assert main(["encode", TORNADO, str(output), "--attention", "none"]) == 0
    kind = b"RIFF" if name.endswith("wav") else b"fLaC"
    assert output.read_bytes().startswith(kind)
    assert main(["decode", str(output)]) == 0
    assert TORNADO in capsys.readouterr().out


def run_command(*arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "eas_core", *arguments]
    return subprocess.run(
        command, stderr=subprocess.PIPE, timeout=60, check=False, **options
    )


def test_raw_audio_goes_through_a_pipe() -> None:
    made = run_command(
        *("encode", TORNADO, "-", "--rate", "8000", "--attention", "none"),
        stdout=subprocess.PIPE,
    )
    assert made.returncode == 0
    heard = run_command(
        "decode", "--rate", "8000", "-", input=made.stdout, stdout=subprocess.PIPE
    )
    assert heard.returncode == 0
    assert TORNADO.encode() in heard.stdout


def test_a_full_disk_is_one_line_and_two(message: str) -> None:
    with Path("/dev/full").open("wb") as full:
        done = run_command("decode", "--json", message, stdout=full)
    assert done.returncode == 2
    assert done.stderr.decode().splitlines() == [
        "eas-station: Look at what is read and written: No space left on device."
    ]


def test_a_name_that_is_no_text_is_printed_as_given(message: str) -> None:
    odd = os.fsencode(Path(message).parent) + b"/odd\xff.wav"
    Path(message).rename(os.fsdecode(odd))
    done = run_command(
        "decode", "--json", os.fsdecode(odd), stdout=subprocess.PIPE, env=UTF_8
    )
    assert done.returncode == 0
    assert done.stderr == b""
    first = json.loads(done.stdout.decode("utf-8").splitlines()[0])
    assert os.fsencode(first["file"]) == odd


def test_a_user_who_has_enough_ends_listening_without_a_word() -> None:
    command = [sys.executable, "-m", "eas_core", "listen", "--json", "simulator"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == b""


def test_listen_ends_after_so_many_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["listen", "--json", "--seconds", "0.5", "simulator"]) == 1
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["record"] for one in records] == [
        "SourceStatus",
        "SourceStatus",
        "LevelReading",
        "ChannelStatus",
    ]


class Terminal(io.StringIO):
    """What standard error is when a person looks."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("stream", "seen"), [(Terminal, True), (io.StringIO, False)])
def test_progress_is_told_on_a_terminal_only_and_for_long_files(
    tmp_path: Path,
    stream: type[io.StringIO],
    seen: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    errors = stream()
    monkeypatch.setattr(sys, "stderr", errors)
    short, long = tmp_path / "short.wav", tmp_path / "long.wav"
    write_wav(short, np.zeros(8000 * 10, np.float32), 8000)
    write_wav(long, np.zeros(8000 * 130, np.float32), 8000)
    assert main(["decode", str(short)]) == 1
    assert errors.getvalue() == ""
    assert main(["decode", str(long)]) == 1
    assert ("50 %" in errors.getvalue()) is seen
    # And is wiped away.
    assert errors.getvalue().endswith("\x1b[K" if seen else "")


def test_simulate_writes_a_station_that_decode_hears(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = str(tmp_path / "station.wav")
    options = ["--seconds", "40", "--first", "2", "--location", "039035"]
    assert main(["simulate", output, *options]) == 0
    assert main(["decode", "--json", output]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["header"][:19] for line in lines] == [
        "ZCZC-WXR-TOR-039035",
        "NNNN",
    ]


def test_listen_prints_records_until_the_file_ends(
    message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["listen", "--json", message]) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    kinds = [record["record"] for record in records]
    assert kinds.count("Alert") == 1
    assert kinds.count("EndOfMessage") == 1
    assert kinds[-1] == "SourceStatus"
    assert records[-1]["reason"] == "ended"


def test_a_reader_that_has_enough_is_no_error(message: str) -> None:
    command = [sys.executable, "-m", "eas_core", "decode", "--json", *[message] * 30]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(60) == 0
    assert process.stderr is not None
    assert process.stderr.read() == ""
    process.stderr.close()
