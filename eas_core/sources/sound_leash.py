"""Starts a program that ends with us: run by its path, `sound_leash.py PARENT PROGRAM …`.

Linux sends the signal that is asked for here when the thread that started this
process ends, however it does, and keeps that over exec. Asked for between fork
and exec of a process with threads it would need an interpreter, which may hang
there; so it is asked for by one of its own, which then becomes the program.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
"""From linux/prctl.h."""


def main() -> None:
    """Tie this process to its parent and become the program."""
    parent, program = int(sys.argv[1]), sys.argv[2]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() == parent:
        os.execv(program, sys.argv[2:])  # noqa: S606 - It becomes what its parent found.


if __name__ == "__main__":
    main()
