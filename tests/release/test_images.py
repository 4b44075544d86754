"""The container's and the app's build files, which no engine has built here."""

from pathlib import Path
import re

import pytest

ROOT = Path(__file__).parents[2]
CONTAINER = ROOT / "deploy" / "container" / "Containerfile"
APP = ROOT / "deploy" / "app" / "eas_agent" / "Dockerfile"
KNOWN = {
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "FROM",
    "HEALTHCHECK",
    "RUN",
    "USER",
    "VOLUME",
}


def steps(path: Path) -> list[tuple[str, str]]:
    """Return the instructions with what follows them."""
    lines = re.sub(r"\\\n", " ", path.read_text()).splitlines()
    said = [line.split(maxsplit=1) for line in lines if line and line[0] != "#"]
    return [(name, rest) for name, rest in said]


@pytest.mark.parametrize(
    ("path", "context"),
    [(CONTAINER, ROOT), (APP, APP.parent)],
    ids=["container", "app"],
)
def test_each_step_is_known_and_copies_what_is_there(path: Path, context: Path) -> None:
    stages: set[str] = set()
    for name, rest in steps(path):
        assert name in KNOWN
        if name == "FROM":
            image, *stage = rest.split(" AS ")
            # A name with its registry and its version: the same wherever it is built.
            assert re.fullmatch(r"docker\.io/library/[a-z]+:[\w.-]+", image)
            stages.update(stage)
        if name == "COPY" and (other := re.match(r"--from=(\w+) ", rest)):
            assert other[1] in stages
        elif name == "COPY":
            *sources, _ = rest.split()
            assert sources
            assert all((context / source).exists() for source in sources)


def test_the_container_runs_as_nobody_of_note_and_looks_after_itself() -> None:
    said = dict(steps(CONTAINER))
    assert said["USER"] not in ("root", "0")
    assert f" {said['USER']} " in dict(steps(CONTAINER))["RUN"]
    assert "--check" in said["HEALTHCHECK"]
    assert said["VOLUME"] in said["RUN"]
