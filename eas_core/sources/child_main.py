"""Where a child process begins: a program of its own, run by its path.

The library may lie in Home Assistant's configuration folder, whose files must
not shadow the standard library's: so its package is loaded from where it is,
and neither that folder nor the present one is ever on the path.
"""

import importlib
import importlib.util
import json
import os
from pathlib import Path
import sys
from typing import BinaryIO, Final

PACKAGE: Final = "eas_core"


def main() -> None:
    """Take the task from standard input and do it."""
    control, pipe = take_over_pipes()
    task = json.loads(control.readline() or b"null")
    if task is None:
        return
    sys.path += [folder for folder in task["path"] if folder not in sys.path]
    load_package(Path(__file__).absolute().parents[1])
    leash = importlib.import_module(f"{PACKAGE}.sources.child_leash")
    leash.die_with(task["parent"])
    leash.confine()
    importlib.import_module(f"{PACKAGE}.sources.child_serve").serve(task, pipe, control)


def take_over_pipes() -> tuple[BinaryIO, int]:
    """Return the parent's pipes, and give native code and other programs others.

    What they print goes to standard error; what they read is empty.
    """
    control, pipe = os.fdopen(os.dup(0), "rb"), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return control, pipe


def load_package(folder: Path) -> None:
    """Make the package importable by its name, wherever its folder is."""
    spec = importlib.util.spec_from_file_location(
        PACKAGE, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"There is no package in {folder}.")
    package = importlib.util.module_from_spec(spec)
    sys.modules[PACKAGE] = package
    spec.loader.exec_module(package)


if __name__ == "__main__":
    main()
