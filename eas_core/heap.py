"""How the C library's allocator keeps what is freed: without this a week of audio frays its heap."""

import contextlib
import ctypes
from typing import Final

MMAP_THRESHOLD: Final = -3
ARENA_MAX: Final = -8
"""Parameters of glibc's mallopt(3), from its malloc.h."""
LARGE_BYTES: Final = 128 * 1024
"""glibc's own first threshold; left alone it grows to 32 MiB with what is freed."""
ARENAS: Final = 2


def give_back_large_blocks() -> bool:
    """Let arrays of 128 KiB and more go back to the system as soon as they are freed.

    glibc otherwise keeps them among small blocks, in an arena for each thread,
    where the holes add up: a station of seven channels grows to hundreds of
    megabytes of which it uses a fourth (docs/soak.md). It is for a process of
    one's own, at its start. Returns whether the C library knows of it: musl and
    others keep nothing back and have no such call.
    """
    with contextlib.suppress(AttributeError, OSError):
        mallopt = ctypes.CDLL(None).mallopt
        return bool(mallopt(MMAP_THRESHOLD, LARGE_BYTES) and mallopt(ARENA_MAX, ARENAS))
    return False
