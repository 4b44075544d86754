"""What ties a child process to its parent: it never outlives it."""

from collections.abc import Callable
from contextlib import suppress
import os
import resource
import signal
import sys
import threading
from typing import BinaryIO, Final

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_NO_NEW_PRIVS: Final = 38
"""From linux/prctl.h."""

MOST_BYTES: Final = 1 << 29
"""What a source may fill of memory: five times what a stream does, so that a
stranger's stream that makes a decoder ask for more fails here, and alone."""


def confine() -> None:
    """Give up what no source needs, for this process and those that it starts.

    No core is dumped, which would hold an address's password; memory is
    limited; and on Linux no program that it runs has more rights than itself.
    """
    for what, limit in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_DATA, MOST_BYTES),
    ):
        # Whoever started Home Assistant may have set less.
        with suppress(ValueError, OSError):
            resource.setrlimit(what, (limit, limit))
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def die_with(parent: int) -> None:
    """Have the kernel kill this process when the thread that started it ends.

    That needs no interpreter, so it works as well where a native call hangs.
    Beyond Linux the end of the control pipe alone tells.
    """
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        leave()


def heed(control: BinaryIO, stop: Callable[[], None]) -> None:
    """Call `stop` for a line from the parent, and leave at once when the parent is gone."""

    def watch() -> None:
        while control.readline():
            stop()
        leave()

    threading.Thread(target=watch, name="eas-leash", daemon=True).start()


def leave() -> None:
    """End this process and those that it started, without any closing."""
    try:
        os.killpg(os.getpid(), signal.SIGKILL)
    finally:
        os._exit(1)
