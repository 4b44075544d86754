"""Identifiers of media, as the browser's address or a script may give them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import ClassVar, Final, override

from homeassistant.components.media_player.browse_media import SearchMediaQuery
from homeassistant.components.media_player.errors import BrowseError
from homeassistant.components.media_source import MediaSourceItem, Unresolvable
from homeassistant.helpers.json import json_bytes

from bench.fuzzing.containers import media
from bench.fuzzing.home import ENTRY, home, logged, set_up, station_entry
from bench.fuzzing.mutate import LETTERS, mutate_text
from bench.fuzzing.recordings import NAME, NAMES, SECRET, recording
from bench.fuzzing.target import Target, WrongAnswerError
from custom_components.eas_station.media_source import async_get_media_source
from custom_components.eas_station.recordings import recording_folder
from eas_core.station.recording_files import to_json

PARTS: Final = ("voice", "header", "whole", "loudest", "tone", "..", "")
WAYS: Final = (
    *(
        "{e}",
        "{e}/{n}",
        "{e}/{n}/{p}",
        "{e}/2026-06-08",
        "{e}/live/main",
        "{e}/live/{n}",
    ),
    *("", "/", "//{e}", "{e}/", "{e}/../{e}/{n}", "../../{n}", "%2e%2e/{n}", "{n}"),
    *("elsewhere/{n}", "{e}/{n}/{p}/{p}", "{e}/2026-13-40", "{e}\\{n}", "{e}%2f{n}"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is done with an identifier: `browse`, `resolve` or `search`."""

    what: str
    identifier: str


class MediaTarget(Target[Asked]):
    """Any identifier gives a recording of the station or a refusal: nothing beyond its folder is told or played."""

    name: ClassVar = "media"
    cases: ClassVar = 30_000
    documented: ClassVar = frozenset({"BrowseError", "Unresolvable"})

    @override
    @asynccontextmanager
    async def _opened(self, folder: Path) -> AsyncIterator[None]:
        with logged() as self._logged:
            async with home(folder) as self._hass:
                await set_up(self._hass, station_entry())
                self._folder = recording_folder(self._hass, ENTRY)
                await self._hass.async_add_executor_job(self._record, folder)
                self._source = await async_get_media_source(self._hass)
                yield

    def _record(self, folder: Path) -> None:
        """Have a recording, and beside its folder what nobody may get."""
        self._folder.mkdir(parents=True, exist_ok=True)
        audio = media(folder)
        for suffix in ("flac", "mp3"):
            (self._folder / f"{NAME}.{suffix}").write_bytes(audio[suffix])
        told = to_json(recording())
        (self._folder / f"{NAME}.json").write_bytes(told)
        for secret in (folder / "secret", self._folder.parent / "secret"):
            secret.write_bytes(SECRET)
            Path(f"{secret}.json").write_bytes(told)
        link = "20260608T183012345Z-LNK-0"
        (self._folder / f"{link}.json").write_bytes(
            told.replace(NAME.encode(), link.encode())
        )
        (self._folder / f"{link}.mp3").symlink_to(folder / "secret")

    @override
    def case(self, rng: Random) -> Asked:
        way = rng.choice(WAYS)
        text = way.format(e=ENTRY, n=rng.choice(NAMES), p=rng.choice(PARTS))
        if rng.randrange(3):
            text = mutate_text(rng, text, NAMES)
        what = rng.choice(("browse", "browse", "resolve", "resolve", "search"))
        return Asked(what, text if what != "search" else rng.choice((text, *LETTERS)))

    @override
    async def run(self, case: Asked) -> str:
        item = MediaSourceItem(self._hass, "eas_station", case.identifier, None)
        try:
            match case.what:
                case "browse":
                    told = str((await self._source.async_browse_media(item)).as_dict())
                case "search":
                    query = SearchMediaQuery(search_query=case.identifier)
                    item = MediaSourceItem(self._hass, "eas_station", ENTRY, None)
                    told = str(await self._source.async_search_media(item, query))
                case _:
                    found = await self._source.async_resolve_media(item)
                    told = found.url
                    self._check(found.path)
            json_bytes(told)
        except BrowseError:
            return "BrowseError"
        except Unresolvable:
            return "Unresolvable"
        self._logged.check()
        if "/secret" in told:
            raise WrongAnswerError(told)
        return "accepted"

    def _check(self, path: Path | None) -> None:
        if path is None:
            return
        if (
            path.parent != self._folder
            or path.resolve().parent != self._folder.resolve()
        ):
            raise WrongAnswerError(f"{path}")
