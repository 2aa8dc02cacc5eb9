"""The launcher: its order, what it says, and that nothing of it is left behind.

A small stand-in project takes the portal's place, so that a start costs a second; the real one is
started by test_run.py. PostgreSQL and Valkey are the real ones.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from portal.embedded import health, supervise, valkey
from portal.embedded.process import stop_process
from portal.embedded.supervise import Supervisor
from portal.embedded.valkey import EmbeddedValkeyError

BASE = Path(__file__).resolve().parents[2]

MANAGE = """
import os, pathlib, sys
with open("calls", "a") as calls:
    print(*sys.argv[1:], file=calls)
print("said by", sys.argv[1])
refusing = pathlib.Path("refuse")
sys.exit(refusing.exists() and refusing.read_text() == sys.argv[1])
"""
GUNICORN = """
import http.server, pathlib, signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(503 if pathlib.Path("unwell").exists() else 200)
        self.end_headers()
    def log_message(self, *_): pass
host, port = sys.argv[sys.argv.index("-b") + 1].split(":")
http.server.HTTPServer((host, int(port)), Page).serve_forever()
"""
CELERY = """
import os, pathlib, sys, time
kind = "worker" if "worker" in sys.argv else "beat"
pathlib.Path(kind).write_text(str(os.getpid()))
pathlib.Path(kind + ".broker").write_text(os.environ["REDIS_URL"])
time.sleep(300)
"""


@pytest.fixture
def project(own_folder, monkeypatch):
    """A stand-in with the portal's commands; `python -m` finds its gunicorn and celery first."""
    for name, text in (("manage", MANAGE), ("gunicorn", GUNICORN), ("celery", CELERY)):
        (own_folder / f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.setattr(supervise, "BASE", own_folder)
    return own_folder


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# Nobody answers there: these save a test that needs no server the time to start one.
GIVEN = {
    "DATABASE_URL": "postgresql://portal_app@/portal?host=/nowhere",
    "DATABASE_OWNER_URL": "postgresql://portal_owner@/portal?host=/nowhere",
    "REDIS_URL": "redis://127.0.0.1:1/0",
}


def environment(port, **more):
    return {"PATH": os.environ["PATH"], "PORT": str(port)} | more


def calls(project):
    file = project / "calls"
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


def wait_until(condition, seconds=120):  # a bound on a hang, however busy the machine is
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@contextmanager
def running(project, port, capsys, **more):
    """Run the supervisor beside the test; afterwards `result` holds its exit code."""
    supervisor = Supervisor(project / "var", environment(port, **more))
    result = []
    thread = threading.Thread(target=lambda: result.append(supervisor.run()))
    thread.start()
    said = ""

    def is_up():
        nonlocal said
        said += capsys.readouterr().out
        return "Ctrl-C" in said or result

    try:
        wait_until(is_up)
        supervisor.said = said
        yield supervisor, result
    finally:
        supervisor.stopping.set()
        thread.join(60)


MIGRATE = "upgrade"


def test_the_first_start_loads_the_demo_and_the_second_does_not(project, port, capsys):
    with running(project, port, capsys) as (supervisor, _):
        assert calls(project) == [MIGRATE, "demo --if-empty", "demo --accounts"]
        assert f"http://127.0.0.1:{port}/" in supervisor.said
        assert "said by demo" in supervisor.said
        assert health.answers_well(port, "any")
        addresses = supervisor.addresses.read_text(encoding="utf-8")
        assert "DATABASE_URL='postgresql://portal_app@/portal?host=" in addresses
        assert "DATABASE_OWNER_URL='postgresql://portal_owner@/portal?host=" in addresses
        sockets = supervisor.postgres.socket_folder
    assert not supervisor.addresses.exists()
    assert not sockets.exists()
    (project / "calls").unlink()
    with running(project, port, capsys) as (_, result):
        assert calls(project) == [MIGRATE, "demo --accounts"]
    assert result == [0]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"DEMO": "0"}, [MIGRATE]),
        (
            {"PORTAL_PRODUCTION": "1", "PUBLIC_ORIGIN": "https://portal.example.cn"},
            [MIGRATE, "collectstatic --noinput --verbosity 0"],
        ),
    ],
)
def test_no_demo_where_it_was_refused_or_the_use_is_earnest(project, port, capsys, more, expected):
    with running(project, port, capsys, **GIVEN, **more):
        assert calls(project) == expected


