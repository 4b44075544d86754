"""The app for Home Assistant OS: its files as the supervisor reads them, its script run."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
import json
import os
from pathlib import Path
import subprocess
import sys
import tomllib
from typing import Any

from homeassistant.util.yaml import load_yaml_dict
import pytest
from pytest_socket import enable_socket, socket_allow_hosts
import voluptuous as vol

from tests.peers.mosquitto import PASSWORD, USER, listener, mosquitto, write_passwords
from tests.peers.network import until
from tests.peers.web import WebServer, file, status

ROOT = Path(__file__).parents[2]
APP = ROOT / "deploy" / "app" / "eas_agent"
ELEMENT = vol.Match(
    r"^(str(\(\d*,\d*\))?|password|bool|port|int\(-?\d*,-?\d*\)"
    r"|float\(-?[\d.]*,-?[\d.]*\)|match\(.+\))\??$"
)
"""Of the supervisor's types those that an agent has use for."""
SCHEMA = vol.Schema(
    {
        vol.Required("name"): str,
        vol.Required("version"): vol.Match(r"^\d+\.\d+\.\d+$"),
        vol.Required("slug"): vol.Match(r"^[-_.A-Za-z0-9]+$"),
        vol.Required("description"): str,
        vol.Required("arch"): [vol.In(["aarch64", "amd64"])],
        "url": vol.Url(),
        "stage": vol.In(["stable", "experimental", "deprecated"]),
        "startup": vol.In(["initialize", "system", "services", "application", "once"]),
        "boot": vol.In(["auto", "manual", "manual_only"]),
        "usb": bool,
        "udev": bool,
        "audio": bool,
        "services": [vol.Match(r"^(mqtt|mysql):(provide|want|need)$")],
        "backup_exclude": [str],
        "options": dict,
        "schema": {str: vol.Any(ELEMENT, [ELEMENT])},
    }
)
"""home-assistant/supervisor, validate.py of its apps: it passes over an app that does not fit, and says so in its log only."""


@pytest.fixture(autouse=True)
def loopback(socket_enabled: None) -> None:
    """Let these tests use the loopback interface, and no other."""
    enable_socket()
    socket_allow_hosts(["127.0.0.1", "localhost", "::1"])


def read(path: Path) -> Any:
    return load_yaml_dict(str(path))


@pytest.fixture(name="app")
def app_config() -> Any:
    return read(APP / "config.yaml")


def test_the_supervisor_takes_the_app_and_its_repository(app: Any) -> None:
    SCHEMA(app)
    assert {"name", "url"} <= set(read(ROOT / "repository.yaml"))
    # It takes every file of this name in the repository for an app.
    listed = subprocess.run(
        ["git", "ls-files", "*/config.yaml", "*/config.yml", "*/config.json"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    assert listed.stdout.split() in ([], ["deploy/app/eas_agent/config.yaml"])


def test_a_type_that_the_supervisor_does_not_know_is_found(app: Any) -> None:
    app["schema"]["name"] = "text"
    with pytest.raises(vol.Invalid):
        SCHEMA(app)


def test_each_option_has_a_type_and_words_in_both_languages(app: Any) -> None:
    assert set(app["options"]) <= set(app["schema"])
    required = {key for key, kind in app["schema"].items() if kind[-1] != "?"}
    assert required <= set(app["options"])
    for language in ("en", "es"):
        words = read(APP / "translations" / f"{language}.yaml")["configuration"]
        assert set(words) == set(app["schema"])
        assert all(each["name"] and each["description"] for each in words.values())


def test_the_version_is_the_librarys(app: Any) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert app["version"] == project["version"]
    assert f"/v{project['version']}.tar.gz" in (APP / "Dockerfile").read_text()


@contextmanager
def run(
    data: Path, options: Mapping[str, object], supervisor: WebServer
) -> Iterator[subprocess.Popen[str]]:
    """Run the app's script as the app does, with these folders and this supervisor."""
    (data / "options.json").write_text(json.dumps(options))
    environment = os.environ | {
        "EAS_DATA": str(data),
        "EAS_SUPERVISOR": supervisor.address,
        "SUPERVISOR_TOKEN": "token",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, str(APP / "run.py")]
    with subprocess.Popen(
        command, env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_the_supervisors_broker_hears_the_agent(app: Any, tmp_path: Path) -> None:
    options = app["options"] | {"source": "simulator"}
    with (
        mosquitto(write_passwords) as broker,
        WebServer() as web,
        listener(broker, USER, PASSWORD) as hears,
    ):
        service = {"host": "127.0.0.1", "port": broker.port, "ssl": False}
        service |= {"username": USER, "password": PASSWORD}
        answer = json.dumps({"result": "ok", "data": service}).encode()
        web.answers["/services/mqtt"] = file(answer, "application/json")
        with run(tmp_path, options, web) as process:
            until(lambda: bool(hears.told("status")))
            hears.publish("eas_station/haos/command", {"command": "self_test"})
            until(lambda: bool(hears.told("alert")))
            process.terminate()
            assert process.wait(20) == 0
        assert "Authorization: Bearer token" in web.requests[0]
    assert hears.told("alert")[0]["agent"] == "haos"
    written = tmp_path / "agent.toml"
    assert written.stat().st_mode & 0o777 == 0o600
    assert PASSWORD not in written.read_text()


def test_without_a_broker_it_says_what_to_do_and_waits(
    app: Any, tmp_path: Path
) -> None:
    with WebServer() as web:
        web.answers["/services/mqtt"] = status(400)
        with run(tmp_path, app["options"], web) as process:
            assert process.stderr is not None
            assert process.stderr.readline().startswith("Install the Mosquitto app")
            assert process.poll() is None


def test_all_options_make_a_file_that_the_agent_takes(app: Any, tmp_path: Path) -> None:
    options = app["options"] | {
        "source": "rtl_tcp://127.0.0.1",
        "station": 'Attic "north" \\ Ñ',
        "channels": [162.4, 162.55],
        "gain_db": 32.8,
        "ppm": -3,
        "bias_tee": True,
        "broker_host": "127.0.0.1",
        "broker_port": 8883,
        "broker_user": USER,
        "broker_password": PASSWORD,
        "broker_tls": True,
    }
    with WebServer() as web, run(tmp_path, options, web):
        until((tmp_path / "agent.toml").exists)
    command = [sys.executable, "-m", "eas_core", "agent", "--check", "--config"]
    checked = subprocess.run(
        [*command, str(tmp_path / "agent.toml")],
        cwd=ROOT,
        env=os.environ | {"EAS_PASSWORD": PASSWORD},
        check=True,
        capture_output=True,
        text=True,
    )
    assert checked.stdout == 'haos: Attic "north" \\ Ñ\n'
    assert not web.requests
