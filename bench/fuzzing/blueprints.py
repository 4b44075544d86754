"""What is filled in where an automation is made of a blueprint, and events that claim to be alerts."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
import shutil
from typing import Any, ClassVar, Final, override
from unittest.mock import patch

from homeassistant.components.automation.config import async_validate_config_item
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
from homeassistant.util.json import json_loads
from homeassistant.util.yaml import load_yaml_dict
import probatio
from pytest_homeassistant_custom_component.common import async_mock_service

from bench.fuzzing.agents import as_json
from bench.fuzzing.home import calm, home, logged, set_up, station_entry
from bench.fuzzing.mutate import mutate_json
from bench.fuzzing.store import stored_entry
from bench.fuzzing.target import Target

FOLDER: Final = Path(__file__).parents[2] / "blueprints" / "automation" / "eas_station"
GIVEN: Final[dict[str, Any]] = {
    "lights": ["light.hall"],
    "players": ["media_player.hall"],
    "engine": "tts.voice",
    "phones": [],
    "events": ["TOR"],
    "places": ["039035"],
}
SERVICES: Final = (
    *(("light", "turn_on"), ("tts", "speak"), ("media_player", "play_media")),
    *(("scene", "create"), ("persistent_notification", "create")),
)


TOLD: Final = {"alert_id": "0000000000000001", "duration_s": 41.5}


@dataclass(frozen=True, slots=True)
class Filled:
    """A blueprint's file, its inputs, and the event that comes then, both as JSON."""

    blueprint: str
    inputs: bytes
    event: bytes


def inputs_of(path: Path) -> dict[str, Any]:
    """Return a blueprint's inputs as somebody fills them who changes little."""
    found: dict[str, Any] = {}
    waiting: list[Mapping[str, Any]] = [load_yaml_dict(str(path))["blueprint"]["input"]]
    while waiting:
        for key, told in waiting.pop().items():
            if told and "input" in told:
                waiting.append(told["input"])
            else:
                found[key] = GIVEN.get(key, (told or {}).get("default", ""))
    return found


class BlueprintTarget(Target[Filled]):
    """Any inputs make an automation or are refused; whatever event comes, our triggers raise nothing."""

    name: ClassVar = "blueprint"
    cases: ClassVar = 1_000
    documented: ClassVar = frozenset({"Invalid", "HomeAssistantError"})

    def __init__(self) -> None:
        """Read the blueprints."""
        self._inputs = {path.name: inputs_of(path) for path in sorted(FOLDER.iterdir())}

    @override
    @asynccontextmanager
    async def _opened(self, folder: Path) -> AsyncIterator[None]:
        shutil.copytree(FOLDER, folder / "blueprints" / "automation" / "eas_station")
        with logged() as self._logged:
            async with home(folder) as self._hass:
                await set_up(self._hass, station_entry())
                for service in SERVICES:
                    async_mock_service(self._hass, *service)
                assert await async_setup_component(self._hass, "automation", {})
                yield
                await self._automate([])

    @override
    def case(self, rng: Random) -> Filled:
        name = rng.choice([*self._inputs])
        inputs, event = self._inputs[name], stored_entry(1) | TOLD
        if rng.randrange(4):
            inputs = mutate_json(rng, inputs)
        if rng.randrange(2):
            event = mutate_json(rng, event)
        return Filled(name, as_json(inputs), as_json(event))

    @override
    async def run(self, case: Filled) -> str:
        try:
            inputs, event = json_loads(case.inputs), json_loads(case.event)
        except ValueError:
            return "Invalid"
        config = {
            "id": "fuzzed",
            "alias": "Fuzzed",
            "use_blueprint": {
                "path": f"eas_station/{case.blueprint}",
                "input": inputs,
            },
        }
        try:
            made = await async_validate_config_item(self._hass, "fuzzed", config)
        except probatio.Invalid:
            return "Invalid"
        except HomeAssistantError, OverflowError, TypeError:
            # Home Assistant's own forms of time and lists raise the last two for 1e308 and 7.
            return "HomeAssistantError"
        await self._automate([config])
        if isinstance(event, dict):
            self._hass.bus.async_fire("eas_alert", event)
            self._hass.bus.async_fire("eas_end_of_message", event)
            self._hass.bus.async_fire("eas_transcript", event)
        await self._hass.async_block_till_done()
        self._logged.check()
        status = getattr(made, "validation_status", "ok")
        return "accepted" if status == "ok" else "Invalid"

    async def _automate(self, configs: list[dict[str, Any]]) -> None:
        with patch(
            "homeassistant.config.load_yaml_config_file",
            return_value={"automation": configs},
        ):
            await self._hass.services.async_call("automation", "reload", blocking=True)
        await calm(self._hass)
