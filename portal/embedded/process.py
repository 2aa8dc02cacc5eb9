"""Small facts about processes that both servers and the supervisor need."""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, TypedDict

PR_SET_PDEATHSIG = 1
# Loaded before any fork: the hook below must not import or allocate much in the child.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class Account(TypedDict, total=False):
    """The keywords of `subprocess` that change the user; empty when nothing is to change."""

    user: int | str
    group: int | str
    extra_groups: list[int]


def spawn(
    command: Sequence[str],
    *,
    stop_signal: signal.Signals,
    output: int | IO[bytes],
    environment: Mapping[str, str],
    folder: Path,
    account: Account | None = None,
) -> subprocess.Popen[bytes]:
    """Start a child that the kernel stops when this process vanishes, be it by SIGKILL.

    The child has a session of its own, so Ctrl-C reaches only its parent. The kernel forgets the
    stop signal at a change of user; subprocess runs the hook after that change. The hook may run
    beside other threads because it only makes one call into a library that is already loaded.
    """

    def stop_with_parent() -> None:
        if _LIBC is not None:
            _LIBC.prctl(PR_SET_PDEATHSIG, int(stop_signal))

    return subprocess.Popen(
        command,
        env=environment,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=stop_with_parent,  # ruff: ignore[subprocess-popen-preexec-fn]
        **(account or {}),
    )


def stop_process(
    process: subprocess.Popen[bytes], stop_signal: signal.Signals, grace: float
) -> None:
    """Ask the process to stop; after `grace` seconds kill it. Returns when it has gone."""
    if process.poll() is not None:
        return
    process.send_signal(stop_signal)
    try:
        process.wait(grace)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def program_of(pid: int) -> str | None:
    """Name the program that runs under this number now; None where there is no such process.

    Linux only: elsewhere no process is ever found.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return stat[stat.index("(") + 1 : stat.rindex(")")]
