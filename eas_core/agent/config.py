"""What the agent's file says: the broker, the stations, and where things are kept.

docs/agent.md has all that can be in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
import tomllib
from typing import Any, Final

from ..errors import EasError
from ..sources.choice import SourceChoice, choose_source
from ..sources.dongle import DongleOptions
from ..station.options import RecordingOptions, StationOptions
from ..station.station import Station
from .discovery import PREFIX
from .table import ConfigError, Table, is_number, is_whole
from .topics import BASE, Topics

FOLDER: Final = "/var/lib/eas-station"
PORT: Final = 1883
PORT_TLS: Final = 8883

CHOICE_NUMBERS: Final = ("fm", "am", "rate", "inputs", "input")
DONGLE: Final = tuple(one.name for one in fields(DongleOptions))
RECORDING: Final = tuple(
    one.name for one in fields(RecordingOptions) if one.name != "folder"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """Where the MQTT broker is, and who the agent is to it.

    With `tls` the server's certificate is checked, against `ca_file` where that
    is named; `certificate_file` and `key_file` are the agent's own.
    """

    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False
    ca_file: str | None = None
    certificate_file: str | None = None
    key_file: str | None = None
    keepalive: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class StationConfig:
    """A station by its name: its source and how it hears."""

    name: str
    choice: SourceChoice
    recording: RecordingOptions | None = None

    def build(self) -> Station:
        """Return the station, which does not hear yet; raises EasError."""
        source, plan = choose_source(self.choice)
        options = StationOptions(name=self.name, radio=plan, recording=self.recording)
        return Station(source, options)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentConfig:
    """All that an agent is told; seconds where nothing else is said.

    `discovery` is the prefix of Home Assistant's MQTT discovery, None where it
    is not to be found by that.
    """

    topics: Topics
    broker: Broker
    stations: tuple[StationConfig, ...]
    folder: Path
    health_seconds: float = 60.0
    level_seconds: float | None = None
    discovery: str | None = None


def read_config(path: str | Path, environment: Mapping[str, str]) -> AgentConfig:
    """Return what a file says; raises ConfigError."""
    try:
        with Path(path).open("rb") as file:
            told = tomllib.load(file)
    except OSError as error:
        raise ConfigError(
            f"Write the agent's settings to {path}: {error.strerror}."
        ) from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"Mend {path}: {error}.") from error
    root = Table(told, "the file", environment)
    agent = root.table("agent")
    folder = Path(agent.text("folder") or FOLDER)
    stations = tuple(_station(one, folder) for one in root.tables("station"))
    names = [station.name for station in stations]
    if not stations or len({*names}) < len(names):
        raise ConfigError("Write at least one [[station]], each with its own name.")
    config = AgentConfig(
        topics=_topics(agent),
        broker=_broker(root.table("broker")),
        stations=stations,
        folder=folder,
        health_seconds=agent.number("health_seconds", 60.0, least=5.0),
        level_seconds=agent.number("level_seconds", 0.0, least=0.0) or None,
        discovery=_discovery(agent),
    )
    agent.end()
    root.end()
    return config


def _discovery(agent: Table) -> str | None:
    wanted = agent.flag("discovery")
    prefix = agent.text("discovery_prefix") or PREFIX
    try:
        Topics(prefix, "any")
    except EasError as error:
        raise ConfigError(
            f"Write discovery_prefix in [agent] as Home Assistant has it, such as {PREFIX}."
        ) from error
    return prefix if wanted else None


def _topics(agent: Table) -> Topics:
    try:
        return Topics(agent.text("base") or BASE, agent.must("name"))
    except ConfigError:
        raise
    except EasError as error:
        raise ConfigError(f"Look at [agent]: {error}") from error


def _broker(table: Table) -> Broker:
    tls = table.flag("tls")
    broker = Broker(
        host=table.must("host"),
        port=round(table.number("port", PORT_TLS if tls else PORT, least=1)),
        user=table.text("user"),
        password=table.secret("password"),
        tls=tls,
        ca_file=table.text("ca_file"),
        certificate_file=table.text("certificate_file"),
        key_file=table.text("key_file"),
        keepalive=round(table.number("keepalive", 60, least=5)),
    )
    table.end()
    return broker


def _station(table: Table, folder: Path) -> StationConfig:
    name = table.must("name")
    source = table.secret("source", plain=True)
    if source is None:
        raise ConfigError(f"Name the source of the station {name}.")
    choice: dict[str, Any] = {"source": source}
    choice |= {
        key: value
        for key in CHOICE_NUMBERS
        if (value := table.number(key, None)) is not None
    }
    for key in ("rate", "inputs", "input"):
        if key in choice:
            choice[key] = round(choice[key])
    if (sample_format := table.text("sample_format")) is not None:
        choice["sample_format"] = sample_format
    if (locations := table.list_of("locations", str)) is not None:
        choice["locations"] = locations
    if (channels := table.list_of("channels", float)) is not None:
        choice["channels"] = channels
    dongle = {key: value for key in DONGLE if (value := table.any(key)) is not None}
    recording = table.table("recording", optional=True)
    config = StationConfig(
        name=name,
        choice=SourceChoice(**choice, dongle=_dongle(dongle, name)),
        recording=None if recording is None else _recording(recording, folder, name),
    )
    table.end()
    return config


def _dongle(told: Mapping[str, Any], name: str) -> DongleOptions:
    gain, ppm = told.get("gain_db"), told.get("ppm", 0)
    flags = [told.get(key, False) for key in ("agc", "bias_tee")]
    numbers = (gain is None or is_number(gain)) and is_whole(ppm)
    if not numbers or not all(isinstance(flag, bool) for flag in flags):
        raise ConfigError(
            f"In the station {name}, gain_db and ppm are numbers, agc and bias_tee true or false."
        )
    return DongleOptions(
        gain_db=None if gain is None else float(gain),
        ppm=ppm,
        agc=flags[0],
        bias_tee=flags[1],
    )


def _recording(table: Table, folder: Path, name: str) -> RecordingOptions | None:
    if not table.flag("on", usual=True):
        return None
    told: dict[str, Any] = {}
    for key in RECORDING:
        value = table.any(key)
        if value is None:
            continue
        usual = getattr(RecordingOptions(folder=""), key)
        same = isinstance(value, type(usual)) or (
            isinstance(usual, float) and is_number(value)
        )
        if not same or (key == "copy" and value not in ("mp3", "opus")):
            raise ConfigError(f"Look at {key} of the recordings of {name}.")
        told[key] = float(value) if isinstance(usual, float) else value
    where = table.text("folder") or str(folder / "recordings")
    table.end()
    return RecordingOptions(folder=where, **told)
