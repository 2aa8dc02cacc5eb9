"""Opening what others sent in a process that can do nothing else (security.md X5, X7).

One worker per process of the portal, started at the first upload, forks a child for each picture
or PDF. ffmpeg, which cleans sound and film, is a program of its own and is confined the same way.
Where the system cannot fork (Windows) pictures and PDFs are cleaned in the portal's own process,
which the log says once, and sound and film are refused.
"""

from __future__ import annotations

import atexit
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from portal.core.files import answers, limits
from portal.core.files.verdict import Cleaned, RefusedFile

ROOT = Path(__file__).resolve().parents[3]
# A little more than the child gives itself.
PATIENCE = 75.0
AVAILABLE = sys.platform == "linux"
_QUIET = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "PYTHONWARNINGS": "ignore"}

logger = logging.getLogger(__name__)


class ProgramFailed(Exception):
    """A confined program did not do its work; `said` holds the end of what it told."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


@dataclass(slots=True)
class _Worker:
    """The worker of this process and the end of the line to it."""

    process: subprocess.Popen[bytes]
    control: socket.socket
    owner: int

    @property
    def lives(self) -> bool:
        return self.owner == os.getpid() and self.process.poll() is None

    def stop(self) -> None:
        """End it; of a process we were forked from, only our end of the line is closed."""
        self.control.close()
        if self.owner == os.getpid():
            self.process.kill()
            self.process.wait()


_lock = threading.Lock()
_worker: _Worker | None = None


def clean(media_type: str, received: bytes) -> Cleaned:
    """The file cleaned by the worker's child; RefusedFile with its reason, or `broken`."""
    try:
        with _line() as line:
            for part in answers.question(media_type, received):
                line.sendall(part)
            with line.makefile("rb") as stream:
                judged = answers.read_answer(stream)
    except (OSError, answers.BadAnswer) as fault:
        # Killed by its limits, crashed, or not telling the truth: the file is to blame.
        logger.warning("a confined child gave no answer (%s)", type(fault).__name__)
        raise RefusedFile("broken") from fault
    if isinstance(judged, Cleaned):
        return judged
    raise RefusedFile(judged.code, **judged.params)


def _line() -> socket.socket:
    """A line to a fresh child. A worker that has died meanwhile is replaced once."""
    ours, theirs = socket.socketpair()
    ours.settimeout(PATIENCE)
    with theirs:
        try:
            try:
                socket.send_fds(_running().control, [b"."], [theirs.fileno()])
            except OSError:
                stop()
                socket.send_fds(_running().control, [b"."], [theirs.fileno()])
        except BaseException:
            ours.close()
            raise
    return ours


def _running() -> _Worker:
    global _worker  # ruff: ignore[global-statement] - one a process, like the connection pools
    with _lock:
        if _worker is None or not _worker.lives:
            if _worker is not None:
                _worker.stop()
            _worker = _start()
        return _worker


def _start() -> _Worker:
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "portal.core.files.worker", str(theirs.fileno())],
            cwd=ROOT,
            env=_QUIET | _coverage(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
    worker = _Worker(process, ours, os.getpid())
    ours.settimeout(PATIENCE)
    try:
        if ours.recv(1):
            return worker
    except OSError:
        pass
    worker.stop()
    logger.error("the process that opens uploads does not start")
    raise RefusedFile("scanner_down")


def _coverage() -> dict[str, str]:
    """Let the measuring of tests reach the worker."""
    return {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}


def stop() -> None:
    """End the worker of this process; the next upload starts another."""
    global _worker  # ruff: ignore[global-statement]
    with _lock:
        if _worker is not None:
            _worker.stop()
            _worker = None


atexit.register(stop)


def run(
    program: Sequence[str], files: Sequence[int], *, bounds: limits.Limits, seconds: float
) -> str:
    """Run a program confined, with these open files and no others; what it said.

    The clock is the wall's: a program that waits uses no processor time.
    """
    launcher = [sys.executable, "-I", "-S", limits.__file__, *bounds.arguments(), "--"]
    process = subprocess.Popen(
        [*launcher, *program],
        cwd="/",
        env=_QUIET,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        pass_fds=list(files),
        start_new_session=True,
    )
    try:
        _nothing, errors = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise ProgramFailed("took too long") from None
    said = errors.decode("utf-8", "replace")[-8000:]
    if process.returncode:
        raise ProgramFailed(said)
    return said


def cleaner(direct: Callable[[bytes], Cleaned], media_type: str) -> Callable[[bytes], Cleaned]:
    """The confined way to clean a type, or the direct one where there is none."""
    if AVAILABLE:
        return partial(clean, media_type)
    _say_once()
    return direct


@cache
def _say_once() -> None:
    logger.warning("this system cannot confine: uploads are opened in the portal itself")
