"""Forms: setting a station up, its options, and its other sources."""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
import os
from pathlib import Path
from random import Random
from typing import Any, ClassVar, Final, override
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.helpers.json import json_bytes
from homeassistant.util.json import json_loads

from bench.fuzzing.agents import as_json
from bench.fuzzing.containers import media
from bench.fuzzing.home import ENTRY, calm, home, logged, set_up, station_entry
from bench.fuzzing.mutate import mutate_json, mutate_text
from bench.fuzzing.recordings import NAMES
from bench.fuzzing.target import Target, WrongAnswerError
from eas_core.masking import mask_secrets
from eas_core.sources.rtl_tcp import DongleInfo

FLOW: Final = "custom_components.eas_station.flow"
PLACES: Final = ["039035", "139173"]
COMMON: Final = {"name": "Home EAS", "locations": PLACES}
RECEIVER: Final = {"gain_db": 20.0, "ppm": 0, "agc": False, "bias_tee": False}
SOURCES: Final[dict[str, dict[str, Any]]] = {
    "simulator": COMMON
    | {"call_sign": "KSIM/NWS", "first_alert_seconds": 3600, "interval_minutes": 60},
    "pcm": COMMON
    | {
        "mode": "udp",
        "host": "::",
        "port": 7355,
        "sample_rate": 48_000,
        "channels": 1,
        "sample_format": "s16le",
    },
    "stream": COMMON | {"url": "http://user:hush@radio.example/x"},
    "file": COMMON | {"path": "FOLDER/whole.wav", "loop": False},
    "rtl_tcp": COMMON | {"host": "attic", "port": 1234, "receiver": RECEIVER},
    "agents": COMMON | {"base_topic": "eas_station"},
}
PATHS: Final = (
    *("FOLDER/pipe", "FOLDER", "/dev/zero", "/dev/null", "/etc/passwd", "FOLDER/x\x00"),
    *(
        "concat:FOLDER/whole.wav|/etc/passwd",
        "http://radio.example/x",
        "-i",
        "FOLDER/link",
    ),
    *("pipe:0", "data:,x", "~", "", " ", "FOLDER/whole.wav" + "/" * 5000),
)
ADDRESSES: Final = ("", "http://", "file:///etc/passwd", "concat:a|b", "http://[::1")
RECEPTION: Final[dict[str, dict[str, Any]]] = {
    "nwr": {"frequencies": ["162550000", "162400000"]},
    "fm": {"station": 98.7},
    "am": {"station": 1100},
}
OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "alerts": {
        "places": PLACES,
        "event_rule": "all",
        "tests": True,
        "expect_tests": False,
    },
    "silence": {"quiet_dbfs": -60, "quiet_seconds": 60},
    "recordings": {
        "record": True,
        "copy": "mp3",
        "tones_in_copy": False,
        "keep_days": 730,
        "keep_test_days": 90,
        "keep_mb": 2000,
        "floor_mb": 500,
    },
    "texts": {"nws_text": True},
}


@dataclass(frozen=True, slots=True)
class Filled:
    """A form by its kind and step, and what is typed in it and in the one after it."""

    kind: str
    step: str
    typed: bytes
    then: tuple[str, bytes] | None = None


@contextmanager
def nobody_elsewhere() -> Iterator[None]:
    """Have streams and dongles elsewhere answer well: forms must not ask the network here."""
    with ExitStack() as stack:
        dongle = DongleInfo(tuner="R820T", gains=29)
        stack.enter_context(patch(f"{FLOW}.rtl_tcp.probe", return_value=dongle))
        stack.enter_context(patch(f"{FLOW}.stream.call_in_child"))
        yield


