"""What the containers bring of their own, held equal to what the launcher does."""

import os
import subprocess
from pathlib import Path

import psycopg
import pytest
import yaml

from portal.embedded import pg
from portal.embedded.pg import INITDB_OPTIONS, SETTINGS

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
