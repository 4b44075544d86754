"""What is freed goes back to the system, where the C library has to be told so."""

import subprocess
import sys

import pytest

from eas_core.heap import give_back_large_blocks

FRAYED = """
import resource
import sys

import numpy as np

from eas_core.heap import give_back_large_blocks


def pages() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


if sys.argv[1] == "told":
    give_back_large_blocks()
# As glibc learns it: what was freed was large, and so large is what it keeps.
np.ones(30_000_000 // 8)
before, small, large = pages(), [], []
for _ in range(200):
    large.append(np.ones(1_000_000 // 8))
    small.append(bytearray(5000))
large.clear()
print(pages() - before)
"""


def kept(how: str) -> int:
    """Return how many bytes a process of its own keeps of 200 MB that it has freed."""
    done = subprocess.run(
        (sys.executable, "-c", FRAYED, how), check=True, capture_output=True, text=True
    )
    return int(done.stdout)


def test_large_blocks_go_back_to_the_system() -> None:
    assert kept("told") < 20_000_000


def test_a_library_that_does_not_know_of_it_is_no_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ctypes.CDLL", lambda name: object())
    assert give_back_large_blocks() is False