def test_the_broker_writes_nothing_to_disk(project, port, capsys):
    with running(project, port, capsys) as (supervisor, _):
        client = redis.Redis(
            unix_socket_path=str(supervisor.postgres.socket_folder / "valkey.sock")
        )
        client.set("key", "value")
        assert client.config_get("save", "appendonly") == {"save": "", "appendonly": "no"}
        wait_until((project / "worker.broker").exists)
        broker = (project / "worker.broker").read_text(encoding="utf-8")
        assert broker.startswith("redis+socket:///")
        client.close()
    assert not list((project / "var").rglob("*.rdb"))


@pytest.mark.parametrize("part", ["worker", "valkey", "postgres"])
def test_a_part_that_dies_takes_the_rest_with_it(project, port, capsys, part):
    with running(project, port, capsys) as (supervisor, result):
        assert not result, supervisor.said
        processes = {child.name: child.process for child in supervisor.children}
        processes["postgres"] = supervisor.postgres.process
        processes[part].kill()
        wait_until(lambda: result)
    assert result == [1]
    assert part in capsys.readouterr().out
    assert all(process.poll() is not None for process in processes.values())


def test_a_migration_that_fails_ends_the_start(project, port, capsys):
    (project / "refuse").write_text("upgrade", encoding="utf-8")
    with running(project, port, capsys, **GIVEN) as (supervisor, result):
        wait_until(lambda: result)
    assert result == [1]
    assert calls(project) == [MIGRATE]
    assert "upgrade 失败" in supervisor.said


def test_a_demo_that_fails_is_loaded_again(project, port, capsys):
    (project / "refuse").write_text("demo", encoding="utf-8")
    with running(project, port, capsys, **GIVEN) as (_, result):
        wait_until(lambda: result)
    assert not (project / "var" / supervise.DEMO_MARK).exists()


def test_a_site_that_is_unwell_is_never_called_ready(project, port, capsys, monkeypatch):
    monkeypatch.setattr(supervise, "READY_SECONDS", 1)
    (project / "unwell").touch()
    with running(project, port, capsys, **GIVEN) as (supervisor, result):
        wait_until(lambda: result)
    assert result == [1]
    assert "ready: http" not in supervisor.said


def test_a_taken_port_is_told_before_anything_starts(project, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert Supervisor(project / "var", environment(port)).run() == 1
    assert f"端口 {port}" in capsys.readouterr().out
    assert not (project / "var" / "pg18").exists()


def test_one_login_is_not_enough(project, port, capsys):
    given = environment(port, DATABASE_URL="postgresql://portal_app@/portal?host=/nowhere")
    assert Supervisor(project / "var", given).run() == 1
    assert "DATABASE_OWNER_URL" in capsys.readouterr().out


def test_servers_that_were_given_are_used(project, port, capsys):
    with running(project, port, capsys, **GIVEN) as (supervisor, _):
        assert supervisor.postgres is None
        assert [child.name for child in supervisor.children] == ["web", "worker", "beat"]


def test_a_folder_that_is_not_ours_is_told(project, port, capsys, monkeypatch):
    def refuse(self, **_):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "mkdir", refuse)
    assert Supervisor(project / "var", environment(port)).run() == 1
    assert "PORTAL_STATE" in capsys.readouterr().out


def test_a_command_that_is_being_run_can_be_stopped(project, port, capsys):
    (project / "manage.py").write_text("import time; time.sleep(60)", encoding="utf-8")
    supervisor = Supervisor(project / "var", environment(port, **GIVEN))
    threading.Timer(1, supervisor.stopping.set).start()
    began = time.monotonic()
    assert supervisor.run() == 0
    assert time.monotonic() - began < 30


