"""Limits of a process that handles what others sent. Standard library only.

As a program it confines itself and becomes another one:

    python -I -S limits.py MEMORY SECONDS WRITTEN FILES -- program arguments …
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass

MEGABYTE = 1024 * 1024
CLONE_NEWNET = 0x40000000
CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1
PR_SET_NO_NEW_PRIVS = 38
NOBODY = 65_534


@dataclass(frozen=True, slots=True)
class Limits:
    """What a confined process may use; `files` is the highest number of an open file."""

    memory: int
    seconds: int
    written: int
    files: int

    def arguments(self) -> list[str]:
        """As the program above takes them."""
        return [str(n) for n in (self.memory, self.seconds, self.written, self.files)]


def confine(limits: Limits) -> None:
    """Give up what the work does not need: network, privileges, memory, time, files.

    Network and account are taken where the kernel lets us (in some containers it does not); the
    limits always hold.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if libc.unshare(CLONE_NEWNET):
        libc.unshare(CLONE_NEWUSER | CLONE_NEWNET)
    if os.geteuid() == 0:
        with contextlib.suppress(OSError):
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
    # A change of account forgets it.
    libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
    os.nice(5)
    for kind, wanted in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, limits.seconds),
        (resource.RLIMIT_FSIZE, limits.written),
        (resource.RLIMIT_NOFILE, limits.files),
    ):
        hard = resource.getrlimit(kind)[1]
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(kind, (most, most))


def become(arguments: Sequence[str]) -> None:
    """Confine this process and run the program instead of it."""
    numbers, command = arguments[:4], list(arguments[5:])
    # Opened while we may: the account without rights need not reach the folder it lies in.
    program = os.open(command[0], os.O_RDONLY)
    confine(Limits(*map(int, numbers)))
    os.execve(  # ruff: ignore[start-process-with-no-shell] - the portal's own command line
        program, command, {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}
    )


if __name__ == "__main__":
    become(sys.argv[1:])
