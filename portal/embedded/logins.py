"""Makes a database with its two logins (R15): an owner for migrations, an app for the rest."""

from __future__ import annotations

from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

OWNER = "portal_owner"
APP = "portal_app"
LOGINS_SQL = Path(__file__).with_name("logins.sql")


def prepare_database(superuser_url: str, name: str) -> None:
    """Create the database where it is missing, then bring roles and grants up to date.

    Safe to repeat: the launcher does so at each start, so a mended grant reaches old clusters.
    """
    with psycopg.connect(superuser_url, autocommit=True) as server:
        known = server.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone()
        if known is None:
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    with psycopg.connect(make_conninfo(superuser_url, dbname=name)) as database:
        database.execute(LOGINS_SQL.read_bytes())
