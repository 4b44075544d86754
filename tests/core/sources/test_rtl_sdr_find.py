"""What is plugged in is listed, and a library that is missing or does not do is told apart."""

import os
from pathlib import Path

import pytest

from tests.standin import NO_PERMISSION, Standin, build
from tests.standin.child import find


@pytest.fixture
def standin(tmp_path: Path) -> Standin:
    return Standin(tmp_path / "standin")


def package(folder: Path, text: str) -> dict[str, str]:
    """Put a pyrtlsdrlib on Python's path."""
    folder.mkdir()
    (folder / "pyrtlsdrlib.py").write_text(text, encoding="utf-8")
    return {"PYTHONPATH": str(folder)}


def test_no_dongle_is_an_empty_list(standin: Standin) -> None:
    assert find(standin.environment) == {"found": []}


def test_dongles_are_listed_by_serial_with_the_name_that_is_on_them(
    standin: Standin,
) -> None:
    standin.add("00000101")
    standin.add("NOAA", manufacturer="RTLSDRBlog", product="Blog V4")
    standin.add("3", manufacturer="", product="", name="Terratec T Stick PLUS")
    assert find(standin.environment)["found"] == [
        {"serial": "00000101", "name": "Realtek RTL2838UHIDIR", "unique": True},
        {"serial": "NOAA", "name": "RTLSDRBlog Blog V4", "unique": True},
        {"serial": "3", "name": "Terratec T Stick PLUS", "unique": True},
    ]


def test_a_dongle_that_is_pulled_out_is_no_longer_listed(standin: Standin) -> None:
    standin.add("1").unplug()
    standin.add("2")
    assert [each["serial"] for each in find(standin.environment)["found"]] == ["2"]


def test_dongles_with_the_same_serial_are_both_listed_as_not_unique(
    standin: Standin,
) -> None:
    for serial in ("00000001", "00000002", "00000001"):
        standin.add(serial)
    found = find(standin.environment)["found"]
    assert [(each["serial"], each["unique"]) for each in found] == [
        ("00000001", False),
        ("00000002", True),
        ("00000001", False),
    ]


def test_a_dongle_that_another_program_has_is_listed(standin: Standin) -> None:
    standin.add("1", open_code=-6)
    assert len(find(standin.environment)["found"]) == 1


def test_dongles_that_this_user_may_not_open_are_a_matter_of_permission(
    standin: Standin,
) -> None:
    standin.add("1").forbid()
    failed = find(standin.environment)
    assert failed["reason"] == "no_permission"
    assert "/etc/udev/rules.d" in failed["hint"]


def test_one_that_may_be_opened_is_listed_beside_one_that_may_not(
    standin: Standin,
) -> None:
    standin.add("1", strings_code=NO_PERMISSION)
    standin.add("2")
    assert [each["serial"] for each in find(standin.environment)["found"]] == ["2"]


def test_without_pyrtlsdr_the_hint_says_what_to_install(standin: Standin) -> None:
    failed = find(standin.environment, "--without", "pyrtlsdr")
    assert failed["reason"] == "no_library"
    assert "pyrtlsdr" in failed["hint"]
    assert "rtl_tcp" in failed["hint"]


def test_without_librtlsdr_the_hint_says_what_to_install(standin: Standin) -> None:
    failed = find(standin.environment, "--without", "librtlsdr")
    assert failed["reason"] == "no_library"
    assert "library" in failed["hint"]
    assert "rtl_tcp" in failed["hint"]


@pytest.mark.parametrize("debian", [True, False], ids=["Debian's", "one like it"])
def test_a_library_without_what_pyrtlsdr_asks_for_is_unusable(
    tmp_path: Path, debian: bool
) -> None:
    """Debian 12's librtlsdr0 is 0.6.0, by which pyrtlsdr 0.5.1 cannot be imported."""
    environment = dict(os.environ)
    environment.pop("LD_LIBRARY_PATH", None)
    if not debian:
        library = build(like_0_6_0=True)
        environment = Standin(tmp_path / "standin", library).environment
    failed = find(environment)
    assert failed["reason"] == "library_unusable"
    assert "rtlsdr_set_dithering" in failed["hint"]
    assert "pip" in failed["hint"] or "github.com" in failed["hint"]
    assert "rtl_tcp" in failed["hint"]


def test_pyrtlsdrlib_is_taken_first(standin: Standin, tmp_path: Path) -> None:
    """Here over Debian's library, which would not do."""
    standin.add("1")
    environment = {**standin.environment, "LD_LIBRARY_PATH": str(tmp_path)}
    environment |= package(
        tmp_path / "package",
        "import ctypes\n"
        "def load_librtlsdr():\n"
        f"    return ctypes.CDLL({str(standin.library / 'librtlsdr.so')!r})\n",
    )
    assert len(find(environment)["found"]) == 1


@pytest.mark.parametrize(
    "text",
    [
        "def load_librtlsdr():\n    print('Could not load')\n",
        "raise ImportError('cut off')\n",
    ],
    ids=["loads nothing", "cannot be imported"],
)
def test_after_a_broken_pyrtlsdrlib_the_systems_library_is_taken(
    standin: Standin, tmp_path: Path, text: str
) -> None:
    standin.add("1")
    environment = standin.environment | package(tmp_path / "package", text)
    assert len(find(environment)["found"]) == 1


@pytest.mark.parametrize(
    "text",
    [
        "def load_librtlsdr():\n    raise AttributeError('armv7l')\n",
        "raise RuntimeError('bad')\n",
        "def load_librtlsdr():\n    return object()\n",
    ],
    ids=["for another machine", "raises", "gives no library"],
)
def test_a_pyrtlsdrlib_that_breaks_the_import_is_unusable(
    standin: Standin, tmp_path: Path, text: str
) -> None:
    failed = find(standin.environment | package(tmp_path / "package", text))
    assert failed["reason"] == "library_unusable"
