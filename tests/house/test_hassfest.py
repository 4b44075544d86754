"""Offline stand-in for hassfest and the HACS action, which need the network."""

import json
from pathlib import Path
import re
from typing import Any

from homeassistant.const import __version__ as ha_version
from homeassistant.helpers import condition
from homeassistant.helpers.trigger import descriptions
from homeassistant.loader import Integration
from homeassistant.util.yaml import load_yaml_dict
from packaging.requirements import Requirement
from PIL import Image
import pytest

# Before the `hass` fixture puts another package of this name first.
import custom_components

ROOT = Path(__file__).parents[2]
COMPONENT = ROOT / "custom_components" / "eas_station"


def load(name: str) -> Any:
    return json.loads((COMPONENT / name).read_text(encoding="utf-8"))


MANIFEST = load("manifest.json")
STRINGS = load("strings.json")
ICONS = load("icons.json")


def texts(node: Any, path: str = "") -> dict[str, str]:
    """Return all texts of a translation by their path."""
    if isinstance(node, str):
        return {path: node}
    return {
        key: text
        for name, child in node.items()
        for key, text in texts(child, f"{path}.{name}").items()
    }


def test_the_manifest_has_what_it_needs_in_order() -> None:
    keys = list(MANIFEST)
    assert keys[:2] == ["domain", "name"]
    assert keys[2:] == sorted(keys[2:])
    assert {
        "codeowners",
        "config_flow",
        "documentation",
        "integration_type",
        "iot_class",
        "issue_tracker",
        "requirements",
        "version",
    } <= set(keys)
    assert MANIFEST["domain"] == COMPONENT.name
    assert re.fullmatch(r"\d+\.\d+\.\d+", MANIFEST["version"])
    assert all(owner.startswith("@") for owner in MANIFEST["codeowners"])


async def test_home_assistants_loader_takes_it(hass: Any) -> None:
    integration = Integration.resolve_from_root(hass, custom_components, "eas_station")
    assert integration is not None
    assert integration.name == "EAS Station"
    assert integration.config_flow


def constraints() -> dict[str, str]:
    import homeassistant

    path = Path(homeassistant.__file__).parent / "package_constraints.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    pins = (line.split("==") for line in lines if "==" in line and line[0] != "#")
    return {name.lower(): version for name, version in pins}


@pytest.mark.parametrize("text", MANIFEST["requirements"])
def test_requirements_agree_with_home_assistants_pins(text: str) -> None:
    requirement = Requirement(text)
    pins = constraints()
    assert requirement.name in pins, "Home Assistant ships it, so wheels exist"
    assert requirement.specifier.contains(pins[requirement.name])


def test_translations_are_the_strings_written_out() -> None:
    assert load("translations/en.json") == STRINGS
    assert not [text for text in texts(STRINGS).values() if "[%key:" in text]


def test_spanish_says_all_that_english_says() -> None:
    spanish, english = texts(load("translations/es.json")), texts(STRINGS)
    assert set(spanish) == set(english)
    holes = re.compile(r"\{[a-z_]+\}")
    for path, text in spanish.items():
        assert sorted(holes.findall(text)) == sorted(holes.findall(english[path])), path
    # Another source is set up by the same words as the first.
    same = {text for path, text in spanish.items() if text == english[path]}
    assert len(same) < 5, same


@pytest.mark.parametrize("language", ["en", "es"])
def test_texts_are_plain(language: str) -> None:
    for path, text in texts(load(f"translations/{language}.json")).items():
        assert text == text.strip(), path
        assert "://" not in text, path
        assert "<" not in text, path
        assert not re.search(r"'\{.*\}'", text), path
    keys = {name for path in texts(STRINGS) for name in path.split(".") if name}
    assert all(re.fullmatch(r"[a-z0-9_-]*[a-z0-9]", key) for key in keys)


def sources(folder: str = "") -> str:
    """Return all Python of the integration, or of a folder in it."""
    paths = sorted((COMPONENT / folder).glob("*.py"))
    if not folder:
        paths += sorted((COMPONENT / "flow").glob("*.py"))
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def steps() -> dict[str, dict[str, Any]]:
    return {
        f"{flow}.{name}": step
        for flow in ("config", "options")
        for name, step in STRINGS[flow]["step"].items()
    }


@pytest.mark.parametrize("name", steps())
def test_every_step_and_each_of_its_fields_is_explained(name: str) -> None:
    step = steps()[name]
    assert step["title"]
    for part in (step, *step.get("sections", {}).values()):
        fields = set(part.get("data", {}))
        assert set(part.get("data_description", {})) == fields
    for part in step.get("sections", {}).values():
        assert part["name"]
    choices = set(step.get("menu_options", {}))
    assert set(step.get("menu_option_descriptions", {})) == choices


def test_every_step_of_a_flow_has_its_text() -> None:
    made = set(re.findall(r"async def async_step_([a-z_]+)", sources()))
    # That of a repair has its text at each issue, and what is found shows another step.
    made -= {"confirm", "mqtt"}
    assert made - {"reconfigure", "reauth"} == {name.split(".")[1] for name in steps()}
    progress = set(re.findall(r'progress_action="([a-z_]+)"', sources("flow")))
    assert progress == set(STRINGS["config"]["progress"])


