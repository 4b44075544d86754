"""What is put inside a Home Assistant of a soak: a library that steers its clock and disk, a probe."""

from contextlib import suppress
import json
from pathlib import Path
import subprocess
from typing import Any


def preloads(folder: Path, more: Path | None = None) -> dict[str, str]:
    """Return the environment in which clock and disk can be steered by files in a folder.

    `more` is another library to load, such as an allocator.
    """
    library = folder / "soak_preload.so"
    source = Path(__file__).with_name("soak_preload.c")
    command = ("gcc", "-shared", "-fPIC", "-O2", "-o", library, source, "-ldl")
    subprocess.run([str(one) for one in command], check=True)
    (folder / "clock").write_bytes(bytes(8))
    return {
        "LD_PRELOAD": ":".join(str(one) for one in (library, more) if one),
        "SOAK_SLOW": str(folder / "slow"),
        "SOAK_CLOCK": str(folder / "clock"),
        "SOAK_PROBE": str(folder / "probe.jsonl"),
    }


class Probe:
    """What the custom component has written so far."""

    def __init__(self, path: Path) -> None:
        """Take its file."""
        self._path, self._read = path, 0
        self.lines: list[dict[str, Any]] = []

    def look(self) -> list[dict[str, Any]]:
        """Return all lines, with what is new."""
        with suppress(FileNotFoundError), self._path.open("rb") as file:
            file.seek(self._read)
            for line in file:
                if not line.endswith(b"\n"):
                    break
                self._read += len(line)
                self.lines.append(json.loads(line))
        return self.lines

    def newest(self, kind: str) -> dict[str, Any] | None:
        """Return the newest line of a kind."""
        return next((one for one in reversed(self.look()) if one["kind"] == kind), None)
