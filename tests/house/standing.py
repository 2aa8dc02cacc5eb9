"""The portal as it stands in life: a durable cluster and real processes, to be killed and tried."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import shutil
import signal
import socket
import string
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import psycopg

from portal.embedded import pg, valkey
from portal.embedded.logins import APP, OWNER, prepare_database
from portal.embedded.process import spawn

BASE = Path(__file__).resolve().parents[2]
DATABASE = "portal"
SIGNED_IN = """
import django, json, sys
django.setup()
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.conf import settings
from tests import makers as make
now = make.clock.now()
today = make.clock.day_of(now)
def signed_in(person):
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    return session.session_key
"""
PEOPLE = f"""{SIGNED_IN}
keys = [signed_in(make.clerk(on=today)) for _ in range(2)]
make.user(make.Role.RED_LANE, on=today)
print(json.dumps(keys))
"""
# The numbers in names and codes go on far behind those of the people above.
FILLED_IN = f"""{SIGNED_IN}
make._n = make.count(1000)
owner = make.operator(on=today)
drafts = [make.complete_filing(owner, at=now).number for _ in range(int(sys.argv[1]))]
print(json.dumps([signed_in(owner), drafts]))
"""
# A commit is acknowledged before it is written, and written as late as the server lets us.
WEAK = {"synchronous_commit": "off", "wal_writer_delay": "10s", "wal_writer_flush_after": "1GB"}


def in_letters(token: uuid.UUID) -> str:
    """A name of its own for each; among digits the number of a person turns up by chance."""
    return token.hex.translate(str.maketrans(string.digits, "ghijklmnop"))


class Standing:
    """One portal; `weak` makes its database acknowledge what it has not written."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="kills-"))
        self.folder.chmod(0o711)
        self.state = self.folder / "state"
        self.state.mkdir(mode=0o711)
        self.cluster = pg.EmbeddedPostgres(self.folder, durable=True)
        self.broker = self.folder / "valkey.sock"
        self.port = _free_port()
        self.parts: dict[str, subprocess.Popen[bytes]] = {}
        self.log = (self.folder / "log").open("ab")

    def prepare(self) -> None:
        """Tables, reference data, two clerks who are signed in, and a duty person."""
        self.cluster.start()
        prepare_database(self.cluster.url(), DATABASE)
        self.run("manage.py", "migrate", "--database", "owner", "--noinput", "--verbosity", "0")
        self.run("manage.py", "load_reference")
        self.keys = json.loads(self.run("-c", PEOPLE))

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.defpath,
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "PORTAL_STATE": str(self.state),
            "DATABASE_URL": self.cluster.url(APP, DATABASE),
            "DATABASE_OWNER_URL": self.cluster.url(OWNER, DATABASE),
            "REDIS_URL": valkey.url(self.broker),
            "DEMO": "0",
            "PORT": str(self.port),
            "PYTHONWARNINGS": "ignore",
            "UPLOAD_KEEP_FREE": "0",
        }

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=BASE,
            env=self.environment,
            check=False,
            capture_output=True,
        )
        if done.returncode:
            raise RuntimeError(done.stderr.decode()[-2000:])
        return done.stdout.decode()

    def start(self, *names: str) -> None:
        """Start parts that do not run: postgres, valkey, web, worker, beat."""
        for name in names:
            if name in self.parts:
                continue
            if name == "postgres":
                self.cluster.stop()
                self.cluster.start()
                continue
            self.parts[name] = spawn(
                self._command(name),
                stop_signal=signal.SIGKILL,
                output=self.log,
                environment=self.environment,
                folder=BASE,
            )
            if name == "valkey":
                valkey.wait_until_it_answers(self.broker, self.parts[name])

    def _command(self, name: str) -> list[str]:
        python = [sys.executable, "-m"]
        celery = [*python, "celery", "--quiet", "-A", "portal"]
        if name == "valkey":
            self.broker.unlink(missing_ok=True)
            return valkey.command(self.broker)
        if name == "web":
            gunicorn = [*python, "gunicorn", "portal.wsgi", "-b", f"127.0.0.1:{self.port}"]
            return [*gunicorn, "-k", "gthread", "-w", "1", "--threads", "4", "--no-control-socket"]
        if name == "worker":
            quick = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
            return [*celery, "worker", "-l", "warning", "-c", "1", *quick]
        return [*celery, "beat", "-l", "warning", "--pidfile=", "-s", str(self.folder / "beat")]

    def kill(self, name: str) -> None:
        """SIGKILL to the part and to everything it has started."""
        process = self.cluster.process if name == "postgres" else self.parts.pop(name)
        assert process is not None
        for pid in [process.pid, *_descendants(process.pid)]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        process.wait()

    def wait_for_web(self) -> None:
        deadline = time.monotonic() + 180
        while self.get("/healthz") != 200:
            if time.monotonic() > deadline:
                raise RuntimeError("the web does not come up")
            time.sleep(0.05)

    def get(self, path: str, timeout: float = 10) -> int:
        try:
            line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
            line.request("GET", path)
            return line.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            line.close()

    def send(self, token: uuid.UUID, key: str) -> bool:
        """Note a hint; True when the portal said that it is noted."""
        status, where, _page = self.post("/desk/leads/new/", f"session={key}", {
            "token": str(token), "source": "phone", "name": f"示例{in_letters(token)}",
            "community": "longquan", "address": "龙泉路40号", "description": "两个班",
        })  # fmt: skip
        return status in {302, 303} and where.startswith("/desk/leads/")

    def post(self, path: str, cookie: str, values: dict[str, str]) -> tuple[int, str, str]:
        """Send a form: status, where it leads, and the page; 0 when nobody answers."""
        csrf = secrets.token_hex(16)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": f"{cookie}; csrf={csrf}",
            "X-CSRFToken": csrf,
        }
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        try:
            line.request("POST", path, urlencode(values), headers)
            answer = line.getresponse()
            return answer.status, answer.headers.get("Location", ""), answer.read().decode()
        except (OSError, http.client.HTTPException):
            return 0, "", ""
        finally:
            line.close()

    def rows(self, statement: str, *values: object) -> list[tuple]:
        with psycopg.connect(self.cluster.url(database=DATABASE)) as database:
            return database.execute(statement, values).fetchall()

    def close(self) -> None:
        for name in list(self.parts):
            self.kill(name)
        self.cluster.stop()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


