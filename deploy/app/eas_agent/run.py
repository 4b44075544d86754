# ruff: noqa: INP001 - A script that stands alone in its image.
"""Start the agent on Home Assistant OS: its file comes from the app's options and the supervisor.

EAS_DATA and EAS_SUPERVISOR, for those who try it elsewhere, say where both are.
"""

from collections.abc import Mapping
import json
import os
from pathlib import Path
import sys
import time
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

TIMEOUT_SECONDS: Final = 10.0
RETRY_SECONDS: Final = 10.0

type Table = Mapping[str, object]


def main() -> None:
    """Write the agent's file, and become the agent."""
    data = Path(os.environ.get("EAS_DATA", "/data"))
    options = json.loads((data / "options.json").read_text(encoding="utf-8"))
    broker = own_broker(options) or supervisors_broker()
    password = broker.pop("password", None)
    if password:
        os.environ["EAS_PASSWORD"] = password
        broker["password_env"] = "EAS_PASSWORD"  # noqa: S105 - A variable's name.
    path = data / "agent.toml"
    write_private(path, agent_file(options, broker, data / "agent"))
    os.environ.pop("SUPERVISOR_TOKEN", None)
    arguments = [sys.executable, "-m", "eas_core", "agent", "--config", str(path)]
    os.execv(sys.executable, arguments)  # noqa: S606 - It takes this one's place, and its signals.


def own_broker(options: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the broker that the user names, None where that is the supervisor's to say."""
    named = {
        key: options[f"broker_{key}"]
        for key in ("host", "port", "user", "password", "tls")
        if options.get(f"broker_{key}") not in (None, "")
    }
    return named if "host" in named else None


def supervisors_broker() -> dict[str, Any]:
    """Return the broker of Home Assistant's MQTT app; waits until there is one."""
    while (told := ask_supervisor()) is None:
        print(
            "Install the Mosquitto app and start it, or name a broker in the options.",
            file=sys.stderr,
            flush=True,
        )
        time.sleep(RETRY_SECONDS)
    broker = {"host": told["host"], "port": int(told["port"])}
    broker |= {"tls": True} if told.get("ssl") else {}
    if told.get("username"):
        broker |= {"user": told["username"], "password": told.get("password")}
    return broker


def ask_supervisor() -> dict[str, Any] | None:
    """Return what the supervisor knows of MQTT, None where that is nothing."""
    supervisor = os.environ.get("EAS_SUPERVISOR", "http://supervisor")
    token = os.environ.get("SUPERVISOR_TOKEN", "")
    request = Request(  # noqa: S310 - The address is the supervisor's.
        f"{supervisor}/services/mqtt", headers={"Authorization": f"Bearer {token}"}
    )
    try:
        with urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - The same.
            told = json.load(answer).get("data")
    except HTTPError, URLError, TimeoutError, ValueError:
        return None
    return told if told and "host" in told and "port" in told else None


def agent_file(options: Mapping[str, Any], broker: Table, folder: Path) -> str:
    """Return the agent's file; docs/agent.md has all that can be in it."""
    station = {"name": options["station"], "source": options["source"]}
    if options.get("channels"):
        station["channels"] = options["channels"]
    for key in ("gain_db", "ppm", "bias_tee"):
        if options.get(key) is not None:
            station[key] = options[key]
    agent = {"name": options["name"], "base": options["base"], "folder": str(folder)}
    tables: list[tuple[str, Table]] = [
        ("[agent]", agent),
        ("[broker]", broker),
        ("[[station]]", station),
    ]
    if options.get("record"):
        tables.append(("[station.recording]", {"keep_mb": options["keep_mb"]}))
    return "\n".join(f"{head}\n{lines(table)}" for head, table in tables)


def lines(table: Table) -> str:
    """Return a table's lines: what JSON writes here, TOML reads."""
    return "".join(
        f"{key} = {json.dumps(value, ensure_ascii=False)}\n"
        for key, value in table.items()
    )


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner reads."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    with os.fdopen(
        os.open(new, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w"
    ) as file:
        file.write(text)
    new.replace(path)


if __name__ == "__main__":
    main()
