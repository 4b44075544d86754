"""The files of the history: some alerts each, so that a change writes little and damage costs little."""

from collections.abc import Mapping
from dataclasses import dataclass, field
import logging
from pathlib import Path
import re
from typing import Any, Final, override

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.storage import STORAGE_DIR, Store
from homeassistant.util import dt as dt_util
from homeassistant.util.file import WriteError

from .const import DOMAIN
from .eas_core.fault_log import FaultLog
from .eas_core.plain_json import check_depth
from .history_disk import HistoryDisk
from .history_query import Entry, Shelf

_LOGGER = logging.getLogger(__name__)

VERSION: Final = 2
"""1 was one file of what is active."""

_DAMAGE: Final = (AttributeError, KeyError, NotImplementedError, TypeError, ValueError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """What one file holds: entries, the newest last, and the station's counts and times by then."""

    entries: tuple[Entry, ...] = ()
    state: Mapping[str, Any] = field(default_factory=dict)


class _File(Store[dict[str, Any]]):
    """One file, written whole or not at all, and off the event loop."""

    def __init__(self, hass: HomeAssistant, key: str, disk: HistoryDisk) -> None:
        """Name it."""
        super().__init__(
            hass, VERSION, key, atomic_writes=True, serialize_in_event_loop=False
        )
        self._disk = disk
        self.failed = False

    @override
    async def _async_migrate_func(
        self,
        old_major_version: int,
        old_minor_version: int,
        old_data: dict[str, Any],
    ) -> dict[str, Any]:
        # What comes of it is written before it is read.
        await self.hass.async_add_executor_job(check_depth, old_data)
        if old_major_version == 1:
            state = {"weekly_test": old_data["weekly_test"]}
            return {"entries": old_data["active"], "state": state}
        return old_data

    @override
    async def _async_write_data(self, data: dict[str, Any]) -> None:
        # Home Assistant logs what goes wrong here, and tells nobody else.
        self.failed = True
        path = Path(self.path)
        if not await self._disk.async_takes(path):
            return
        try:
            await super()._async_write_data(data)
        except (OSError, WriteError) as error:
            self._disk.note(path, error)
            raise WriteError(error) from error
        self._disk.note(path, None)
        self.failed = False


class HistoryFiles:
    """The files of one entry, by their numbers: the newest has the greatest."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Name the files after the entry."""
        self._hass = hass
        self._old = f"{DOMAIN}.{entry_id}"
        self._name = f"{self._old}.history."
        self.disk = HistoryDisk(hass)
        self._log = FaultLog(_LOGGER)
        # One object a file: it knows of writes that wait for Home Assistant's end.
        self._files: dict[str, _File] = {}

    async def async_numbers(self) -> list[int]:
        """Return the numbers of the files that there are, the oldest first."""
        folder = self._hass.config.path(STORAGE_DIR)
        names = await self._hass.async_add_executor_job(
            file_names, folder, f"{self._name}*"
        )
        number = re.compile(re.escape(self._name) + r"(\d+)")
        found = (number.fullmatch(name) for name in names)
        return sorted(int(match[1]) for match in found if match)

    async def async_load(self, number: int) -> tuple[Chunk, Shelf] | None:
        """Return what a file holds; None where it cannot be read, which the log tells."""
        return await self._async_read(f"{self._name}{number}")

    async def async_load_old(self) -> Chunk | None:
        """Return what the file of the first version holds, None where there is none."""
        found = await self._async_read(self._old, whole=False)
        return None if found is None else found[0]

    async def async_save(self, number: int, chunk: Chunk) -> bool:
        """Write a file; return whether it could be, which the log tells.

        It is on the disk then, or with the last that a stopping Home Assistant writes.
        """
        file = self._file(f"{self._name}{number}")
        await file.async_save(
            {"entries": chunk.entries, "state": dict(chunk.state)},
        )
        return not file.failed

    async def async_remove(self, number: int) -> None:
        """Forget what a file holds."""
        key = f"{self._name}{number}"
        file = self._file(key)
        await file.async_remove()
        self.disk.note(Path(file.path), None)
        self._files.pop(key, None)

    async def async_remove_old(self) -> None:
        """Forget the file of the first version."""
        await self._file(self._old).async_remove()

    async def async_remove_all(self) -> None:
        """Forget all, with what was set aside."""
        for number in await self.async_numbers():
            await self.async_remove(number)
        await self.async_remove_old()
        folder = self._hass.config.path(STORAGE_DIR)
        for pattern in (f"{self._name}*", f"{self._old}.corrupt.*"):
            await self._hass.async_add_executor_job(remove_files, folder, pattern)

    def _file(self, key: str) -> _File:
        return self._files.setdefault(key, _File(self._hass, key, self.disk))

    async def _async_read(
        self, key: str, *, whole: bool = True
    ) -> tuple[Chunk, Shelf] | None:
        file = self._file(key)
        try:
            data = await file.async_load()
            if data is None:
                # It is not there, or Home Assistant has set it aside and told so.
                await self._async_set_aside(file, "It is empty.")
                return None
            await self._hass.async_add_executor_job(check_depth, data)
            chunk = Chunk(entries=tuple(data["entries"]), state=dict(data["state"]))
            shelf = Shelf()
            for entry in chunk.entries if whole else ():
                shelf.add(entry)
        except HomeAssistantError as error:
            # Another version's, or one that the system does not let be read: it is left alone.
            self._log.fault("Stored alerts in %s are not known: %s", key, error)
        except _DAMAGE as error:
            await self._async_set_aside(file, repr(error))
        else:
            return chunk, shelf
        return None

    async def _async_set_aside(self, file: _File, why: str) -> None:
        aside = f"{file.path}.corrupt.{dt_util.utcnow().isoformat()}"
        if await self._hass.async_add_executor_job(_renamed, file.path, aside):
            self._log.fault(
                "Stored alerts could not be read, and are set aside as %s: %s",
                aside,
                why,
            )


def file_names(folder: str, pattern: str) -> list[str]:
    """Return the names of files in a folder; not for the event loop."""
    return [path.name for path in Path(folder).glob(pattern)]


def remove_files(folder: str, pattern: str) -> None:
    """Remove files from a folder; not for the event loop."""
    for path in Path(folder).glob(pattern):
        path.unlink(missing_ok=True)


def _renamed(path: str, to: str) -> bool:
    try:
        Path(path).rename(to)
    except OSError:
        return False
    return True
