"""The test database: made once, its first contents kept aside, brought back after each real commit.

Tests act as portal_app, which may neither truncate nor touch append-only tables. So the flush is a
superuser's, with triggers and foreign keys asleep, and puts back what migrations and
`load_reference` had left: the head of the audit chain, regulation packs, working days.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from portal.embedded.logins import prepare_database

# Workers and runs that share a server have a database of their own each.
NAME = f"test_portal_{os.getpid()}"
ROOT = Path(__file__).resolve().parent.parent
APPS = ("portal", "facilities", "inspections", "evaluations", "complaints")
# What the first contents are made from: migrations, the law, the tables of rights.
SOURCES = ("migrations/*.py", "packs/*", "sql/*", "data/*", "workflow.py", "workflow/*.py")
SOURCES += ("reference.py", "holidays.py", "roles.py", "regulation/*.py")
_TURN = 2023_0302  # any number that is no other lock's
# Django caches the primary keys of these; nothing but a migration writes them.
NEVER_FLUSHED = ["django_migrations", "django_content_type", "auth_permission"]
TABLES = """
    SELECT c.relname,
           array_agg(a.attname ORDER BY a.attnum) FILTER (WHERE a.attgenerated = '')
      FROM pg_class c
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> ALL (%s)
     GROUP BY c.relname
     ORDER BY c.relname
"""


class SeededDatabase:
    """A database that can be brought back to its first contents."""

    def __init__(self, superuser_url: str) -> None:
        """Remember the server; `create` makes the database."""
        self.server_url = superuser_url
        self._restore: sql.Composed | None = None
        self._connection: psycopg.Connection | None = None

    def create(self, fill: Callable[[], None] | None = None) -> None:
        """Make it anew, with the two logins' rights; `fill` brings tables and reference data.

        What `fill` made is kept as a template: the next database with the same sources copies it.
        `fill` leaves no connection open.
        """
        self.drop()
        with psycopg.connect(self.server_url, autocommit=True) as server:
            if fill is None:
                self._prepare(server)
            else:
                self._seeded(server, fill)
        self._connection = psycopg.connect(
            make_conninfo(self.server_url, dbname=NAME), autocommit=True
        )

    def _seeded(self, server: psycopg.Connection, fill: Callable[[], None]) -> None:
        """Copy the template; who finds none makes it, once for all who wait for the same one."""
        name = f"seed_{(fingerprint := _fingerprint())}"
        if not self._exists(server, name):
            server.execute("SELECT pg_advisory_lock(%s)", [int(fingerprint, 16) >> 1])
        if self._exists(server, name):
            _copy(server, name, NAME)
            self._prepare(server)
        else:
            self._prepare(server)
            fill()
            _copy(server, NAME, name)

    def _prepare(self, server: psycopg.Connection) -> None:
        """Roles belong to the cluster, so workers that begin together make them in turn."""
        server.execute("SELECT pg_advisory_lock(%s)", [_TURN])
        prepare_database(self.server_url, NAME)
        server.execute("SELECT pg_advisory_unlock(%s)", [_TURN])

    @staticmethod
    def _exists(server: psycopg.Connection, name: str) -> bool:
        known = server.execute("SELECT FROM pg_database WHERE datname = %s", [name])
        return known.fetchone() is not None

    def drop(self) -> None:
        """Remove it, whoever is still connected."""
        if self._connection:
            self._connection.close()
            self._connection = None
        with psycopg.connect(self.server_url, autocommit=True) as server:
            name = sql.Identifier(NAME)
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))

    def snapshot(self) -> None:
        """Copy every table that holds rows into schema `seed`, out of the application's reach."""
        self.connection.execute("CREATE SCHEMA seed")
        steps = [
            sql.SQL("SET LOCAL session_replication_role = replica"),
            sql.SQL("SET LOCAL lock_timeout = '20s'"),
        ]
        for name, columns in self.connection.execute(TABLES, [NEVER_FLUSHED]).fetchall():
            table, copy = sql.Identifier("public", name), sql.Identifier("seed", name)
            # On small tables this is several times faster than TRUNCATE, and triggers sleep alike.
            steps.append(sql.SQL("DELETE FROM {}").format(table))
            if self.connection.execute(
                sql.SQL("SELECT 1 FROM {} LIMIT 1").format(table)
            ).fetchone():
                self.connection.execute(sql.SQL("CREATE TABLE {} AS TABLE {}").format(copy, table))
                steps.append(_insert(table, copy, columns))
        self._restore = sql.SQL("; ").join(steps)

    def restore(self) -> None:
        """Bring the first contents back, in one transaction."""
        if self._restore is None:
            raise RuntimeError("restore before snapshot")
        with self.connection.transaction():
            self.connection.execute(self._restore)

    @property
    def connection(self) -> psycopg.Connection:
        """The superuser's connection to the test database."""
        if self._connection is None:
            raise RuntimeError("the test database has not been created")
        return self._connection


def _fingerprint() -> str:
    found = hashlib.sha256()
    apps = (ROOT / app for app in APPS)
    files = {file for app in apps for each in SOURCES for file in app.rglob(each) if file.is_file()}
    for file in sorted(files):
        found.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return found.hexdigest()[:16]


def _copy(server: psycopg.Connection, template: str, name: str) -> None:
    server.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
            sql.Identifier(name), sql.Identifier(template)
        )
    )


def _insert(table: sql.Identifier, copy: sql.Identifier, columns: list[str]) -> sql.Composed:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {}").format(
        table, names, names, copy
    )
