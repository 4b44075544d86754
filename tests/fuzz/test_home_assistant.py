"""A short cut of bench/fuzz.py where it needs Home Assistant, with files on a real disk."""

from pathlib import Path

import pytest

from bench.fuzzing import load_target
from bench.fuzzing.target import drive

SEED = 20_261_128
EPISODES = {"websocket": 60, "media": 60, "flow": 15, "store": 10, "blueprint": 8}


@pytest.mark.parametrize("name", EPISODES)
async def test_nothing_comes_that_is_not_documented(name: str, tmp_path: Path) -> None:
    outcome = await drive(load_target(name), SEED, range(EPISODES[name]), tmp_path)
    assert outcome.failures == []
    assert outcome.cases == EPISODES[name]