def test_a_system_without_valkey_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(valkey, "find_spec", lambda _name: None)
    with pytest.raises(EmbeddedValkeyError, match="REDIS_URL"):
        valkey.command(tmp_path / "socket")


def test_a_valkey_that_does_not_start_is_told(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    with pytest.raises(EmbeddedValkeyError):
        valkey.wait_until_it_answers(tmp_path / "socket", process)


def test_the_health_question_uses_the_configured_name(port):
    assert health.host_name({}, port) == f"127.0.0.1:{port}"
    assert health.host_name({"PUBLIC_ORIGIN": "https://a.cn/x"}, port) == "a.cn"
    assert not health.answers_well(port, "a.cn")


START = "import sys; from pathlib import Path; from portal.embedded import supervise; "


@contextmanager
def as_a_process(project, port):
    # The coverage of a child is counted too, where somebody counts.
    counted = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
    code = START + f"supervise.BASE = Path({str(project)!r}); sys.exit(supervise.main())"
    output = project / "output"
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=BASE,
            env=environment(port, **counted),
            stdout=file,
            stderr=file,
        )
    try:
        wait_until(lambda: "Ctrl-C" in output.read_text("utf-8") or process.poll() is not None)
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_all_in_order(project, port, sign):
    with as_a_process(project, port) as process:
        process.send_signal(sign)
        assert process.wait(60) == 0
    assert not (project / "var" / "pg18" / "postmaster.pid").exists()
    assert not (project / "var" / "run.env").exists()


def test_nothing_outlives_a_supervisor_that_was_killed(project, port):
    with as_a_process(project, port) as process:
        pid_file = project / "var" / "pg18" / "postmaster.pid"
        # The portal answers before its worker has written down who it is.
        wait_until(lambda: (project / "worker").exists() and (project / "worker").read_text())
        pids = [int(pid_file.read_text().split()[0]), int((project / "worker").read_text())]
        process.kill()
        wait_until(lambda: not any(map(alive, pids)))
    # Stopped, not killed: a clean shutdown takes the file away.
    assert not pid_file.exists()


def test_a_process_that_will_not_stop_is_killed():
    deaf = "trap '' TERM; echo ready; while :; do sleep 1; done"
    with subprocess.Popen(["sh", "-c", deaf], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        stop_process(process, signal.SIGTERM, grace=0.2)
        assert process.returncode == -signal.SIGKILL


def test_a_real_office_gets_its_keys_and_never_demo_data(project, port, capsys):
    def run(office):
        supervisor = Supervisor(project / "var", environment(port, **GIVEN), office=office)
        supervisor.stopping.set()  # it stops as soon as it waits for something
        assert supervisor.run() == 0
        return supervisor, capsys.readouterr().out

    supervisor, said = run(office=True)
    names = ("secret_key", "seal.json", "backup.json")
    files = [project / "var" / "keys" / name for name in names]
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)
    assert all(str(file) in said for file in files)
    kept = [file.read_bytes() for file in files]
    assert supervisor.conditions.production
    again, said = run(office=False)
    assert again.conditions.production
    assert not again.conditions.demo
    assert [file.read_bytes() for file in files] == kept
    assert "seal.json" not in said
    files[1].chmod(0o644)
    assert "chmod 600" in run(office=False)[1]


def test_a_folder_that_has_had_demo_data_is_no_office(project, port, capsys):
    (project / "var").mkdir()
    (project / "var" / "demo-loaded").touch()
    supervisor = Supervisor(project / "var", environment(port, **GIVEN), office=True)
    assert supervisor.run() == 1
    assert "演示数据" in capsys.readouterr().out
    assert not (project / "var" / "office").exists()


def test_the_office_is_set_up_by_a_command_that_has_the_screen(project, port, capsys):
    supervisor = Supervisor(project / "var", environment(port, **GIVEN), office=True)
    supervisor.set_up_office()
    assert calls(project) == ["setup_office"]
    (project / "refuse").write_text("setup_office", encoding="utf-8")
    with pytest.raises(supervise.FailedError):
        supervisor.set_up_office()
