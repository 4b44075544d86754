"""What bench/fuzz.py throws at each part; docs/fuzz.md has what came of it."""

from importlib import import_module
from typing import Any, Final

from bench.fuzzing.target import Target

TARGETS: Final = {
    "header": "headers:HeaderTarget",
    "decoder": "decoder:DecoderTarget",
    "station": "decoder:StationTarget",
    "rtl_tcp": "network:RtlTcpTarget",
    "pcm": "network:PcmTarget",
    "http": "network:HttpTarget",
    "container": "containers:ContainerTarget",
    "wire": "wire:WireTarget",
    "address": "addresses:AddressTarget",
    "playlist": "addresses:PlaylistTarget",
    "mqtt": "agents:PayloadTarget",
    "command": "agents:CommandTarget",
    "agent.toml": "agent_files:ConfigTarget",
    "spool": "agent_files:SpoolTarget",
    "recording": "recordings:NameTarget",
    "sidecar": "recordings:SidecarTarget",
    "written": "written:WrittenTarget",
    "websocket": "websocket:WebsocketTarget",
    "media": "media:MediaTarget",
    "flow": "flows:FlowTarget",
    "store": "store:StoreTarget",
    "blueprint": "blueprints:BlueprintTarget",
}
"""Each part by its name: the file and the class, loaded when it is its turn."""


def load_target(name: str) -> Target[Any]:
    """Return a target by its name."""
    module, _, kind = TARGETS[name].partition(":")
    made: Target[Any] = getattr(import_module(f"bench.fuzzing.{module}"), kind)()
    return made
