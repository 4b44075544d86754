"""The house rules: what may import what, and how large a room may grow."""

import ast
from pathlib import Path
import re
import subprocess
import tomllib

import pytest

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "eas_core"
MODULES = sorted(LIBRARY.rglob("*.py"))
ROOMS = {
    "same": {"same"},
    "modem": {"modem", "same"},
    "audio": {"audio"},
    "radio": {"radio", "audio"},
    "sources": {"sources", "radio", "audio", "modem", "same"},
    "simulator": {"simulator", "sources", "radio", "audio", "modem", "same"},
    "station": {"station", "sources", "radio", "audio", "modem", "same"},
    "agent": {"agent", "station", "sources", "radio", "audio", "modem", "same"},
    "cli": {
        "cli",
        "agent",
        "station",
        "simulator",
        "sources",
        "radio",
        "audio",
        "modem",
        "same",
    },
}
"""What each room may know; the simulator alone among the sources sends."""


def imports(path: Path) -> list[ast.ImportFrom | ast.Import]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
    ]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_library_knows_no_home_assistant_and_imports_itself_relatively(
    path: Path,
) -> None:
    for node in imports(path):
        if isinstance(node, ast.ImportFrom) and node.level:
            continue
        names = [alias.name for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        for name in names:
            assert name.split(".")[0] not in (
                "homeassistant",
                "eas_core",
                "custom_components",
                "voluptuous",
                "probatio",
            )


@pytest.mark.parametrize("room", ROOMS)
def test_dependencies_point_one_way(room: str) -> None:
    for path in (LIBRARY / room).rglob("*.py"):
        known = ROOMS[room]
        if room == "sources" and path.stem != "simulator":
            known = {"sources", "radio", "audio"}
        for node in imports(path):
            if isinstance(node, ast.ImportFrom) and node.level == 2 and node.module:
                other = node.module.split(".")[0]
                assert other in {
                    *known,
                    "errors",
                    "clock",
                    "masking",
                    "plain_json",
                    "heap",
                    "fault_log",
                }, path


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.splitlines()]


def test_every_exception_from_the_rules_of_bandit_has_its_reason() -> None:
    """ruff's S rules are bandit's; docs/security.md tells of them."""
    unexplained = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in tracked("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"# noqa: (\w+, ?)*S\d{3}(?! - \w)", line)
    ]
    assert unexplained == []


SAID_ONCE = {
    "custom_components/eas_station/remembering.py": "once, at a start",
    "eas_core/agent/spool.py": "once, at a start",
    "eas_core/sources/child_serve.py": "once, at the child's end",
    "eas_core/station/ears.py": "once",
    "eas_core/station/live.py": "once for each listener, at its end",
    "eas_core/station/recording_writer.py": "once for each recording",
    "eas_core/station/station.py": "once for each stop",
}


def test_what_may_be_said_often_goes_through_the_log_of_faults() -> None:
    direct = {
        str(path.relative_to(ROOT))
        for path in tracked("eas_core/*.py", "custom_components/*.py")
        if re.search(
            r"_LOGGER\.(warning|error|exception)\(", path.read_text(encoding="utf-8")
        )
    }
    assert direct == set(SAID_ONCE)


def test_files_stay_small() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in tracked("*.py", "*.js")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}


def test_the_integration_links_the_library_that_is_tested() -> None:
    link = ROOT / "custom_components" / "eas_station" / "eas_core"
    assert link.is_symlink()
    assert link.resolve() == LIBRARY


def test_one_version_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    version = project["project"]["version"]
    manifest = ROOT / "custom_components" / "eas_station" / "manifest.json"
    assert f'"version": "{version}"' in manifest.read_text(encoding="utf-8")
    module = (LIBRARY / "__init__.py").read_text(encoding="utf-8")
    assert f'__version__ = "{version}"' in module
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_links_in_the_docs_lead_somewhere() -> None:
    links = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")
    broken = [
        f"{page.name}: {target}"
        for page in tracked("*.md")
        for target in links.findall(page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert broken == []


def test_scripts_can_be_run() -> None:
    for name in ("setup", "lint", "test", "develop", "release"):
        assert (ROOT / "script" / name).stat().st_mode & 0o111, name
