"""`./run`: PostgreSQL, Valkey, migrations, then web, worker and beat, stopped together.

The servers are started only where DATABASE_URL or REDIS_URL is not set. A child that dies takes
the rest with it: half a portal looks like a whole one until the first deadline is missed.
"""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from . import keys, valkey
from .health import ADDRESS, answers_well, host_name
from .logins import APP, OWNER, prepare_database
from .pg import EmbeddedPostgres, EmbeddedPostgresError
from .process import spawn, stop_process
from .valkey import EmbeddedValkeyError

BASE = Path(__file__).resolve().parents[2]
DATABASE = "portal"
# Gunicorn's heartbeat files: on a disk they may stall a worker.
MEMORY = Path("/dev/shm")  # ruff: ignore[hardcoded-temp-file]
READY_SECONDS = 90
# For a migration of a large database; nothing here takes as long.
COMMAND_SECONDS = 3600
# Written once the demo data is in; the file is the state folder's, so a new folder starts anew.
DEMO_MARK = "demo-loaded"
# Written when a real office was set up here: from then on the folder never sees demo data.
OFFICE_MARK = "office"


class StoppedError(Exception):
    """Somebody asked to stop while something was still being started."""


class FailedError(Exception):
    """A part failed; the message names it. What it said itself is already on the screen."""


