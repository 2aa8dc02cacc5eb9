"""What the containers bring of their own, held equal to what the launcher does."""

import os
import subprocess
from pathlib import Path

import psycopg
import pytest
import yaml
from django.conf import settings

from portal.embedded import pg
from portal.embedded.pg import INITDB_OPTIONS, SETTINGS
from portal.embedded.supervise import Supervisor

BASE = Path(__file__).resolve().parents[2]
EMBEDDED = BASE / "portal" / "embedded"
COMPOSE = BASE / "docker-compose.yml"


def test_the_first_start_sets_passwords_and_keeps_the_superuser_off_the_network(cluster, tmp_path):
    rules = tmp_path / "pg_hba.conf"
    rules.write_text("host all all all scram-sha-256\n", encoding="utf-8")
    with psycopg.connect(cluster.url(), autocommit=True) as server:
        server.execute("CREATE DATABASE compose")
    programs = pg._wheel_binaries() / "pginstall" / "bin"
    subprocess.run(
        ["sh", EMBEDDED / "initdb.sh"],
        env={
            "PATH": f"{programs}:{os.environ['PATH']}",
            "PGHOST": str(cluster.socket_folder),
            "PGDATA": str(tmp_path),
            "POSTGRES_USER": "postgres",
            "POSTGRES_DB": "compose",
            "PORTAL_APP_PASSWORD": 'it\'s \\ "odd" $1',
            "PORTAL_OWNER_PASSWORD": "密码",
            "LOGINS_SQL": str(EMBEDDED / "logins.sql"),
        },
        check=True,
    )
    with psycopg.connect(cluster.url(database="compose")) as server:
        kept = server.execute(
            "SELECT rolname, rolpassword LIKE 'SCRAM-SHA-256%%' FROM pg_authid"
            " WHERE rolname LIKE 'portal%%' ORDER BY 1"
        ).fetchall()
    assert kept == [("portal_app", True), ("portal_owner", True)]
    assert rules.read_text(encoding="utf-8").splitlines() == [
        "host all postgres all reject",
        "host all all all scram-sha-256",
    ]


@pytest.mark.skipif(not COMPOSE.exists(), reason="the containers' files are not part of this copy")
def test_the_containers_database_is_made_like_the_embedded_one():
    service = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]["postgres"]
    made = set(service["environment"]["POSTGRES_INITDB_ARGS"].split())
    # How the socket is guarded and what initdb prints are the image's own matter.
    assert made == set(INITDB_OPTIONS) - {"--auth=trust", "--no-instructions"}
    for name in (
        "timezone",
        "jit",
        "log_min_messages",
        "log_min_error_statement",
        "log_error_verbosity",
    ):
        assert f"-c {name}={SETTINGS[name]}" in service["command"]


@pytest.mark.skipif(not COMPOSE.exists(), reason="the containers' files are not part of this copy")
def test_only_the_migrations_know_the_owners_password():
    services = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    for name in ("web", "worker", "beat"):
        environment = services[name]["environment"]
        assert "DATABASE_OWNER_URL" not in environment
        assert not environment["POSTGRES_PASSWORD"]
        assert not environment["PORTAL_OWNER_PASSWORD"]
    assert "portal_owner" in services["migrate"]["environment"]["DATABASE_OWNER_URL"]


SERVICES = {"postgres", "valkey", "migrate", "web", "worker", "beat", "nginx"}
COMMANDS = {
    "migrate": "python manage.py upgrade",
    "worker": "celery --quiet -A portal worker",
    "beat": "celery --quiet -A portal beat",
    "valkey": "valkey-server",
    "postgres": "postgres",
}


@pytest.mark.skipif(not COMPOSE.exists(), reason="the containers' files are not part of this copy")
def test_the_services_and_what_they_run():
    services = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    assert set(services) == SERVICES
    for name, command in COMMANDS.items():
        assert services[name]["command"].startswith(command), name
    assert services["migrate"]["restart"] == "no"
    for name in ("web", "worker", "beat"):
        assert services[name]["depends_on"]["migrate"] == {
            "condition": "service_completed_successfully"
        }
    known = {path.stem for path in (BASE / "portal/core/management/commands").glob("*.py")}
    assert "upgrade" in known
    assert [name for name, service in services.items() if "ports" in service] == ["nginx"]
    assert services["postgres"]["image"] == "postgres:18"


@pytest.mark.skipif(not COMPOSE.exists(), reason="the containers' files are not part of this copy")
def test_the_launcher_and_the_containers_run_the_same():
    """What `./run` starts is what the containers start, but for addresses and places."""
    services = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    supervisor = Supervisor(BASE / "nowhere", {})
    dockerfile = (BASE / "Dockerfile").read_text(encoding="utf-8")
    at = supervisor.web_command().index("-b")
    for part in supervisor.web_command()[at + 2 :]:
        assert f'"{part}"' in dockerfile, part
    for name in ("worker", "beat"):
        assert "-A portal" in services[name]["command"]
    assert services["worker"]["environment"]["REMAP_SIGTERM"] == "SIGQUIT"


@pytest.mark.skipif(not COMPOSE.exists(), reason="the containers' files are not part of this copy")
def test_nginx_hands_out_what_the_portal_names_and_nothing_else():
    services = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    conf = (BASE / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    place = services["web"]["environment"]["PRIVATE_MEDIA_ACCEL"]
    stored = conf.split(f"location {place} {{")[1].split("}")[0]
    assert "internal;" in stored
    assert "alias /var/lib/portal/media/;" in stored
    assert conf.count("alias") == 1
    assert conf.count("root ") == 0
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in conf
    assert "access_log off;" in conf
    assert conf.count("{") == conf.count("}")
    mounts = services["nginx"]["volumes"]
    assert all(mount.endswith(":ro") for mount in mounts)
    assert not any(mount.startswith(("state:", "backups:")) for mount in mounts)  # keys lie there
    assert "media:/var/lib/portal/media" in services["web"]["volumes"]
    assert f"127.0.0.1:{8000}" not in str(services["web"])
    size = int(conf.split("client_max_body_size ")[1].split("m;")[0])
    assert size * 1024 * 1024 > settings.UPLOAD_MAX_BYTES