Send = Callable[[Standing, uuid.UUID, str], bool]


class Senders:
    """People who send without a pause, and press again with the same form when it failed."""

    def __init__(self, portal: Standing, send: Send = Standing.send) -> None:
        self.portal, self.send = portal, send
        self.acknowledged: set[uuid.UUID] = set()
        self.begun: set[uuid.UUID] = set()
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self._send, args=(key,)) for key in portal.keys]

    def __enter__(self) -> Senders:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def wait_for(self, more: int) -> None:
        """Until so many more have been acknowledged."""
        goal, deadline = len(self.acknowledged) + more, time.monotonic() + 180
        while len(self.acknowledged) < goal:
            if time.monotonic() > deadline:
                raise RuntimeError("nothing is acknowledged any more")
            time.sleep(0.01)

    def _send(self, key: str) -> None:
        while not self.stop.is_set():
            token = uuid.uuid4()
            self.begun.add(token)
            while not self.stop.is_set():
                if self.send(self.portal, token, key):
                    self.acknowledged.add(token)
                    break
                time.sleep(0.05)


class Drafts:
    """Filings that are filled in: each form that is sent declares one of its own."""

    def __init__(self, portal: Standing, count: int) -> None:
        self.session, numbers = json.loads(portal.run("-c", FILLED_IN, str(count)))
        self.free = deque(numbers)
        self.taken: dict[uuid.UUID, str] = {}

    def declare(self, portal: Standing, token: uuid.UUID, _key: str) -> bool:
        """Sign and send; True when the portal said that it has been handed in."""
        if token not in self.taken:
            self.taken[token] = self.free.popleft()
        page = f"/my/filing/{self.taken[token]}"
        values = {"agreed": "on", "declared_name": "示例负责人"}
        _status, where, _page = portal.post(
            f"{page}/declaration/", f"session={self.session}", values
        )
        return where == f"{page}/done/"


def until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait for it; a sentence when it does not come."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(what)
        time.sleep(0.1)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _descendants(pid: int) -> list[int]:
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                text = (entry / "stat").read_text()
            except OSError:
                continue
            parents.setdefault(int(text[text.rindex(")") + 2 :].split()[1]), []).append(
                int(entry.name)
            )
    found, look = [], [pid]
    while look:
        children = parents.get(look.pop(), [])
        found += children
        look += children
    return found
