"""The files of a station's history, as a disk may give them back."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any, ClassVar, Final, override

from homeassistant.config_entries import ConfigEntryState
from homeassistant.helpers.json import json_bytes
from homeassistant.util import dt as dt_util

from bench.fuzzing.agents import as_json, example_alert
from bench.fuzzing.home import ENTRY, calm, home, logged, set_up, station_entry
from bench.fuzzing.mutate import LONG, any_json, mutate_bytes, mutate_json
from bench.fuzzing.target import Target, WrongAnswerError
from eas_core.station.contract import alert_fields

type Files = Mapping[str, bytes]

PREFIX: Final = f"eas_station.{ENTRY}"
LATER: Final = {"ended": None, "duration_s": None, "transcript": None, "updated": None}
NOW: Final = "2026-06-08T18:30:00+00:00"
SOON: Final = "2026-06-08T19:00:00+00:00"
"""Stand for the moment of the run and for half an hour later."""


def stored_entry(number: int) -> dict[str, Any]:
    """Return an entry of a history."""
    alert = alert_fields(example_alert())
    times = {"issued": NOW, "received": NOW, "expires": SOON}
    of_station = {
        "entry_id": ENTRY,
        "device_id": "f" * 32,
        "station": "Home EAS",
        "relevant": True,
        "reason": "location",
        "recording": f"media-source://eas_station/{ENTRY}/x",
    }
    return alert | times | of_station | LATER | {"id": f"{number:016x}"}


def stored(first: int) -> dict[str, Any]:
    """Return a file of a history, whole."""
    state = {
        "set_up_at": NOW,
        "weekly_test": NOW,
        "required_test": None,
        "counters": {"messages": 5, "malformed": 1},
    }
    entries = [stored_entry(number) for number in range(first, first + 3)]
    return {
        "version": 2,
        "minor_version": 1,
        "key": f"{PREFIX}.history.{first // 3}",
        "data": {"entries": entries, "state": state},
    }


def old() -> dict[str, Any]:
    """Return the file of the first version."""
    data = {"active": [stored_entry(50)], "weekly_test": NOW}
    return {"version": 1, "minor_version": 1, "key": PREFIX, "data": data}


class StoreTarget(Target[Files]):
    """Whatever the disk holds, the station is set up, tells its history, and keeps what comes."""

    name: ClassVar = "store"
    cases: ClassVar = 1_500

    @override
    @asynccontextmanager
    async def _opened(self, folder: Path) -> AsyncIterator[None]:
        self._storage = folder / ".storage"
        self._count = 0
        with logged() as self._logged:
            async with home(folder) as self._hass:
                await set_up(self._hass, station_entry())
                yield

    @override
    def case(self, rng: Random) -> Files:
        whole = {
            f"{PREFIX}.history.{number}": stored(3 * number) for number in range(3)
        }
        if not rng.randrange(4):
            whole[PREFIX] = old()
        files = {name: as_json(told) for name, told in whole.items()}
        for name in rng.sample([*files], rng.choice((1, 1, 2))):
            files[name] = _harmed(rng, whole[name], [*files.values()])
        return files

    @override
    async def run(self, case: Files) -> str:
        hass, now = self._hass, dt_util.utcnow()
        await hass.config_entries.async_unload(ENTRY)
        await hass.async_add_executor_job(self._put, case)
        await hass.config_entries.async_setup(ENTRY)
        await calm(hass)
        entry = hass.config_entries.async_get_entry(ENTRY)
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            raise WrongAnswerError(f"not set up: {entry and entry.reason}")
        history = entry.runtime_data.history
        page = await history.async_page(1000)
        json_bytes(page)
        await history.async_page(9, start=now - timedelta(days=1), places=["039035"])
        self._count += 1
        name = f"new{self._count}"
        history.async_add(stored_entry(0) | {"id": name, "received": now.isoformat()})
        await history.async_flush()
        await calm(hass)
        self._logged.check()
        found = await history.async_page(1)
        if found["entries"][0]["id"] != name:
            raise WrongAnswerError("what came after is not kept")
        return "accepted"

    def _put(self, files: Files) -> None:
        """Have these files of the history, and no others."""
        self._storage.mkdir(exist_ok=True)
        for path in self._storage.glob(f"{PREFIX}*"):
            path.unlink()
        now = dt_util.utcnow()
        for name, data in files.items():
            there = data.replace(NOW.encode(), now.isoformat().encode())
            soon = now + timedelta(minutes=30)
            there = there.replace(SOON.encode(), soon.isoformat().encode())
            (self._storage / name).write_bytes(there)


def _harmed(rng: Random, told: dict[str, Any], others: list[bytes]) -> bytes:
    """Return a file as a disk, another version or somebody's editor may leave it."""
    match rng.randrange(10):
        case 0:
            return rng.choice((b"", b"null", b"[]", b"\0" * 400, b"\xff\xfe{}", b"{"))
        case 1:
            return rng.choice(others)
        case 2:
            return mutate_bytes(rng, as_json(told), others)
        case 3:
            return as_json(told | {"version": any_json(rng)})
        case 4:
            return as_json(told)[:-1] + b" " * (50 * LONG) + b"}"
        case 5:
            return as_json(mutate_json(rng, told))
        case _:
            # Within: one of the entries, or what is kept beside them.
            part: Any = told["data"]
            key = rng.choice([*part])
            if isinstance(part[key], list):
                part, key = part[key], rng.randrange(len(part[key]))
            part[key] = mutate_json(rng, part[key])
            return as_json(told)