def test_every_choice_of_a_menu_is_a_step() -> None:
    for flow in ("config", "options"):
        names = set(STRINGS[flow]["step"])
        for step in STRINGS[flow]["step"].values():
            assert set(step.get("menu_options", {})) <= names


def test_every_source_can_be_chosen_and_is_named_by_its_model() -> None:
    from custom_components.eas_station.const import SOURCES
    from custom_components.eas_station.sources import MODELS

    assert list(STRINGS["config"]["step"]["user"]["menu_options"]) == list(SOURCES)
    assert set(MODELS) == set(SOURCES)


def test_every_error_of_the_flow_has_a_text_and_no_other_has() -> None:
    from eas_core.sources.source import SourceErrorReason

    told = set(re.findall(r'"((?:invalid|no|same)_[a-z_]+)"', sources("flow")))
    reasons = {reason.value for reason in SourceErrorReason}
    errors = STRINGS["config"]["error"]
    assert told | reasons == set(errors) | set(STRINGS["options"]["error"])
    # What the library knows of it is told with each.
    assert all("{hint}" in errors[reason] for reason in reasons)
    aborts = set(re.findall(r'AbortFlow\("([a-z_]+)"', sources("flow")))
    assert aborts <= set(STRINGS["config"]["abort"])


def test_every_reason_has_a_text_as_an_attribute() -> None:
    from eas_core.sources.source import SourceErrorReason

    status = STRINGS["entity"]["sensor"]["source_status"]
    told = status["state_attributes"]["reason"]["state"]
    assert set(told) == {reason.value for reason in SourceErrorReason}


def test_every_choice_of_a_field_has_a_text() -> None:
    from custom_components.eas_station.flow.pcm import FORMATS, MODES
    from eas_core.station.filters import EventRule

    used = set(re.findall(r'translation_key="([a-z_]+)"', sources("flow")))
    for path in COMPONENT.glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        used |= set(re.findall(r"translation_key: ([a-z_]+)", text))
    selectors = STRINGS["selector"]
    assert used == set(selectors)
    assert set(selectors["pcm_mode"]["options"]) == set(MODES)
    assert set(selectors["sample_format"]["options"]) == set(FORMATS)
    assert set(selectors["event_rule"]["options"]) == {rule.value for rule in EventRule}


def test_every_exception_has_a_message() -> None:
    names = (
        *("__init__.py", "actions.py", "button.py"),
        *("agent_actions.py", "agent_orders.py", "media_source.py", "services.py"),
    )
    files = [*map(COMPONENT.joinpath, names), *(COMPONENT / "websocket").glob("*.py")]
    code = "".join(path.read_text(encoding="utf-8") for path in files)
    used = set(re.findall(r'[( ]translation_key="([a-z_]+)",\n +translation_pl', code))
    assert used == set(STRINGS["exceptions"])
    assert all(one["message"] for one in STRINGS["exceptions"].values())


def test_every_action_and_each_of_its_fields_is_explained() -> None:
    from homeassistant.helpers.service import _SERVICES_SCHEMA

    actions = _SERVICES_SCHEMA(load_yaml_dict(str(COMPONENT / "services.yaml")))
    code = (COMPONENT / "services.py").read_text(encoding="utf-8")
    names = set(re.findall(r'SERVICE_[A-Z_]+: Final = "([a-z_]+)"', code))
    assert set(actions) == names == set(STRINGS["services"]) == set(ICONS["services"])
    for name, action in actions.items():
        told = STRINGS["services"][name]
        assert told["name"]
        assert told["description"]
        assert set(action["fields"]) == set(told["fields"])
        assert all(
            each["name"] and each["description"] for each in told["fields"].values()
        )


def test_actions_and_triggers_name_the_same_events() -> None:
    actions, triggers = (
        load_yaml_dict(str(COMPONENT / name))
        for name in ("services.yaml", "triggers.yaml")
    )
    assert (
        actions["get_alerts"]["fields"]["events"]
        == triggers["alert_received"]["fields"]["events"]
    )


def test_every_state_that_is_an_issue_has_its_text() -> None:
    from eas_core.station.trouble_log import HEARS_BADLY

    issues = STRINGS["issues"]
    assert {f"source_{state}" for state in HEARS_BADLY} <= set(issues)
    for issue in issues.values():
        assert issue["title"]
        assert ("description" in issue) != ("fix_flow" in issue)


def test_every_repair_tells_how_it_ends() -> None:
    from custom_components.eas_station.repairs import FIXES

    ends = {
        "restart": {"restarted", "not_restarted"},
        "self_test": {"self_test_passed", "self_test_failed"},
    }
    assert set(ends) == set(FIXES)
    for issue in STRINGS["issues"].values():
        if flow := issue.get("fix_flow"):
            assert set(flow["step"]) == {"confirm"}
            told = set(flow.get("abort", {})) - {"not_loaded"}
            assert told in ends.values() or "data" in flow["step"]["confirm"]


