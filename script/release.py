"""Build dist/eas_station.zip, as HACS takes it, and the wheel of eas_core."""

from pathlib import Path
import shutil
import subprocess
import sys
import zipfile

ROOT = Path(__file__).parent.parent
COMPONENT = ROOT / "custom_components" / "eas_station"
LIBRARY = ROOT / "eas_core"
NOT_SHIPPED = {"__pycache__", ".mypy_cache", ".ruff_cache"}
STAMP = (2026, 1, 1, 0, 0, 0)
"""One time for all files: the same tree gives the same zip."""


def shipped_files(folder: Path) -> list[Path]:
    """Return a folder's files, without what tools leave there and without links."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not NOT_SHIPPED.intersection(path.parts)
    )


def build_zip(target: Path) -> None:
    """Write the component's files at the root of a zip, the library's in eas_core."""
    files = {
        path.relative_to(COMPONENT): path
        for path in shipped_files(COMPONENT)
        if (COMPONENT / "eas_core") not in path.parents
    }
    for path in shipped_files(LIBRARY):
        files[Path("eas_core") / path.relative_to(LIBRARY)] = path
    for name in ("LICENSE",):
        files[Path(name)] = ROOT / name
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for inside, path in sorted(files.items()):
            entry = zipfile.ZipInfo(inside.as_posix(), STAMP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, path.read_bytes())


def build_wheel(target: Path) -> None:
    """Build the wheel of eas_core with uv."""
    uv = shutil.which("uv") or str(ROOT / ".uv" / "bin" / "uv")
    command = [uv, "build", "--quiet", "--wheel", "--out-dir", str(target), str(ROOT)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def main() -> int:
    """Build both into dist, or into the folder that is named."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist"
    build_zip(target / "eas_station.zip")
    build_wheel(target)
    for path in sorted(target.iterdir()):
        print(f"{path}  {path.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
