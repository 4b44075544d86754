"""What ffmpeg may do besides hearing: programs in its place that do it."""

from pathlib import Path
import sys

import pytest

from tests.core.sources.sound_cards import listening

AUDIO = """
import struct, sys, time
put = sys.stdout.buffer
put.write(struct.pack(">4s5I", b".snd", 24, 0xFFFFFFFF, 3, 16000, 2))
def blocks(count):
    for _ in range(count):
        put.write(bytes(6400))
        put.flush()
        time.sleep(0.1)
"""
SAYS = "import sys; sys.exit({!r})"


@pytest.fixture
def ffmpeg(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """Where a program is put in its place, and an environment that has it."""
    return tmp_path / "ffmpeg", {"PATH": str(tmp_path)}


def put(path: Path, program: str) -> None:
    path.write_text(f"#!{sys.executable}\n{program}", encoding="utf-8")
    path.chmod(0o755)


@pytest.mark.parametrize(
    ("says", "reason"),
    [
        ("cannot open audio device hw:1,0 (Device or resource busy)", "busy"),
        ("cannot open audio device hw:1,0 (Permission denied)", "no_permission"),
        ("Unknown input format: 'alsa'", "no_library"),
        ("cannot open audio device odd (No such file or directory)", "not_found"),
        ("cannot open audio device odd (Connection refused)", "unreachable"),
        ("something else", "broken"),
    ],
)
def test_what_it_says_when_it_cannot_open_a_device_is_understood(
    ffmpeg: tuple[Path, dict[str, str]], says: str, reason: str
) -> None:
    program, env = ffmpeg
    put(program, SAYS.format(says))
    without = "--without", "sounddevice"
    with listening(env, *without, "alsa:odd") as listener:
        assert listener.wait("error")["error"] == reason


@pytest.mark.parametrize(
    "program",
    [
        "import os, sys; sys.stdout.buffer.write(os.urandom(1 << 20))",
        "import sys; sys.stdout.buffer.write(b'.snd' + bytes(1 << 20))",
        "import sys; sys.stdout.buffer.write(b'.snd' + b'\\xff' * (1 << 20))",
        "",
    ],
    ids=["noise", "zeros", "ones", "nothing"],
)
def test_what_is_no_audio_is_told(
    ffmpeg: tuple[Path, dict[str, str]], program: str
) -> None:
    path, env = ffmpeg
    put(path, program)
    with listening(env, "alsa:odd") as listener:
        assert listener.wait("error")["error"] == "broken"


@pytest.mark.parametrize(
    "name",
    ["file:'|touch {}',raw", "file:{},raw", "tee:null,{},raw", "plug:'file:{}'"],
)
def test_a_name_by_which_alsa_writes_a_file_or_runs_a_program_is_none(
    tmp_path: Path, name: str
) -> None:
    trace = tmp_path / "trace"
    with listening({}, "alsa:" + name.format(trace)) as listener:
        assert listener.wait("error")["error"] == "not_found"
    assert not trace.exists()


def test_one_that_gives_nothing_stalls(ffmpeg: tuple[Path, dict[str, str]]) -> None:
    path, env = ffmpeg
    put(path, "import time; time.sleep(1000)")
    with listening(env, "alsa:odd") as listener:
        told = listener.wait("error")
        assert told["error"] == "stalled"
        assert told["at"] - listener.told[0]["at"] < 15


def test_one_that_complains_without_end_is_heard_and_stopped(
    ffmpeg: tuple[Path, dict[str, str]],
) -> None:
    path, env = ffmpeg
    complaint = "for _ in range(20000): sys.stderr.write('no ' * 99)\n"
    put(path, f"{AUDIO}\nwhile True:\n    blocks(1)\n    {complaint}")
    with listening(env, "alsa:odd") as listener:
        listener.wait_for_audio(0.5)
        assert listener.stop() < 1.0


def test_one_that_ends_in_the_middle_of_a_frame_gives_what_is_whole(
    ffmpeg: tuple[Path, dict[str, str]],
) -> None:
    path, env = ffmpeg
    put(path, f"{AUDIO}\nblocks(3)\nput.write(bytes(7))")
    with listening(env, "alsa:odd") as listener:
        assert listener.wait("error")["error"] == "disconnected"
        assert sum(block["count"] for block in listener.blocks) == 3 * 1600 + 1
        assert {block["rate"] for block in listener.blocks} == {16_000}


def test_samples_that_alsa_says_are_lost_are_a_gap(
    ffmpeg: tuple[Path, dict[str, str]],
) -> None:
    path, env = ffmpeg
    put(
        path,
        f"{AUDIO}\nblocks(5)\nprint('ALSA buffer xrun.', file=sys.stderr)\n"
        "time.sleep(0.05)\nblocks(5)",
    )
    with listening(env, "alsa:odd") as listener:
        listener.wait("error")
        last = listener.blocks[-1]
        assert last["first"] + last["count"] == 10 * 1600 + 1