def say(text: str) -> None:
    """Write a line at once, also into a pipe."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


class Child:
    """A process of ours whose lines appear on the screen under its name."""

    def __init__(self, name: str, command: list[str], environment: Mapping[str, str]) -> None:
        """Start it and a thread that repeats what it says."""
        self.name = name
        self.process = spawn(
            command,
            stop_signal=signal.SIGTERM,
            output=subprocess.PIPE,
            environment=environment,
            folder=BASE,
        )
        self._reader = threading.Thread(target=self._repeat_lines, daemon=True)
        self._reader.start()

    def stop(self, grace: float = 20) -> None:
        """Stop it and let its last lines out."""
        stop_process(self.process, signal.SIGTERM, grace)
        self._reader.join(timeout=2)

    def _repeat_lines(self) -> None:
        if self.process.stdout is None:
            return
        with self.process.stdout as lines:
            for line in lines:
                say(f"{self.name:<8}| {line.decode('utf-8', 'replace').rstrip()}")


class Conditions:
    """What the environment asks for, read as the settings read it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Keep the environment; everything is read when asked."""
        self.environment = environment

    @property
    def port(self) -> int:
        return int(self.environment.get("PORT") or "8000")

    @property
    def host(self) -> str:
        return host_name(self.environment, self.port)

    @property
    def production(self) -> bool:
        return self._is_on("PORTAL_PRODUCTION", "0")

    @property
    def demo(self) -> bool:
        """Demo data and accounts are for trying out: never in production, and DEMO=0 refuses."""
        return not self.production and self._is_on("DEMO", "1")

    @property
    def database_given(self) -> bool:
        """Both logins, or neither: with one of them the migrations could not run."""
        given = [
            bool(self.environment.get(name)) for name in ("DATABASE_URL", "DATABASE_OWNER_URL")
        ]
        if any(given) and not all(given):
            raise FailedError(
                "DATABASE_URL 与 DATABASE_OWNER_URL 须同时设置 / set both DATABASE_URL and "
                "DATABASE_OWNER_URL, or neither"
            )
        return all(given)

    def _is_on(self, name: str, default: str) -> bool:
        return self.environment.get(name, default).lower() in {"1", "true", "yes", "on"}


class Supervisor:
    """Starts the parts in order, watches them, stops them in the opposite order."""

    def __init__(
        self, state: Path, environment: Mapping[str, str], *, office: bool = False
    ) -> None:
        """Take a copy of the environment: the addresses of our own servers are added to it.

        `office`: this is the place of a real office, to be set up if it is not yet.
        """
        self.state = state
        self.sets_up = office
        self.is_office = office or (state / OFFICE_MARK).exists()
        if self.is_office:
            environment = {**environment, "PORTAL_PRODUCTION": "1", "DEMO": "0"}
        self.conditions = Conditions(environment)
        self.environment = {
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            **environment,
            "PORTAL_STATE": str(state),
            "PYTHONUNBUFFERED": "1",
        }
        self.stopping = threading.Event()
        self.postgres: EmbeddedPostgres | None = None
        self.children: list[Child] = []

    def run(self) -> int:
        """Do it all; the result is the exit code."""
        started = time.monotonic()
        try:
            # Others may pass through (PostgreSQL's account must) but not look around.
            self.state.mkdir(mode=0o711, parents=True, exist_ok=True)
            self.check_port()
            make_keys(self)
            self.start_database()
            self.start_broker()
            self.write_addresses()
            self.prepare_data()
            self.start_web()
            self.start_background()
            self.announce(time.monotonic() - started)
            self.watch()
        except StoppedError:
            pass
        except (FailedError, EmbeddedPostgresError, EmbeddedValkeyError) as failure:
            say(str(failure))
            return 1
        except PermissionError as failure:
            say(f"没有权限，可用 PORTAL_STATE 另指定目录 / no permission: {failure.filename}")
            return 1
        finally:
            self.stop_all()
        return 0

    def check_port(self) -> None:
        """Refuse before anything is started: a web server that cannot bind only says so late."""
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((ADDRESS, self.conditions.port))
            except OSError as problem:
                raise FailedError(
                    f"端口 {self.conditions.port} 不可用，可另选：PORT=8001 ./run / "
                    f"port not free: {problem}"
                ) from None

    def start_database(self) -> None:
        """Start our own cluster unless the environment names a database."""
        if self.conditions.database_given:
            return
        self.postgres = EmbeddedPostgres(self.state)
        self.postgres.start()
        prepare_database(self.postgres.url(), DATABASE)
        self.environment["DATABASE_URL"] = self.postgres.url(APP, DATABASE)
        self.environment["DATABASE_OWNER_URL"] = self.postgres.url(OWNER, DATABASE)

    def start_broker(self) -> None:
        """Start our own Valkey unless the environment names a broker."""
        if self.environment.get("REDIS_URL"):
            return
        folder = self.postgres.socket_folder if self.postgres else self.state
        path = folder / "valkey.sock"
        path.unlink(missing_ok=True)
        child = self.spawn("valkey", valkey.command(path))
        valkey.wait_until_it_answers(path, child.process)
        self.environment["REDIS_URL"] = valkey.url(path)

    def write_addresses(self) -> None:
        """Leave the addresses for `. var/run.env && python manage.py …` beside a running portal."""
        names = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "PORTAL_STATE")
        lines = [f"export {name}={shlex.quote(self.environment[name])}\n" for name in names]
        self.addresses.unlink(missing_ok=True)
        self.addresses.touch(mode=0o600)
        self.addresses.write_text("".join(lines), encoding="utf-8")

    @property
    def addresses(self) -> Path:
        """The file of `write_addresses`; it is there only while the portal runs."""
        return self.state / "run.env"

    def prepare_data(self) -> None:
        """Bring tables, reference data and, the first time, the demo data up to date."""
        say("准备数据库… / preparing the database")
        self.manage("upgrade")
        if self.sets_up:
            self.set_up_office()
        if self.conditions.production:
            self.manage("collectstatic", "--noinput", "--verbosity", "0")
        mark = self.state / DEMO_MARK
        if self.conditions.demo and not mark.exists():
            say("载入演示数据… / loading the demo data")
            self.manage("demo", "--if-empty")
            mark.touch()

    def set_up_office(self) -> None:
        """Ask the person at the keyboard; this one command has the screen to itself."""
        command = [sys.executable, "manage.py", "setup_office"]
        if subprocess.run(command, env=self.environment, cwd=BASE, check=False).returncode:
            raise FailedError("单位没有建好，请再运行一次 / not set up, run it again")

    def manage(self, *arguments: str) -> None:
        """Run a management command to its end, or until somebody asks to stop."""
        child = self.spawn(arguments[0], [sys.executable, "manage.py", *arguments])
        self.wait_for(lambda: child.process.poll() is not None, pause=0.02, limit=COMMAND_SECONDS)
        self.children.remove(child)
        child.stop()
        if child.process.returncode:
            raise FailedError(f"manage.py {arguments[0]} 失败 / failed")

    def start_web(self) -> None:
        """Start what answers, and wait until it does so well."""
        self.spawn("web", self.web_command())
        self.wait_for(self.is_ready, pause=0.1, limit=READY_SECONDS)

    def start_background(self) -> None:
        """Start what works and what keeps the calendar; the web, first up, has had the CPU."""
        celery = [sys.executable, "-m", "celery", "--quiet", "-A", "portal"]
        names = ["--without-gossip", "--without-mingle", "-n", "embedded@%h"]
        # A soft shutdown: what is not done within its time goes back to the broker. Celery's
        # warning that root runs the worker tells root nothing new.
        extra = {"REMAP_SIGTERM": "SIGQUIT", "PYTHONWARNINGS": "ignore:You're running the worker"}
        self.spawn("worker", [*celery, "worker", "-l", "warning", "-c", "2", *names], extra)
        schedule = str(self.state / "beat-schedule")
        self.spawn("beat", [*celery, "beat", "-l", "warning", "--pidfile=", "-s", schedule])

    def web_command(self) -> list[str]:
        """Give gunicorn's command: threads, because persistent connections pay most here.

        The project is loaded once, before the workers part: half the time, and memory is shared.
        """
        gunicorn = [
            sys.executable,
            "-m",
            "gunicorn",
            "portal.wsgi",
            "-b",
            f"{ADDRESS}:{self.conditions.port}",
        ]
        memory = ["--worker-tmp-dir", str(MEMORY)] if MEMORY.is_dir() else []
        workers = ["-k", "gthread", "-w", "2", "--threads", "4", "--preload"]
        return [*gunicorn, *workers, *memory, "--no-control-socket", "--log-level", "warning"]

    def spawn(self, name: str, command: list[str], extra: Mapping[str, str] | None = None) -> Child:
        """Start a child that is stopped with the rest."""
        child = Child(name, command, {**self.environment, **(extra or {})})
        self.children.append(child)
        return child

    def is_ready(self) -> bool:
        """Tell whether the site answers 2xx or 3xx; say at once when a part has died."""
        self.raise_for_the_dead()
        return answers_well(self.conditions.port, self.conditions.host)

    def announce(self, seconds: float) -> None:
        """Tell where the portal is and, with demo data, who may log in."""
        say(f"\n门户已就绪 / ready: http://{ADDRESS}:{self.conditions.port}/ ({seconds:.1f} s)")
        if self.conditions.demo:
            self.manage("demo", "--accounts")
        say("按 Ctrl-C 停止 / Ctrl-C stops it\n")

    def watch(self) -> None:
        """Stay until somebody asks to stop or a part dies."""
        while not self.stopping.wait(0.5):
            self.raise_for_the_dead()

    def wait_for(self, condition: Callable[[], bool], *, pause: float, limit: float) -> None:
        """Return when the condition holds; raise when time is up or somebody asks to stop."""
        deadline = time.monotonic() + limit
        while not condition():
            if self.stopping.wait(pause):
                raise StoppedError
            if time.monotonic() > deadline:
                raise FailedError(f"{limit:.0f} 秒内没有完成 / not done within {limit:.0f} s")

    def raise_for_the_dead(self) -> None:
        """A part that ended by itself, with whatever code, is a failure."""
        parts = [(child.name, child.process) for child in self.children]
        if self.postgres and self.postgres.process:
            parts.append(("postgres", self.postgres.process))
        for name, process in parts:
            if process.poll() is not None:
                raise FailedError(f"{name} 意外退出 / exited with code {process.returncode}")

    def stop_all(self) -> None:
        """Stop in the opposite order of the start."""
        if self.children or self.postgres:
            say("正在停止… / stopping")
        for child in reversed(self.children):
            child.stop()
        if self.postgres:
            self.postgres.stop()
        self.addresses.unlink(missing_ok=True)


def make_keys(supervisor: Supervisor) -> None:
    """Make what keys are missing: for an office all of them, said aloud; else the backup's.

    Where secrets are given by hand (PORTAL_PRODUCTION without --office) nothing is made.
    """
    if supervisor.is_office:
        if (supervisor.state / DEMO_MARK).exists():
            raise FailedError(
                "这个目录装过演示数据，正式使用请用 PORTAL_STATE 另选目录 / "
                "this folder has had demo data, choose another with PORTAL_STATE"
            )
        made = keys.ensure(supervisor.environment)
        if any(key.is_new or key.is_open for key in made):
            say(keys.told(made))
        (supervisor.state / OFFICE_MARK).touch()
    elif not supervisor.conditions.production:
        keys.ensure(supervisor.environment, only=("backup",))


def main() -> int:
    """Read what there is to read, let signals ask for the stop, and run."""
    parser = argparse.ArgumentParser(
        prog="./run",
        description="启动门户 / starts the portal",
        epilog="环境变量 / environment: PORT, DEMO=0, PORTAL_STATE, DATABASE_URL and "
        "DATABASE_OWNER_URL, REDIS_URL; see .env.example",
    )
    parser.add_argument(
        "--office", action="store_true", help="正式单位：首次建立并启动 / a real office, no demo"
    )
    office = parser.parse_args().office
    state = Path(os.environ.get("PORTAL_STATE") or BASE / "var").resolve()
    supervisor = Supervisor(state, os.environ, office=office)
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, lambda *_: supervisor.stopping.set())
    return supervisor.run()


if __name__ == "__main__":
    sys.exit(main())