class FlowTarget(Target[Filled]):
    """Anything typed is refused at its field or by its schema, or makes a station that is set up."""

    name: ClassVar = "flow"
    cases: ClassVar = 2_000
    documented: ClassVar = frozenset({"form", "abort", "InvalidData"})

    @override
    @asynccontextmanager
    async def _opened(self, folder: Path) -> AsyncIterator[None]:
        self._folder = folder
        (folder / "whole.wav").write_bytes(media(folder)["wav"])
        (folder / "link").symlink_to("/dev/zero")
        os.mkfifo(folder / "pipe")
        with logged() as self._logged, nobody_elsewhere():
            async with home(folder / "config") as self._hass:
                self._hass.config.components.add("mqtt")
                await set_up(self._hass, station_entry())
                yield

    @override
    def case(self, rng: Random) -> Filled:
        kind = rng.choice(("source", "source", "other", "options"))
        forms = OPTIONS if kind == "options" else SOURCES
        step = rng.choice([*forms])
        then = None
        if step == "rtl_tcp":
            band = rng.choice([*RECEPTION])
            then = band, as_json(mutate_json(rng, RECEPTION[band]))
        typed = dict(forms[step])
        if kind == "other" and step != "simulator":
            del typed["locations"]
        if step == "file" and rng.randrange(2):
            typed["path"] = rng.choice((*PATHS, *NAMES))
        if step == "stream" and rng.randrange(2):
            typed["url"] = mutate_text(rng, rng.choice(ADDRESSES), ADDRESSES)
        if rng.randrange(5):
            typed = mutate_json(rng, typed)
        return Filled(kind, step, as_json(typed), then)

    @override
    async def run(self, case: Filled) -> str:
        try:
            typed = json_loads(
                case.typed.replace(b"FOLDER", str(self._folder).encode())
            )
            then = case.then and (case.then[0], json_loads(case.then[1]))
        except ValueError:
            # Home Assistant's server answers so before a form is asked.
            return "InvalidData"
        if typed is None or (then and then[1] is None):
            # That is no answer, but asks for the form.
            return "form"
        flows, result = await self._open(case)
        try:
            result = await flows.async_configure(
                result["flow_id"], {"next_step_id": case.step}
            )
            result = await flows.async_configure(result["flow_id"], typed)
            if result["type"] is FlowResultType.MENU and then is not None:
                result = await flows.async_configure(
                    result["flow_id"], {"next_step_id": then[0]}
                )
                result = await flows.async_configure(result["flow_id"], then[1])
        except InvalidData:
            self._end(flows, result)
            return "InvalidData"
        await calm(self._hass)
        return await self._judge(flows, result)

    async def _open(self, case: Filled) -> tuple[Any, Any]:
        entries = self._hass.config_entries
        if case.kind == "source":
            context: Any = {"source": "user"}
            return entries.flow, await entries.flow.async_init(
                "eas_station", context=context
            )
        if case.kind == "options":
            return entries.options, await entries.options.async_init(ENTRY)
        made = await entries.subentries.async_init(
            (ENTRY, "source"), context={"source": "user"}
        )
        return entries.subentries, made

    def _end(self, flows: Any, result: Any) -> None:
        for each in flows.async_progress():
            if each["flow_id"] == result["flow_id"]:
                flows.async_abort(result["flow_id"])

    async def _judge(self, flows: Any, result: Any) -> str:
        self._logged.check()
        match result["type"]:
            case FlowResultType.FORM:
                self._end(flows, result)
                if not result["errors"]:
                    raise WrongAnswerError("a form again, and no error")
                json_bytes(result["description_placeholders"] or {})
                return "form"
            case FlowResultType.ABORT:
                return "abort"
            case FlowResultType.CREATE_ENTRY:
                await self._check_made(self._hass, result)
                return "accepted"
        raise WrongAnswerError(f"{result['type']}")

    async def _check_made(self, hass: HomeAssistant, result: Any) -> None:
        """Have every station set up, with what can be written; take it away again."""
        await calm(hass)
        for entry in hass.config_entries.async_entries("eas_station"):
            json_bytes(entry.as_storage_fragment)
            mask_secrets(entry.title)
            if entry.state is not ConfigEntryState.LOADED:
                raise WrongAnswerError(f"{entry.state}: {entry.reason} {entry.data}")
            if entry.entry_id != ENTRY:
                await hass.config_entries.async_remove(entry.entry_id)
                continue
            for subentry_id in [*entry.subentries]:
                hass.config_entries.async_remove_subentry(entry, subentry_id)
        await calm(hass)
        self._logged.check()
