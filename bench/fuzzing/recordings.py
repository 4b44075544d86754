"""Names of recordings, and the sidecars beside them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
import json
from pathlib import Path
from random import Random
from typing import Any, ClassVar, Final, override

from bench.fuzzing.agents import as_json, example_alert
from bench.fuzzing.mutate import mutate_bytes, mutate_json, mutate_text
from bench.fuzzing.target import Target, WrongAnswerError
from eas_core.station.contract import alert_fields
from eas_core.station.recording_files import (
    Part,
    RecordedFile,
    Recording,
    RecordingError,
    amend_sidecar,
    from_json,
    recording_name,
    time_of,
    to_json,
)
from eas_core.station.recordings import RecordingIndex, total_bytes
from eas_core.station.records import RecordingEnd

NAME: Final = "20260608T183012345Z-TOR-0123456789abcdef"
SECRET: Final = b"secret"
NAMES: Final = (
    *(NAME, NAME.replace("0608", "9999"), "..", "../secret", "/etc/passwd", ""),
    *(f"{NAME}/../../secret", f"{NAME}.flac", f"../recordings/{NAME}", f"{NAME}\n"),
    *("..%2fsecret", "%2e%2e%2fsecret", "....//secret", "..\\secret", f"{NAME}\x00"),
    *("link", "20260608T183012345Z-LNK-0", f"{NAME[:-1]}٣", NAME.lower(), "file:x"),
)


def recording() -> Recording:
    """Return what is known of a recording."""
    alert: dict[str, Any] = alert_fields(example_alert())
    file = RecordedFile(
        name=f"{NAME}.flac", codec="flac", bytes=6, sample_rate=16_000, duration_s=9.5
    )
    return Recording(
        name=NAME,
        station="Home",
        channel="162.550",
        alert=alert,
        started=datetime(2026, 6, 8, 18, 30, 12, 345_000, UTC),
        ended=datetime(2026, 6, 8, 18, 31, tzinfo=UTC),
        sample_rate=16_000,
        duration_s=9.5,
        parts=(Part(part="header", start_s=0.5, end_s=3.0),),
        whole=file,
        copy=replace(file, name=f"{NAME}.mp3", codec="mp3"),
        copy_spans=((0.0, 1.0),),
        ended_by=RecordingEnd.END_OF_MESSAGE,
    )


class NameTarget(Target[str]):
    """Any name gives a recording of the folder, or is refused: never a file beyond it."""

    name: ClassVar = "recording"
    cases: ClassVar = 120_000
    documented: ClassVar = frozenset({"RecordingError"})

    @override
    @asynccontextmanager
    async def _opened(self, folder: Path) -> AsyncIterator[None]:
        home = folder / "recordings"
        home.mkdir()
        (home / f"{NAME}.json").write_bytes(to_json(recording()))
        for suffix in (".flac", ".mp3"):
            (home / f"{NAME}{suffix}").write_bytes(b"sound!")
        (folder / "secret").write_bytes(SECRET)
        (folder / "secret.json").write_bytes(to_json(recording()))
        (home / "link").symlink_to(folder / "secret")
        self._index = RecordingIndex(home)
        yield

    @override
    def case(self, rng: Random) -> str:
        name = rng.choice(NAMES)
        return mutate_text(rng, name, NAMES) if rng.randrange(5) else name

    @override
    async def run(self, case: str) -> str:
        index = self._index
        try:
            time_of(case)
            found = index.path(case, "copy")
            index.newest(5, before=case)
            if index.read(case).name != case:
                raise WrongAnswerError(case)
        except RecordingError:
            return "RecordingError"
        if found.parent != index.folder or found.read_bytes() == SECRET:
            raise WrongAnswerError(str(found))
        return "accepted"


class SidecarTarget(Target[bytes]):
    """Any sidecar is read or damaged; the folder is listed with it, and no path leads out of the folder."""

    name: ClassVar = "sidecar"
    cases: ClassVar = 30_000
    documented: ClassVar = frozenset({"RecordingError"})

    @override
    @asynccontextmanager
    async def _opened(self, folder: Path) -> AsyncIterator[None]:
        self._folder = folder
        self._told = json.loads(to_json(recording()))
        (folder / f"{NAME}.flac").write_bytes(b"sound!")
        (folder / f"{NAME}.mp3").write_bytes(b"sound!")
        yield

    @override
    def case(self, rng: Random) -> bytes:
        if rng.randrange(3):
            return as_json(mutate_json(rng, self._told))
        return mutate_bytes(rng, as_json(self._told), (b"[" * 9000,))

    @override
    async def run(self, case: bytes) -> str:
        path = self._folder / f"{NAME}.json"
        path.write_bytes(case)
        index = RecordingIndex(self._folder)
        total_bytes(index.entries())
        try:
            found = from_json(case)
            to_json(found)
            recording_name(found.started, "TOR", found.station)
            amend_sidecar(self._folder, NAME, {"transcript": "Heard."})
            for which in ("whole", "copy"):
                audio = index.path(NAME, which)
                if audio.resolve().parent != self._folder.resolve():
                    raise WrongAnswerError(str(audio))
        except RecordingError:
            return "RecordingError"
        return "accepted"
