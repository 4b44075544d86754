"""What ties a child process to its parent: it never outlives it."""

from collections.abc import Callable
import os
import signal
import sys
import threading
from typing import BinaryIO, Final

_PR_SET_PDEATHSIG: Final = 1
"""From linux/prctl.h."""


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
