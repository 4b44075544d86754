"""A short cut of bench/fuzz.py where it needs a network."""

from pathlib import Path

import pytest

from bench.fuzzing import load_target
from bench.fuzzing.target import drive
from tests.core.test_fuzz import SEED

EPISODES = {"rtl_tcp": 60, "pcm": 20, "http": 20}


@pytest.mark.parametrize("name", EPISODES)
async def test_no_peer_brings_what_is_not_documented(name: str, tmp_path: Path) -> None:
    outcome = await drive(load_target(name), SEED, range(EPISODES[name]), tmp_path)
    assert outcome.failures == []
    assert outcome.cases == EPISODES[name]