PLATFORM_FILES = {
    "binary_sensor": ["binary_sensor.py", "agent_presence.py"],
    "button": ["button.py"],
    "event": ["event.py"],
    "geo_location": ["geo_location.py"],
    "number": ["number.py"],
    "switch": ["switch.py"],
    "sensor": ["sensor.py", "alert_sensor.py", "channel_sensor.py"],
}


def test_every_platform_says_how_many_updates_it_takes_at_once() -> None:
    from custom_components.eas_station import PLATFORMS

    assert {platform.value for platform in PLATFORMS} == set(PLATFORM_FILES)
    for platform in PLATFORMS:
        code = (COMPONENT / f"{platform.value}.py").read_text(encoding="utf-8")
        assert "PARALLEL_UPDATES = 0" in code


def test_every_significance_is_a_type_of_event() -> None:
    from eas_core.same import SIGNIFICANCES

    told = STRINGS["entity"]["event"]["alert"]["state_attributes"]["event_type"]
    assert set(told["state"]) == set(SIGNIFICANCES)


def test_every_entity_has_a_name_and_an_icon() -> None:
    for platform, files in PLATFORM_FILES.items():
        code = "".join((COMPONENT / name).read_text(encoding="utf-8") for name in files)
        used = set(re.findall(r'translation_key *= *"([a-z_]+)"', code))
        used -= set(STRINGS["exceptions"])
        assert used == set(STRINGS["entity"][platform])
        assert used == set(ICONS["entity"][platform])
    assert set(STRINGS["entity"]) == set(PLATFORM_FILES) == set(ICONS["entity"])
    assert all(
        one["name"] for keys in STRINGS["entity"].values() for one in keys.values()
    )
    assert all(icon.startswith("mdi:") for icon in texts(ICONS).values())


def test_every_state_of_a_source_has_a_text_and_an_icon() -> None:
    from eas_core.station import SourceState

    names = {state.value for state in SourceState}
    assert set(STRINGS["entity"]["sensor"]["source_status"]["state"]) == names
    assert set(ICONS["entity"]["sensor"]["source_status"]["state"]) == names


@pytest.mark.parametrize(("name", "size"), [("icon.png", 256), ("icon@2x.png", 512)])
def test_the_brand_has_its_image(name: str, size: int) -> None:
    with Image.open(COMPONENT / "brand" / name) as image:
        assert image.size == (size, size)
        assert image.format == "PNG"


def test_hacs_takes_the_release_and_nothing_else() -> None:
    hacs = json.loads((ROOT / "hacs.json").read_text(encoding="utf-8"))
    allowed = {
        "name",
        "content_in_root",
        "country",
        "filename",
        "hacs",
        "hide_default_branch",
        "homeassistant",
        "persistent_directory",
        "render_readme",
        "zip_release",
    }
    assert set(hacs) <= allowed
    assert hacs["zip_release"] is True
    assert hacs["hide_default_branch"] is True
    assert hacs["filename"] == "eas_station.zip"
    assert ha_version.split(".")[:2] >= hacs["homeassistant"].split(".")[:2]


def test_the_project_has_what_hacs_looks_for() -> None:
    assert (ROOT / "README.md").is_file()
    assert [
        path.name
        for path in (ROOT / "custom_components").iterdir()
        if (path / "manifest.json").exists()
    ] == ["eas_station"]


@pytest.mark.parametrize("kind", ["trigger", "condition"])
def test_every_trigger_and_condition_is_explained(kind: str) -> None:
    described = load_yaml_dict(str(COMPONENT / f"{kind}s.yaml"))
    schema = {
        "trigger": descriptions._TRIGGERS_DESCRIPTION_SCHEMA,
        "condition": condition._CONDITIONS_DESCRIPTION_SCHEMA,
    }[kind]
    schema(described)
    described = {name: each for name, each in described.items() if name[0] != "."}
    told = STRINGS[f"{kind}s"]
    assert set(described) == set(told) == set(ICONS[f"{kind}s"])
    for name, each in described.items():
        assert told[name]["name"], name
        assert told[name]["description"], name
        assert set(ICONS[f"{kind}s"][name]) == {kind}
        assert set(each["fields"]) == set(told[name]["fields"]), name
        for field in each["fields"].values():
            select = field["selector"].get("select", {})
            if "translation_key" in select:
                options = STRINGS["selector"][select["translation_key"]]["options"]
                assert options.keys() == set(select["options"]), name


@pytest.mark.parametrize("kind", ["trigger", "condition"])
def test_every_event_can_be_chosen(kind: str) -> None:
    from eas_core.same import EVENTS

    fields = load_yaml_dict(str(COMPONENT / f"{kind}s.yaml"))[".alert_fields"]
    options = fields["events"]["selector"]["select"]["options"]
    names = {option["value"]: option["label"] for option in options}
    assert names == {code: f"{name} ({code})" for code, name in EVENTS.items()}
