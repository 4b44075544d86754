"""The card's files: small, nothing from the network, each text in each language."""

import gzip
import json
from pathlib import Path
import re

import pytest

ROOT = Path(__file__).parents[2]
COMPONENT = ROOT / "custom_components" / "eas_station"
FOLDER = COMPONENT / "frontend"
FILES = sorted(FOLDER.iterdir())
TEXTS = {path.name: path.read_text(encoding="utf-8") for path in FILES}
MOST_BYTES = 60_000

KEY = re.compile(r'^ {2}"([a-z_]+\.[a-z_]+)": "(.+)",$', re.MULTILINE)
USED = re.compile(
    r'"((?:card|link|refused|calm|weekly|alerts?|danger|channels|map|waterfall|history|play|listen|actions|example)\.[a-z_]+)"'
)


def table(language: str) -> dict[str, str]:
    """Return the texts of a language by their keys."""
    found = re.search(
        rf"export const {language} = {{\n(.*?)\n}};", TEXTS["strings.js"], re.DOTALL
    )
    assert found
    return dict(KEY.findall(found[1]))


def test_the_card_is_small() -> None:
    assert sum(len(gzip.compress(path.read_bytes())) for path in FILES) < MOST_BYTES


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_its_modules_import_each_other_and_nothing_else(path: Path) -> None:
    text = TEXTS[path.name]
    assert path.suffix == ".js"
    imported = re.findall(r'(?:^import .*from |import\()"([^"]+)"', text, re.MULTILINE)
    for name in imported:
        assert name.removeprefix("./") in TEXTS
    for forbidden in (
        "innerHTML",
        "insertAdjacentHTML",
        "outerHTML",
        "eval(",
        "fetch(",
    ):
        assert forbidden not in text


def test_every_text_is_in_every_language() -> None:
    english, spanish = table("EN"), table("ES")
    assert len(english) > 50
    assert [*english] == [*spanish]
    for key, text in english.items():
        named = re.compile(r"\{\w+\}")
        assert sorted(named.findall(text)) == sorted(named.findall(spanish[key])), key


def test_every_text_that_is_used_is_there() -> None:
    code = "".join(text for name, text in TEXTS.items() if name != "strings.js")
    used = set(USED.findall(code))
    assert len(used) > 40
    assert used <= table("EN").keys()


def test_every_state_of_a_source_has_a_text() -> None:
    strings = json.loads((COMPONENT / "strings.json").read_text(encoding="utf-8"))
    states = strings["entity"]["sensor"]["source_status"]["state"]
    assert {f"state.{name}" for name in states} <= table("EN").keys()
    assert all(f"  {name}: {{ tone" in TEXTS["channels.js"] for name in states)
