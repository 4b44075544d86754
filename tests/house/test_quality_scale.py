"""The quality scale: every rule of Home Assistant's, done or with the reason why not."""

from pathlib import Path
import re
from typing import Any

import homeassistant
from homeassistant.util.yaml import load_yaml_dict
import pytest

ROOT = Path(__file__).parents[2]
COMPONENT = ROOT / "custom_components" / "eas_station"
RULES: dict[str, Any] = load_yaml_dict(str(COMPONENT / "quality_scale.yaml"))["rules"]

DOCUMENTED = {
    "docs-actions": ("actions.md", r"eas_station\.decode_file"),
    "docs-conditions": ("triggers.md", r"eas_station\.alert_is_active"),
    "docs-triggers": ("triggers.md", r"eas_station\.alert_received"),
    "docs-installation-instructions": ("install.md", r"HACS"),
    "docs-removal-instructions": ("install.md", r"## Remove"),
    "docs-installation-parameters": ("sources.md", r"## Places"),
    "docs-configuration-parameters": ("sources.md", r"Configure"),
    "docs-examples": ("automations.md", r"triggers:"),
    "docs-supported-devices": ("hardware.md", r"RTL-SDR"),
    "docs-supported-functions": ("entities.md", r"sensor\."),
    "docs-troubleshooting": ("troubleshooting.md", r"hears"),
    "docs-data-update": ("index.md", r"## How states are updated"),
    "docs-known-limitations": ("limits.md", r"# Known limits"),
    "docs-use-cases": ("index.md", r"## What it is for"),
}
"""Where each thing is told, and a sign of it."""


def status(rule: str) -> str:
    told = RULES[rule]
    return str(told if isinstance(told, str) else told["status"])


def test_it_holds_the_rules_of_home_assistant_and_no_other() -> None:
    shipped = Path(homeassistant.__file__).parent / "components"
    known = {
        rule
        for path in shipped.glob("*/quality_scale.yaml")
        for rule in load_yaml_dict(str(path))["rules"]
    }
    assert set(RULES) == known
    assert len(known) == 54


def test_what_is_not_done_says_why() -> None:
    for rule, told in RULES.items():
        assert status(rule) in {"done", "todo", "exempt"}, rule
        if status(rule) == "exempt":
            assert len(told["comment"]) > 20, rule


@pytest.mark.parametrize(
    "rule", [rule for rule in DOCUMENTED if status(rule) == "done"]
)
def test_what_is_documented_stands_in_the_docs(rule: str) -> None:
    name, sign = DOCUMENTED[rule]
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert re.search(sign, text), rule


def code(*names: str) -> str:
    return "".join((COMPONENT / name).read_text(encoding="utf-8") for name in names)


@pytest.mark.parametrize(
    ("rule", "name", "sign"),
    [
        ("action-setup", "__init__.py", r"async def async_setup\(.*\n.*\n +async_regi"),
        ("action-exceptions", "services.py", r"raise ServiceValidationError"),
        ("config-entry-unloading", "__init__.py", r"async def async_unload_entry"),
        ("devices", "entity.py", r"DeviceInfo\("),
        ("dynamic-devices", "subentries.py", r"async_schedule_reload\("),
        ("stale-devices", "devices.py", r"config_subentry_id="),
        ("diagnostics", "diagnostics.py", r"async_get_config_entry_diagnostics"),
        ("entity-unavailable", "entity.py", r"def available"),
        ("entity-unique-id", "entity.py", r"_attr_unique_id = "),
        ("has-entity-name", "entity.py", r"_attr_has_entity_name = True"),
        ("log-when-unavailable", "trouble.py", r"over\(HEARS_AGAIN"),
        ("reauthentication-flow", "flow/reauth.py", r"async_step_reauth\("),
        ("reconfiguration-flow", "flow/form.py", r"async_step_reconfigure\("),
        ("repair-issues", "trouble.py", r"async_create_issue\("),
        ("runtime-data", "__init__.py", r"entry\.runtime_data = "),
        ("test-before-setup", "__init__.py", r"raise ConfigEntryNotReady"),
        ("unique-config-entry", "config_flow.py", r"_abort_if_unique_id_configured"),
    ],
)
def test_done_is_what_the_code_does(rule: str, name: str, sign: str) -> None:
    assert status(rule) == "done"
    assert re.search(sign, code(name)), rule


def test_typing_is_strict() -> None:
    assert status("strict-typing") == "done"
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert re.search(r"\[tool\.mypy\](.*\n)*?strict = true", project)
