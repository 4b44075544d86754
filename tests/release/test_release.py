"""What is released works alone: nothing of this tree is beside it."""

from pathlib import Path
import subprocess
import sys
import zipfile

import pytest
from pytest_socket import enable_socket, socket_allow_hosts

from script.hass_process import HassProcess, complaints, make_configuration
from script.ports import free_port
from script.release import build_wheel, build_zip

SECONDS = 90.0


@pytest.fixture(autouse=True)
def loopback(socket_enabled: None) -> None:
    """Let these tests use the loopback interface, and no other."""
    enable_socket()
    socket_allow_hosts(["127.0.0.1", "localhost", "::1"])


def test_the_same_tree_gives_the_same_zip(tmp_path: Path) -> None:
    build_zip(tmp_path / "one.zip")
    build_zip(tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_the_zip_holds_the_component_at_its_root_with_the_library(
    tmp_path: Path,
) -> None:
    build_zip(tmp_path / "eas_station.zip")
    with zipfile.ZipFile(tmp_path / "eas_station.zip") as archive:
        names = archive.namelist()
    assert {
        "manifest.json",
        "__init__.py",
        "translations/en.json",
        "icons.json",
        "brand/icon.png",
        "LICENSE",
        "eas_core/__init__.py",
        "eas_core/modem/decoder.py",
        "eas_core/same/data/locations.csv",
        "eas_core/sources/data/voice.ogg",
    } <= set(names)
    assert not [
        name for name in names if "__pycache__" in name or name.endswith(".pyc")
    ]


async def test_the_zip_alone_gives_an_alert_in_an_empty_home_assistant(
    tmp_path: Path,
) -> None:
    build_zip(tmp_path / "eas_station.zip")
    component = tmp_path / "config" / "custom_components" / "eas_station"
    with zipfile.ZipFile(tmp_path / "eas_station.zip") as archive:
        archive.extractall(component)
    port = free_port()
    make_configuration(tmp_path / "config", component, port)
    async with HassProcess(tmp_path / "config", port) as hass:
        await hass.log_in()
        async with hass.websocket() as websocket:
            await websocket.command(type="subscribe_events", event_type="eas_alert")
            await hass.set_up("simulator", name="Zip EAS", first_alert_seconds=2)
            alert = await websocket.wait_for(lambda event: True, SECONDS)
        assert await hass.stop() == 0
        assert complaints(hass.log) == []
    assert alert["data"]["event_code"] == "TOR"
    assert not component.is_symlink()


def test_the_wheel_decodes_by_itself(tmp_path: Path) -> None:
    build_wheel(tmp_path)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    audio = tmp_path / "message.wav"
    header = "ZCZC-EAS-RWT-039035+0100-3281200-WJON/TV -"
    for arguments in (["encode", header, str(audio)], ["decode", str(audio)]):
        done = subprocess.run(
            [sys.executable, "-m", "eas_core", *arguments],
            cwd=tmp_path / "site",
            capture_output=True,
            text=True,
            check=True,
        )
    assert header in done.stdout
