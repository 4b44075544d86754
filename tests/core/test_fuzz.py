"""A short cut of bench/fuzz.py: nothing but what is documented comes of whatever comes in."""

from pathlib import Path

import pytest

from bench.fuzzing import load_target
from bench.fuzzing.target import drive

SEED = 20_261_128
EPISODES = {
    "header": 1500,
    "decoder": 1,
    "station": 2,
    "container": 60,
    "wire": 300,
    "address": 500,
    "playlist": 300,
    "mqtt": 600,
    "command": 200,
    "agent.toml": 200,
    "spool": 40,
    "recording": 500,
    "sidecar": 120,
    "written": 200,
}


@pytest.mark.parametrize("name", EPISODES)
async def test_nothing_comes_that_is_not_documented(name: str, tmp_path: Path) -> None:
    target = load_target(name)
    outcome = await drive(target, SEED, range(EPISODES[name]), tmp_path)
    assert outcome.failures == []
    assert outcome.cases == EPISODES[name] * target.inputs
